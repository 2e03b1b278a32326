import { expect } from 'chai';
import { defer, EMPTY } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { DoubtVerdict } from '../../lib/environment/environment.js';
import { verdictOn } from '../../lib/orchestrator/doubt-verdict.js';
import { resumptionOf, type DoubtfulCall, type InDoubt, type Resumption } from '../../lib/orchestrator/resume.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const UNKNOWN = 'the run broke off while it was at work, and whether it was done is not known';

const call = { callId: '1.1', name: 'send', params: {}, isIdempotent: false };

const event = (seq: number, type: string, data: object): StreamEvent =>
  ({ type, runId: 'r', seq, step: seq === 0 ? 0 : 1, timestamp: 0, data }) as StreamEvent;

const log = [
  event(0, 'task_start', { purpose: 'send it', maxSteps: 1, earlyStopPhi: null, initialState: { data: {} } }),
  event(1, 'step_start', { step: 1 }),
  event(2, 'action', { name: 'send', params: {}, thought: '', expectedDelta: '' }),
];

const brokenOff = (inDoubt: unknown, more: readonly StreamEvent[] = []): Resumption<{}> => {
  const resumption = resumptionOf({ resumeFrom: [...log, ...more], inDoubt: inDoubt as InDoubt });
  if (resumption === undefined) throw new Error('there is nothing to go on from');
  return resumption;
};

const verdictsOn = (resumption: Resumption<{}>, asked: DoubtfulCall = call): unknown[] => {
  const heard: unknown[] = [];
  verdictOn(resumption, asked).subscribe((verdict) => heard.push(verdict));
  return heard;
};

const failed = (why: string) => [{ type: 'fail', reason: `${UNKNOWN}: ${why}` }];

const refuse = (): never => {
  throw new Error('no desk');
};

const denied = (reason?: string): readonly StreamEvent[] => [
  event(3, 'approval_request', { callId: '1.1', name: 'send', params: {} }),
  event(4, 'approval_decision', { callId: '1.1', decision: 'deny', ...(reason === undefined ? {} : { reason }) }),
];

describe('verdictOn', () => {
  it('waits for the verdict, takes the first, and lets go of whoever gives it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const said = cold<DoubtVerdict>('  --r-f', { r: { type: 'retry' }, f: { type: 'fail', reason: 'no' } });
      expectObservable(
        verdictOn(
          brokenOff(() => said),
          call,
        ),
      ).toBe('--(r|)', { r: { type: 'retry' } });
      expectSubscriptions(said.subscriptions).toBe('^-!');
    }));

  it('fails what cannot be told of', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const said = cold<DoubtVerdict>('--#', {}, new Error('no desk'));
      expectObservable(
        verdictOn(
          brokenOff(() => said),
          call,
        ),
      ).toBe('--(f|)', { f: failed('no desk')[0] });
    }));

  it('fails where whoever is asked throws, says nothing, or says what is no verdict', () => {
    expect(verdictsOn(brokenOff(refuse))).to.deep.equal(failed('no desk'));
    expect(verdictsOn(brokenOff(() => defer(() => EMPTY)))).to.deep.equal(failed('nobody decided'));
    for (const said of ['retry', null, undefined, 5, [], {}, { type: 'done' }])
      expect(verdictsOn(brokenOff(() => said))).to.deep.equal(
        failed("what was said of it is no verdict: it has to be { type: 'retry' }, 'fail' or 'settled'"),
      );
    expect(verdictsOn(brokenOff(() => ({ type: 'fail' })))).to.deep.equal([{ type: 'fail', reason: UNKNOWN }]);
  });

  it('retries what its tool says may be made twice, where that is wanted', () => {
    expect(verdictsOn(brokenOff('retry'), { ...call, isIdempotent: true })).to.deep.equal([{ type: 'retry' }]);
    expect(verdictsOn(brokenOff('retry'))).to.deep.equal([{ type: 'fail', reason: UNKNOWN }]);
    expect(verdictsOn(brokenOff('fail'), { ...call, isIdempotent: true })).to.deep.equal([{ type: 'fail', reason: UNKNOWN }]);
  });

  it('asks nobody about a call that was denied', () => {
    expect(verdictsOn(brokenOff(refuse, denied('not today')))).to.deep.equal([{ type: 'fail', reason: 'denied: not today' }]);
    expect(verdictsOn(brokenOff(refuse, denied()))).to.deep.equal([{ type: 'fail', reason: 'denied: no reason was given' }]);
  });
});
