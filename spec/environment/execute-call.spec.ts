import { expect } from 'chai';
import * as t from 'io-ts';
import { asyncScheduler, EMPTY, NEVER, of, throwError, type Observable } from 'rxjs';
import type { JsonRecord } from '../../lib/domain/json.js';
import type { Approval, CallRequest, ExecuteContext } from '../../lib/environment/environment.js';
import { executeCall } from '../../lib/environment/execute-call.js';
import { tool, type AnyTool } from '../../lib/environment/tool.js';
import { toolSettings } from '../../lib/environment/tool-settings.js';
import type { ToolSignal } from '../../lib/environment/tool-signal.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const Params = t.strict({ path: t.string });
const params: JsonRecord = { path: 'a' };

const executing = (run: AnyTool['run'], context: Partial<ExecuteContext>, given: JsonRecord = params, name = 'x') =>
  executeCall({
    call: { name, params: given },
    callId: '1.1',
    state: { data: {} },
    settings: toolSettings<JsonRecord>({
      tools: [tool({ name: 'x', params: Params, run }), { name: 'bare', run }],
      concurrency: 1,
      timeout: 50,
      settleWithin: 1,
      maxOutput: 1_000,
      scheduler: asyncScheduler,
    }),
    context: { step: 1, createCallId: () => '1.1', ...context },
    slots: undefined,
  });

const start = (told: JsonRecord = params, name = 'x') => ({ type: 'tool_start', data: { callId: '1.1', name, params: told } });
const end = (data: object, name = 'x') => ({ type: 'tool_end', data: { callId: '1.1', name, ...data } });
const failed = (error: string, name = 'x') => end({ ok: false, error }, name);

const heardOf = (source: Observable<ToolSignal>): unknown[] => {
  const heard: unknown[] = [];
  source.subscribe({ next: (item) => heard.push(item), complete: () => heard.push('|') });
  return heard;
};

const given = (told: JsonRecord = params): Approval => ({ isApproved: true, params: told });
const denied = (reason: string): Approval => ({ isApproved: false, reason });

const notAsked = (): never => expect.fail('was asked');

describe('executeCall', () => {
  it('waits for leave before anything is told, and runs', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const approval = cold('  ---(y|)', { y: given() });
      const work = cold('         --(v|)', { v: 'v' });
      const expected = '       ---s-(e|)';

      expectObservable<object>(executing(() => work, { approve: () => approval })).toBe(expected, {
        s: start(),
        e: end({ ok: true, output: 'v' }),
      });
      expectSubscriptions(approval.subscriptions).toBe('^--!');
      expectSubscriptions(work.subscriptions).toBe('---^-!');
    }));

  it('tells a call that was denied with its end at once, and does not run it', () =>
    agentMarbles(({ cold, expectObservable, flush }) => {
      let runs = 0;
      const approval = cold('  ---n', { n: denied('too dear') });
      const expected = '       ---(se|)';
      expectObservable<object>(executing(() => (runs += 1), { approve: () => approval })).toBe(expected, {
        s: start(),
        e: failed('denied: too dear'),
      });
      flush();
      expect(runs).to.equal(0);
    }));

  it('takes the first decision, and lets go of whoever decides', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const approval = cold('  -y-n', { y: given(), n: denied('no') });
      expectObservable<object>(executing(() => of('v'), { approve: () => approval })).toBe('-(se|)', {
        s: start(),
        e: end({ ok: true, output: 'v' }),
      });
      expectSubscriptions(approval.subscriptions).toBe('^!');
    }));

  it('is over for whoever leaves while it waits', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const approval = cold('  ---y', { y: given() });
      const work = cold('      -');
      const unsubscribed = '   ^-!';
      expectObservable<object>(
        executing(() => work, { approve: () => approval }),
        unsubscribed,
      ).toBe('');
      expectSubscriptions(approval.subscriptions).toBe(unsubscribed);
      expectSubscriptions(work.subscriptions).toBe([]);
    }));

  it('asks with the call, and runs with the parameters as they were approved', () => {
    const asked: CallRequest[] = [];
    const seen: unknown[] = [];
    const approve = (call: CallRequest): Observable<Approval> => {
      asked.push(call);
      return of(given({ path: 'b' }));
    };
    const heard = heardOf(executing((decoded) => void seen.push(decoded), { approve }));
    expect(asked).to.deep.equal([{ callId: '1.1', name: 'x', params }]);
    expect(seen).to.deep.equal([{ path: 'b' }]);
    expect(heard).to.deep.equal([start({ path: 'b' }), end({ ok: true, output: null }), '|']);
  });

  it('refuses parameters that were edited into bad ones', () => {
    const heard = heardOf(executing(() => expect.fail('it ran'), { approve: () => of(given({ path: 5 })) }));
    expect(heard).to.deep.equal([start({ path: 5 }), failed('bad parameters: /path: expected string, got 5'), '|']);
  });

  const silent: readonly (readonly [what: string, answer: () => Observable<Approval>, error: string])[] = [
    ['decides nothing', () => EMPTY, 'denied: nobody decided'],
    ['fails', () => throwError(() => new Error('the desk is closed, sk-live-0123456789abcdef')), 'denied: the desk is closed, [redacted]'],
    [
      'throws',
      () => {
        throw new Error('no desk');
      },
      'denied: no desk',
    ],
  ];
  for (const [what, approve, error] of silent) {
    it(`denies where whoever is asked ${what}`, () => {
      expect(heardOf(executing(() => expect.fail('it ran'), { approve }))).to.deep.equal([start(), failed(error), '|']);
    });
  }

  it('asks for no leave for a call that could not run', () => {
    expect(heardOf(executing(() => 1, { approve: notAsked }, { path: 5 }))).to.deep.equal([
      start({ path: 5 }),
      failed('bad parameters: /path: expected string, got 5'),
      '|',
    ]);
    expect(heardOf(executing(() => 1, { approve: notAsked }, params, 'y'))).to.deep.equal([
      start(params, 'y'),
      failed('there is no tool "y"; there are: x, bare', 'y'),
      '|',
    ]);
  });

  const hostile = JSON.parse('{"path":"a","__proto__":{"force":true}}') as JsonRecord;
  for (const name of ['x', 'bare']) {
    it(`hands over no key __proto__, ${name === 'x' ? 'with' : 'without'} a codec`, () => {
      const seen: unknown[] = [];
      const look: AnyTool['run'] = (decoded) => void seen.push(decoded);
      heardOf(executing(look, {}, hostile, name));
      heardOf(executing(look, { approve: () => of(given(hostile)) }, params, name));
      expect(seen).to.deep.equal([{ path: 'a' }, { path: 'a' }]);
      for (const decoded of seen) expect(Object.hasOwn(Object(decoded) as object, '__proto__')).to.equal(false);
    });
  }

  describe('a call that had begun before the run was resumed', () => {
    const begun = new Map([['1.1', { callId: '1.1', name: 'x', params: { path: 'edited' } }]]);

    it('runs again as it began, without a second start', () => {
      const seen: unknown[] = [];
      const context = { begun, runId: 'r', resolveDoubt: () => of({ type: 'retry' as const }) };
      const heard = heardOf(executing((decoded, { idempotencyKey }) => void seen.push(decoded, idempotencyKey), context));
      expect(heard).to.deep.equal([end({ ok: true, output: null }), '|']);
      expect(seen).to.deep.equal([{ path: 'edited' }, 'r:1.1']);
    });

    it('needs leave to run again', () => {
      const context = { begun, resolveDoubt: () => of({ type: 'retry' as const }), approve: () => of(denied('not twice')) };
      expect(heardOf(executing(() => expect.fail('it ran'), context))).to.deep.equal([failed('denied: not twice'), '|']);
    });

    it('ends as it would have where it could never run', () => {
      const asked = { begun, resolveDoubt: notAsked };
      expect(heardOf(executing(() => 1, asked, params, 'y'))).to.deep.equal([failed('there is no tool "y"; there are: x, bare', 'y'), '|']);
    });
  });

  it('stops the work of whoever leaves it', () => {
    let aborted: AbortSignal | undefined;
    const work: AnyTool['run'] = (_, { signal }) => {
      aborted = signal;
      return NEVER;
    };
    executing(work, { approve: () => of(given()) })
      .subscribe()
      .unsubscribe();
    expect(aborted?.aborted).to.equal(true);
  });
});
