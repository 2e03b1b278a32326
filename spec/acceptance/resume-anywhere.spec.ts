import { expect } from 'chai';
import fc from 'fast-check';
import { concat, defer, map, of, take, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Actor } from '../../lib/actor/actor.js';
import { PARALLEL } from '../../lib/domain/action.js';
import { countedEvents } from '../../lib/domain/counted-events.js';
import { foldRun } from '../../lib/domain/run-state.js';
import { decided, scored, token } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { TaskResult } from '../../lib/domain/task.js';
import type { DoubtVerdict } from '../../lib/environment/environment.js';
import { tool, type AnyTool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import type { ApprovalDecision } from '../../lib/orchestrator/approval.js';
import type { DoubtfulCall } from '../../lib/orchestrator/resume.js';
import { journalTo } from '../../lib/policies/journal-to.js';
import type { PurposeFunction } from '../../lib/purpose/purpose-function.js';
import { orchestrate } from '../support/orchestrate.js';

const purpose = 'come to the same';
const STEPS = 3;
const tools = ['quick', 'slow', 'idempotent', 'sequential', 'failing'];

/** A whole number below a limit that depends on its parts alone: the agent decides by it, and by all that it is told. */
const drawn = (limit: number, ...parts: unknown[]): number => {
  let hash = 2_166_136_261;
  for (const unit of JSON.stringify(parts)) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 16_777_619);
  return ((hash ^ (hash >>> 13)) >>> 0) % limit;
};

const outputOf = (name: string, params: unknown): string => `${name} of ${JSON.stringify(params)}`;

/** An agent that depends on its seed, and how often each of its calls was at work. */
const agentOf = (seed: number) => {
  const kept: StreamEvent[] = [];
  const worked: string[] = [];
  const made = (name: string): AnyTool =>
    tool({
      name,
      isIdempotent: name === 'idempotent',
      sequential: name === 'sequential',
      run: (params, { callId }) =>
        defer(() => {
          worked.push(callId);
          if (name === 'failing') return throwError(() => new Error('no use'));
          const output$ = of(outputOf(name, params));
          return name === 'quick' ? output$ : timer(drawn(5, seed, callId)).pipe(map(() => outputOf(name, params)));
        }),
    });
  const actor: Actor = {
    decide: ({ step, state, history, attempt = 1 }) => {
      const calls = Array.from({ length: 2 + drawn(3, seed, step) }, (_, index) => ({
        name: tools[drawn(tools.length, seed, step, index)] ?? 'quick',
        params: { step, index },
      }));
      const thought = `after ${drawn(1_000_000, state, history)}`;
      const action = step > STEPS ? { name: 'DONE', params: { answer: thought } } : { name: PARALLEL, params: { calls }, thought };
      return concat(of(token('I ', { attempt })), timer(1).pipe(map(() => token('think', { attempt }))), of(decided(action)));
    },
  };
  const purposeFunction: PurposeFunction = {
    evaluate: ({ stateAfter, scores, attempt = 1 }) =>
      concat(
        of(token('so', { attempt })),
        timer(1).pipe(map(() => scored({ phiBefore: scores.at(-1)?.phiAfter ?? 0, phiAfter: drawn(9, seed, stateAfter), evidence: 'e' }))),
      ),
  };
  const ask = ({ callId, params }: { readonly callId: string; readonly params: object }): Observable<ApprovalDecision> => {
    const decisions: readonly ApprovalDecision[] = [
      { decision: 'approve' },
      { decision: 'deny', reason: 'not today' },
      { decision: 'edit', params: { ...params, isEdited: true } },
    ];
    return timer(drawn(4, seed, callId)).pipe(map(() => decisions[drawn(3, seed, callId, 'decision')] ?? { decision: 'approve' }));
  };
  const orchestrator = orchestrate({
    actor,
    purposeFunction,
    environment: toolEnvironment({ tools: tools.map(made) }),
    approve: { when: ({ callId }) => drawn(2, seed, callId, 'leave') === 0, ask },
    journal: journalTo({
      append: (event) => {
        kept.push(event);
        return seed % 2 === 0 ? undefined : timer(1);
      },
    }),
  });
  return { orchestrator, kept, worked };
};

/** Knows of each call what came of it. */
const settle = ({ name, params }: DoubtfulCall): DoubtVerdict =>
  name === 'failing' ? { type: 'fail', reason: 'no use' } : { type: 'settled', output: outputOf(name, params) };

const callIdsOf = (events: readonly StreamEvent[], type: 'tool_start' | 'tool_end'): readonly string[] =>
  events.flatMap((event) => (event.type === type ? [event.data.callId] : []));

/** Runs an agent from a log on, and leaves it after so many events. */
const run = (seed: number, resumeFrom: readonly StreamEvent[], leaveAfter = Infinity) => {
  const { orchestrator, kept, worked } = agentOf(seed);
  const ended = new Set(callIdsOf(resumeFrom, 'tool_end'));
  let result: TaskResult | undefined;
  new TestScheduler(() => undefined).run(({ flush }) => {
    const agent = orchestrator.runTaskStream({ purpose, resumeFrom, inDoubt: settle });
    if (leaveAfter === Infinity) agent.result$.subscribe((value) => (result = value));
    else agent.pipe(take(leaveAfter)).subscribe();
    flush();
  });
  expect(new Set(worked).size, 'calls that were at work').to.equal(worked.length);
  expect(
    worked.filter((callId) => ended.has(callId)),
    'calls at work again',
  ).to.deep.equal([]);
  // As text, as a file has it.
  const log = JSON.parse(JSON.stringify(countedEvents([...resumeFrom, ...kept]))) as StreamEvent[];
  return { log, result };
};

describe('a run of parallel tools and approvals, broken off anywhere, again and again', () => {
  it('comes to what the undisturbed run comes to, with one start and one end of each call', function (this: Mocha.Context) {
    this.timeout(20_000);
    const cuts = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 25 })), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.nat(1_000_000), cuts, (seed, breaks) => {
        const undisturbed = run(seed, []);
        let { log } = undisturbed;
        for (const [cut, leaveAfter] of breaks) ({ log } = run(seed, log.slice(0, 1 + (cut % log.length)), leaveAfter));
        const resumed = run(seed, log);
        expect(undisturbed.result?.stopReason).to.equal('done');
        expect(resumed.result?.trajectory).to.deep.equal(undisturbed.result?.trajectory);
        expect(resumed.result?.answer).to.equal(undisturbed.result?.answer);
        expect(foldRun(resumed.log).history).to.deep.equal(foldRun(undisturbed.log).history);
        const [starts, ends] = [callIdsOf(resumed.log, 'tool_start'), callIdsOf(resumed.log, 'tool_end')];
        expect(new Set(starts).size, 'starts').to.equal(starts.length);
        expect(ends.toSorted(), 'ends').to.deep.equal(starts.toSorted());
      }),
      { seed: 1, numRuns: 40 },
    );
  });
});
