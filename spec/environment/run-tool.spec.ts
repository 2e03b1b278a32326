import { expect } from 'chai';
import { asyncScheduler, NEVER, Subject, throwError, type Observable } from 'rxjs';
import type { JsonRecord } from '../../lib/domain/json.js';
import type { ExecuteContext } from '../../lib/environment/environment.js';
import { runTool, type RunToolConfig } from '../../lib/environment/run-tool.js';
import type { ToolContext } from '../../lib/environment/tool.js';
import { toolSettings } from '../../lib/environment/tool-settings.js';
import type { ToolSignal } from '../../lib/environment/tool-signal.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const settings = toolSettings<JsonRecord>({
  tools: [],
  concurrency: 1,
  timeout: 50,
  settleWithin: 1,
  maxOutput: 1_000,
  scheduler: asyncScheduler,
});

const run = (work: (params: unknown, context: ToolContext) => unknown, config: Partial<RunToolConfig<JsonRecord>> = {}) =>
  runTool({
    tool: { name: 'x', run: work },
    params: { told: 1 },
    decoded: { taken: 1 },
    callId: '1.1',
    state: { data: {} },
    settings,
    context: undefined,
    ...config,
  });

const inRun = (context: Partial<ExecuteContext>): { readonly context: ExecuteContext } => ({
  context: { step: 1, createCallId: () => '1.1', runId: 'run-7', ...context },
});

const start = { type: 'tool_start', data: { callId: '1.1', name: 'x', params: { told: 1 } } };
const end = (data: object) => ({ type: 'tool_end', data: { callId: '1.1', name: 'x', ...data } });
const values = { s: start, e: end({ ok: true, output: 'v' }) };

const heardOf = (source: Observable<ToolSignal>): ToolSignal[] => {
  const heard: ToolSignal[] = [];
  source.subscribe((item) => heard.push(item));
  return heard;
};

describe('runTool', () => {
  it('tells the parameters as they came, and hands over those that were decoded', () => {
    const seen: unknown[] = [];
    expect(heardOf(run((params) => void seen.push(params)))[0]).to.deep.equal(start);
    expect(seen).to.deep.equal([{ taken: 1 }]);
  });

  it('names a call among those of all runs, and by its id outside of them', () => {
    const keys: string[] = [];
    const look = (_: unknown, { idempotencyKey }: ToolContext) => void keys.push(idempotencyKey);
    run(look, inRun({})).subscribe();
    run(look).subscribe();
    run(look, { ...inRun({}), isBegun: true }).subscribe();
    expect(keys).to.deep.equal(['run-7:1.1', '1.1', 'run-7:1.1']);
  });

  it('does not tell again of a start that was told before the run was resumed', () => {
    expect(heardOf(run(() => 'v', { isBegun: true }))).to.deep.equal([values.e]);
  });

  it('takes the timeout and the longest output of its tool before those of the environment', () => {
    const tool = { name: 'x', timeout: 5, maxOutput: 100 };
    agentMarbles(({ expectObservable }) => {
      const error = 'timed out after 5 ms';
      expectObservable<object>(run(() => NEVER, { tool: { ...tool, run: () => NEVER } })).toBe('s----(e|)', {
        s: start,
        e: end({ ok: false, error, settlement: 'timeout' }),
      });
      expectObservable<object>(run(() => NEVER)).toBe('s 49ms (e|)', {
        s: start,
        e: end({ ok: false, error: 'timed out after 50 ms', settlement: 'timeout' }),
      });
      expectObservable<object>(
        run(() => NEVER, { tool: { ...tool, timeout: null, run: () => NEVER } }),
        '^ 1s !',
      ).toBe('s', values);
    });
    const [, ended] = heardOf(run(() => '', { tool: { ...tool, run: () => 'y'.repeat(200) } }));
    expect(JSON.stringify(ended)).to.include('are missing').and.have.length.below(200);
  });

  it('begins when its start is kept', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const kept = cold<never>('---|');
      const work = cold('          --(v|)', { v: 'v' });
      const expected = '        s----(e|)';
      const { context } = inRun({ whenKept: () => kept });

      expectObservable<object>(run(() => work, { context })).toBe(expected, values);
      expectSubscriptions(kept.subscriptions).toBe('^--!');
      expectSubscriptions(work.subscriptions).toBe('---^-!');
    }));

  it('begins at once where that is kept at once', () => {
    let asked = 0;
    const kept = new Subject<never>();
    kept.complete();
    const whenKept = (): Observable<never> => {
      asked += 1;
      return kept;
    };
    expect(heardOf(run(() => 'v', inRun({ whenKept })))).to.deep.equal([values.s, values.e]);
    expect(asked).to.equal(1);
  });

  it('is not begun by who leaves before its start is kept', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const kept = cold<never>('---|');
      const unsubscribed = '    ^-!';
      let runs = 0;
      const { context } = inRun({ whenKept: () => kept });

      expectObservable<object>(
        run(() => (runs += 1), { context }),
        unsubscribed,
      ).toBe('s', values);
      expectSubscriptions(kept.subscriptions).toBe(unsubscribed);
      flush();
      expect(runs).to.equal(0);
    }));

  it('is not run where its start cannot be kept', () => {
    let runs = 0;
    const { context } = inRun({ whenKept: () => throwError(() => new Error('the disk is full')) });
    const heard = heardOf(run(() => (runs += 1), { context }));
    expect(heard).to.deep.equal([start, end({ ok: false, error: 'not run, as its start was not kept: the disk is full' })]);
    expect(runs).to.equal(0);
  });
});
