import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as t from 'io-ts';
import { concat, EMPTY, map, NEVER, Observable, of, Subject, take, throwError, timer, VirtualTimeScheduler } from 'rxjs';
import type { Action } from '../../lib/domain/action.js';
import type { JsonRecord } from '../../lib/domain/json.js';
import type { Signal } from '../../lib/domain/signal.js';
import type { State } from '../../lib/domain/state.js';
import type { Environment, ExecuteContext } from '../../lib/environment/environment.js';
import { tool, toolProgress, type AnyTool } from '../../lib/environment/tool.js';
import { toolEnvironment, type ToolEnvironmentConfig } from '../../lib/environment/tool-environment.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { promiseOf } from '../support/thenables.js';
import { expectNoUnhandledRejection } from '../support/unhandled-rejections.js';

const state: State = { data: { seen: true } };
const action = (name: string, params: JsonRecord = {}): Action => ({ name, params, thought: '', expectedDelta: '' });
const parallel = (...calls: { name: string; params: JsonRecord }[]): Action => action('parallel', { calls });
const call = (name: string, params: JsonRecord = {}) => ({ name, params });

/** The context of a step, with ids of its own: `1.1`, `1.2`, … */
const inStep = (step: number): ExecuteContext => {
  let calls = 0;
  return { step, createCallId: () => `${step}.${(calls += 1)}` };
};

type Item = State | Signal;

/** Everything that executing an action gives, for tools that answer at once. */
const execute = (config: ToolEnvironmentConfig, chosen: Action, before: State = state): Item[] => {
  const seen: Item[] = [];
  let isComplete = false;
  toolEnvironment(config)
    .execute(chosen, before, inStep(1))
    .subscribe({
      next: (item) => seen.push(item),
      complete: () => {
        isComplete = true;
      },
    });
  expect(isComplete).to.equal(true);
  return seen;
};

/** As {@link execute}, for tools that answer later. */
const executeLater = (tools: readonly AnyTool[], chosen: Action): Promise<Item[]> =>
  new Promise((resolve, reject) => {
    const seen: Item[] = [];
    toolEnvironment({ tools })
      .execute(chosen, state, inStep(1))
      .subscribe({
        next: (item) => seen.push(item),
        error: reject,
        complete: () => {
          resolve(seen);
        },
      });
  });

const observationsOf = (items: readonly Item[]): unknown => {
  const last = items.at(-1);
  return last !== undefined && !('type' in last) ? last.data['observations'] : undefined;
};

/** The tool named `fail`, whatever it does, next to one that works. */
const besideAnother = (failing: Pick<AnyTool, 'run' | 'params'>, params: JsonRecord = {}): unknown =>
  observationsOf(
    execute(
      {
        tools: [
          { name: 'fail', ...failing },
          { name: 'work', run: () => 'fine' },
        ],
      },
      parallel(call('fail', params), call('work')),
    ),
  );

const worked = { callId: '1.2', name: 'work', ok: true, output: 'fine' };
const failed = (error: string) => ({ callId: '1.1', name: 'fail', ok: false, error });

const slowCalls = (...delays: number[]): Action => parallel(...delays.map((ms) => call('slow', { ms })));

const started = (index: number, ms: number): Signal => ({
  type: 'tool_start',
  data: { callId: `1.${index}`, name: 'slow', params: { ms } },
});

const observed = (index: number, output: number): JsonRecord => ({ callId: `1.${index}`, name: 'slow', ok: true, output });

const ended = (index: number, output: number): Signal => ({ type: 'tool_end', data: observed(index, output) });

/** What `x` with the timeout gives: started, ended badly or well, and the state after each. */
const timedValues = (timeout: number) => ({
  s: { type: 'tool_start', data: { callId: '1.1', name: 'x', params: {} } },
  E: { type: 'tool_end', data: { callId: '1.1', name: 'x', ok: false, error: `timed out after ${timeout} ms`, settlement: 'timeout' } },
  A: { type: 'tool_end', data: { callId: '1.1', name: 'x', ok: true, output: 'a' } },
  e: {
    data: {
      seen: true,
      observations: [{ callId: '1.1', name: 'x', ok: false, error: `timed out after ${timeout} ms`, settlement: 'timeout' }],
    },
  },
  a: { data: { seen: true, observations: [{ callId: '1.1', name: 'x', ok: true, output: 'a' }] } },
});

const refuse = (): never => {
  throw new Error('cannot');
};

const named = (name: string, timeout?: number): AnyTool => ({ name, run: () => 1, ...(timeout === undefined ? {} : { timeout }) });

/** How long the first output is in JSON. */
const lengthOf = (items: readonly Item[]): number => JSON.stringify((observationsOf(items) as { output: string }[])[0]?.output).length;
const saying = (length: number, maxOutput?: number): AnyTool => ({
  name: 'x',
  run: () => 'y'.repeat(length),
  ...(maxOutput === undefined ? {} : { maxOutput }),
});

/** Nested 100,000 levels deep. */
const deep = (): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) value = { value };
  return value;
};

/** What `x` with a timeout of 5 ms gives that does not settle. */
const unsettled = (ms: number) => ({
  s: 'tool_start',
  e: 'tool_end',
  o: [
    {
      callId: '1.1',
      name: 'x',
      ok: false,
      error: `timed out after 5 ms and did not stop within ${ms} ms: it may still be at work`,
      settlement: 'unsettled',
    },
  ],
});

describe('toolEnvironment', () => {
  const add = tool({ name: 'add', params: t.strict({ a: t.number, b: t.number }), run: ({ a, b }) => a + b });

  it('reports a call from its start to its end, then gives the new state', () => {
    expect(execute({ tools: [add] }, action('add', { a: 1, b: 2 }))).to.deep.equal([
      { type: 'tool_start', data: { callId: '1.1', name: 'add', params: { a: 1, b: 2 } } },
      { type: 'tool_end', data: { callId: '1.1', name: 'add', ok: true, output: 3 } },
      { data: { seen: true, observations: [{ callId: '1.1', name: 'add', ok: true, output: 3 }] } },
    ]);
  });

  it('keeps its tools, to be described to a model', () => {
    expect(toolEnvironment({ tools: [add] }).tools).to.deep.equal([add]);
  });

  it('begins with its initial state, and is terminal when it is told so', () => {
    const bare = toolEnvironment({ tools: [] });
    expect(bare.reset()).to.deep.equal({ data: {} });
    expect(bare.isTerminal(state)).to.equal(false);

    const told = toolEnvironment<{ open: boolean }>({
      tools: [],
      initialState: { data: { open: false } },
      isTerminal: ({ data }) => data.open,
    });
    expect(told.reset()).to.deep.equal({ data: { open: false } });
    expect(told.isTerminal({ data: { open: true } })).to.equal(true);
    expectTypeOf(told).toExtend<Environment<{ open: boolean }>>();
  });

  describe('what a tool gives', () => {
    const outputs: readonly (readonly [what: string, run: () => unknown, output: unknown])[] = [
      ['a value', () => 1, 1],
      ['a string, which is one value', () => 'text', 'text'],
      ['an array, which is one value', () => [1, 2], [1, 2]],
      ['nothing', () => undefined, null],
      ['an Observable, of which the last value counts', () => of(1, 2), 2],
      ['an empty Observable', () => EMPTY, null],
      ['something that JSON can write', () => ({ at: new Date(0), gone: undefined }), { at: '1970-01-01T00:00:00.000Z' }],
    ];
    for (const [what, run, output] of outputs) {
      it(`may be ${what}`, () => {
        expect(observationsOf(execute({ tools: [{ name: 'x', run }] }, action('x')))).to.deep.equal([
          { callId: '1.1', name: 'x', ok: true, output },
        ]);
      });
    }

    it('may be a Promise or an async iterable', async () => {
      const tools: AnyTool[] = [
        { name: 'promise', run: () => Promise.resolve({ a: 1 }) },
        {
          name: 'iterable',
          async *run() {
            yield toolProgress('half');
            yield 'whole';
          },
        },
      ];
      const items = await executeLater(tools, parallel(call('promise'), call('iterable')));
      expect(observationsOf(items)).to.deep.equal([
        { callId: '1.1', name: 'promise', ok: true, output: { a: 1 } },
        { callId: '1.2', name: 'iterable', ok: true, output: 'whole' },
      ]);
      expect(items).to.deep.include({ type: 'tool_progress', data: { callId: '1.2', name: 'iterable', value: 'half' } });
    });

    it('may have progress, which is no result', () => {
      const items = execute({ tools: [{ name: 'x', run: () => of(toolProgress(0.5), 'done', toolProgress(undefined)) }] }, action('x'));
      expect(items.slice(1, 4)).to.deep.equal([
        { type: 'tool_progress', data: { callId: '1.1', name: 'x', value: 0.5 } },
        { type: 'tool_progress', data: { callId: '1.1', name: 'x', value: null } },
        { type: 'tool_end', data: { callId: '1.1', name: 'x', ok: true, output: 'done' } },
      ]);
    });
  });

  it('hands a tool its parameters, the state and the id of the call', () => {
    const seen: unknown[] = [];
    const look: AnyTool = {
      name: 'look',
      run: (params, context) => {
        seen.push(params, context.state, context.callId, context.signal.aborted);
      },
    };
    toolEnvironment({ tools: [look] })
      .execute(action('look', { at: 'door' }), state, inStep(7))
      .subscribe();
    expect(seen).to.deep.equal([{ at: 'door' }, state, '7.1', false]);
  });

  it('numbers calls without a step by ids that no other call has', () => {
    const ids = new Set<string>();
    const look: AnyTool = { name: 'look', run: (_, { callId }) => ids.add(callId).size };
    const environment = toolEnvironment({ tools: [look] });
    for (let round = 0; round < 2; round += 1) environment.execute(parallel(call('look'), call('look')), state).subscribe();
    expect(ids.size).to.equal(4);
  });

  it('runs the tools anew for each subscriber, and not before', () => {
    let runs = 0;
    const executed$ = toolEnvironment({ tools: [{ name: 'x', run: () => (runs += 1) }] }).execute(action('x'), state, inStep(1));
    expect(runs).to.equal(0);
    executed$.subscribe();
    executed$.subscribe();
    expect(runs).to.equal(2);
  });

  describe('what goes wrong', () => {
    it('is an observation where there is no such tool, with those that there are', () => {
      const items = execute({ tools: [add, { name: 'look', run: () => 1 }] }, action('fly', { to: 'moon' }));
      const error = 'there is no tool "fly"; there are: add, look';
      expect(items).to.deep.equal([
        { type: 'tool_start', data: { callId: '1.1', name: 'fly', params: { to: 'moon' } } },
        { type: 'tool_end', data: { callId: '1.1', name: 'fly', ok: false, error } },
        { data: { seen: true, observations: [{ callId: '1.1', name: 'fly', ok: false, error }] } },
      ]);
      expect(observationsOf(execute({ tools: [] }, action('fly')))).to.deep.equal([
        { callId: '1.1', name: 'fly', ok: false, error: 'there is no tool "fly"; there are none' },
      ]);
    });

    it('is an observation where the name is one that objects have anyway', () => {
      expect(observationsOf(execute({ tools: [] }, action('constructor')))).to.have.nested.property('[0].ok', false);
    });

    it('is an observation where the parameters are bad, and the tool is not run', () => {
      let runs = 0;
      const params = t.strict({ path: t.string });
      expect(besideAnother({ params, run: () => (runs += 1) }, { path: 5 })).to.deep.equal([
        failed('bad parameters: /path: expected string, got 5'),
        worked,
      ]);
      expect(runs).to.equal(0);
    });

    const fault = new Error('it broke');
    const failures: readonly (readonly [how: string, run: () => unknown])[] = [
      [
        'throws',
        () => {
          throw fault;
        },
      ],
      ['errors', () => throwError(() => fault)],
      [
        'errors after a value',
        () =>
          concat(
            of(1),
            throwError(() => fault),
          ),
      ],
    ];
    for (const [how, run] of failures) {
      it(`keeps the results of the others where a tool ${how}`, () => {
        expect(besideAnother({ run })).to.deep.equal([failed('it broke'), worked]);
      });
    }

    it('keeps the results of the others where a tool rejects', async () => {
      const tools: AnyTool[] = [
        { name: 'fail', run: () => Promise.reject(fault) },
        { name: 'work', run: () => Promise.resolve('fine') },
      ];
      const items = await executeLater(tools, parallel(call('fail'), call('work')));
      expect(observationsOf(items)).to.deep.equal([failed('it broke'), worked]);
    });

    it('is told where a result or progress is not JSON', () => {
      expect(besideAnother({ run: () => 10n }))
        .to.have.nested.property('[0].error')
        .that.matches(/^the result of the tool is not JSON: .*BigInt/);
      expect(besideAnother({ run: () => () => 1 })).to.have.nested.property(
        '[0].error',
        'the result of the tool is not JSON: the value is function, which JSON cannot hold',
      );
      expect(besideAnother({ run: () => of(toolProgress(Symbol('x')), 1) }))
        .to.have.nested.property('[0].error')
        .that.matches(/^the progress of the tool is not JSON/);
      const hostile = {
        get secret(): string {
          throw new Error('no looking');
        },
      };
      expect(besideAnother({ run: () => hostile })).to.deep.equal([failed('the result of the tool is not JSON: no looking'), worked]);
    });

    it('shows no key', () => {
      const key = 'sk-live-0123456789abcdef';
      const run = (): never => {
        throw new Error(`401 with ${key}`);
      };
      expect(besideAnother({ run })).to.deep.equal([failed('401 with [redacted]'), worked]);
      expect(JSON.stringify(execute({ tools: [] }, action(key)).slice(1, 2))).to.include('[redacted]');
    });
  });

  describe('an output', () => {
    it('is cut at 100,000 characters unless it is told otherwise', () => {
      expect(lengthOf(execute({ tools: [saying(99_998)] }, action('x')))).to.equal(100_000);
      expect(lengthOf(execute({ tools: [saying(99_999)] }, action('x')))).to.be.within(99_990, 100_000);
      expect(lengthOf(execute({ tools: [saying(500)], maxOutput: 300 }, action('x')))).to.be.within(290, 300);
      expect(lengthOf(execute({ tools: [saying(500, 200)], maxOutput: 300 }, action('x')))).to.be.within(190, 200);
      expect(lengthOf(execute({ tools: [saying(500, 600)], maxOutput: 300 }, action('x')))).to.equal(502);
    });

    it('that is nested 100,000 levels deep is a failure of its call alone', () => {
      expect(besideAnother({ run: deep })).to.deep.equal([
        failed('the result of the tool is not JSON: the value is nested deeper than 500 levels'),
        worked,
      ]);
    });
  });

  describe('parallel', () => {
    const slow = tool({ name: 'slow', params: t.strict({ ms: t.number }), run: ({ ms }) => timer(ms).pipe(map(() => ms)) });

    it('runs its calls side by side, reports them as they happen, and keeps their order in the state', () =>
      agentMarbles(({ expectObservable }) => {
        const executed$ = toolEnvironment({ tools: [slow] }).execute(slowCalls(6, 4), state, inStep(1));
        const expected = '(ab)B-(As|)';

        expectObservable<Item>(executed$).toBe(expected, {
          a: started(1, 6),
          b: started(2, 4),
          A: ended(1, 6),
          B: ended(2, 4),
          s: { data: { seen: true, observations: [observed(1, 6), observed(2, 4)] } },
        });
      }));

    it('starts no more than its limit at a time', () =>
      agentMarbles(({ expectObservable }) => {
        const executed$ = toolEnvironment({ tools: [slow], concurrency: 2 }).execute(slowCalls(6, 12, 4), state, inStep(1));
        const expected = '(ab)--(Ac)C-(Bs|)';

        expectObservable<Item>(executed$).toBe(expected, {
          a: started(1, 6),
          b: started(2, 12),
          c: started(3, 4),
          A: ended(1, 6),
          B: ended(2, 12),
          C: ended(3, 4),
          s: { data: { seen: true, observations: [observed(1, 6), observed(2, 12), observed(3, 4)] } },
        });
      }));

    it('runs four calls at a time unless it is told otherwise', () => {
      let running = 0;
      const hang: AnyTool = {
        name: 'hang',
        run: () => {
          running += 1;
          return NEVER;
        },
      };
      const six = parallel(...Array.from({ length: 6 }, () => call('hang')));
      toolEnvironment({ tools: [hang] })
        .execute(six, state)
        .subscribe()
        .unsubscribe();
      expect(running).to.equal(4);
    });

    const malformed: readonly (readonly [what: string, params: JsonRecord, error: string])[] = [
      ['no calls', {}, 'bad parameters: /calls: expected list of { name, params }, got nothing'],
      ['calls that are no list', { calls: 'add' }, 'bad parameters: /calls: expected list of { name, params }, got "add"'],
      ['an empty list', { calls: [] }, 'bad parameters: /calls: expected at least one call'],
    ];
    for (const [what, params, error] of malformed) {
      it(`is one failed call where it has ${what}`, () => {
        expect(execute({ tools: [add] }, action('parallel', params))).to.deep.equal([
          { type: 'tool_start', data: { callId: '1.1', name: 'parallel', params } },
          { type: 'tool_end', data: { callId: '1.1', name: 'parallel', ok: false, error } },
          { data: { seen: true, observations: [{ callId: '1.1', name: 'parallel', ok: false, error }] } },
        ]);
      });
    }

    it('runs the sound calls of a list that has others', () => {
      const calls = [5, { name: 7, params: {} }, { name: 'add', params: { a: 1, b: 2 } }, { name: 'add', params: [] }];
      expect(observationsOf(execute({ tools: [add] }, action('parallel', { calls })))).to.deep.equal([
        { callId: '1.1', name: 'parallel', ok: false, error: 'bad parameters of call 1: /: expected { name, params }, got 5' },
        { callId: '1.2', name: 'parallel', ok: false, error: 'bad parameters of call 2: /name: expected string, got 7' },
        { callId: '1.3', name: 'add', ok: true, output: 3 },
        { callId: '1.4', name: 'parallel', ok: false, error: 'bad parameters of call 4: /params: expected a JSON object' },
      ]);
    });

    it('lets a call leave out parameters', () => {
      const observations = observationsOf(
        execute({ tools: [{ name: 'x', run: (params) => params }] }, action('parallel', { calls: [{ name: 'x' }] })),
      );
      expect(observations).to.deep.equal([{ callId: '1.1', name: 'x', ok: true, output: {} }]);
    });

    it('is not nested', () => {
      const nested = parallel(call('parallel', { calls: [call('add', { a: 1, b: 2 })] }), call('add', { a: 1, b: 2 }));
      expect(observationsOf(execute({ tools: [add] }, nested))).to.deep.equal([
        { callId: '1.1', name: 'parallel', ok: false, error: 'parallel calls cannot be nested: give all of them in one list' },
        { callId: '1.2', name: 'add', ok: true, output: 3 },
      ]);
    });
  });

  describe('a timeout', () => {
    it('ends a call that takes too long, whatever it has emitted, and aborts its signal', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
        const source = cold('   -a-a-a-a');
        const subscribed = '    ^----!';
        const expected = '      s----(Ee|)';
        const signals: AbortSignal[] = [];
        const slow: AnyTool = {
          name: 'x',
          timeout: 5,
          run: (_, { signal }) => {
            signals.push(signal);
            return source;
          },
        };

        expectObservable<Item>(toolEnvironment({ tools: [slow] }).execute(action('x'), state, inStep(1))).toBe(expected, timedValues(5));
        expectSubscriptions(source.subscriptions).toBe(subscribed);
        flush();
        expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true]);
      }));

    it('does not touch a call that ends in time', () =>
      agentMarbles(({ cold, expectObservable }) => {
        const inTime: AnyTool = { name: 'x', timeout: 5, run: () => cold('---(a|)') };
        const expected = 's--(Aa|)';

        expectObservable<Item>(toolEnvironment({ tools: [inTime] }).execute(action('x'), state, inStep(1))).toBe(expected, timedValues(5));
      }));

    it('is ten minutes unless it is told otherwise', () =>
      agentMarbles(({ expectObservable }) => {
        const hang: AnyTool = { name: 'x', run: () => NEVER };
        const executeWith = (config: Partial<ToolEnvironmentConfig>) =>
          toolEnvironment({ tools: [hang], ...config }).execute(action('x'), state, inStep(1));

        expectObservable<Item>(executeWith({})).toBe('s 599999ms (Ee|)', timedValues(600_000));
        expectObservable<Item>(executeWith({ timeout: 5 })).toBe('s----(Ee|)', timedValues(5));
        expectObservable<Item>(executeWith({ timeout: null }), '^ 50m !').toBe('s', timedValues(5));
        expectObservable<Item>(executeWith({ timeout: 7, tools: [{ ...hang, timeout: 5 }] })).toBe('s----(Ee|)', timedValues(5));
        expectObservable<Item>(executeWith({ timeout: 7, tools: [{ ...hang, timeout: null }] }), '^ 50m !').toBe('s', timedValues(5));
      }));

    it('waits 100 ms for a Promise to settle unless it is told otherwise, and tells what it delivers later', () =>
      agentMarbles(({ expectObservable, flush }) => {
        const late: Signal[] = [];
        const slow: AnyTool = { name: 'x', timeout: 5, run: () => promiseOf(timer(1_000).pipe(map(() => 'v'))) };
        const executeWith = (config: Partial<ToolEnvironmentConfig>) =>
          toolEnvironment({ tools: [slow], ...config })
            .execute(action('x'), state, { ...inStep(1), tell: (signal) => late.push(signal) })
            .pipe(map((item) => ('type' in item ? item.type : item.data['observations'])));

        expectObservable<unknown>(executeWith({})).toBe('s 104ms (eo|)', unsettled(100));
        expectObservable<unknown>(executeWith({ settleWithin: 3 })).toBe('s-------(eo|)', unsettled(3));
        flush();
        const told = { type: 'tool_late_result', data: { callId: '1.1', name: 'x', ok: true, output: 'v' } };
        expect(late).to.deep.equal([told, told]);
      }));

    it('runs on the scheduler that it is given', () => {
      const clock = new VirtualTimeScheduler();
      const seen: Item[] = [];
      toolEnvironment({ tools: [{ name: 'x', timeout: 5, run: () => NEVER }], scheduler: clock })
        .execute(action('x'), state, inStep(1))
        .subscribe((item) => seen.push(item));
      expect(seen).to.deep.equal([timedValues(5).s]);
      clock.flush();
      expect(clock.now()).to.equal(5);
      expect(seen).to.deep.equal([timedValues(5).s, timedValues(5).E, timedValues(5).e]);
    });
  });

  describe('unsubscribing', () => {
    it('stops every tool that runs and starts no other', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('   ---a|');
        const unsubscribed = '  ^-!';
        const tools: AnyTool[] = [{ name: 'x', run: () => source }];
        const started = { a: 'tool_start', b: 'tool_start' };
        const executed$ = toolEnvironment({ tools, concurrency: 2 }).execute(parallel(call('x'), call('x'), call('x')), state);

        expectObservable(executed$.pipe(map((item) => ('type' in item ? item.type : 'state'))), unsubscribed).toBe('(ab)', started);
        expectSubscriptions(source.subscriptions).toBe([unsubscribed, unsubscribed]);
      }));

    it('aborts the signal of every call that runs, each its own, before it returns', () => {
      const signals: AbortSignal[] = [];
      const hang: AnyTool = {
        name: 'hang',
        timeout: 1000,
        run: (_, { signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
      };
      const subscription = toolEnvironment({ tools: [hang] })
        .execute(parallel(call('hang'), call('hang')), state)
        .subscribe();
      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, false]);
      expect(signals[0]).not.to.equal(signals[1]);
      subscription.unsubscribe();
      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true, true]);
    });

    it('aborts the signal of a tool that is still inside its own synchronous run', () => {
      let aborted: boolean | undefined;
      const busy: AnyTool = {
        name: 'busy',
        run: (_, { signal }) =>
          new Observable((subscriber) => {
            subscriber.next(toolProgress(1));
            aborted = signal.aborted;
          }),
      };
      toolEnvironment({ tools: [busy] })
        .execute(action('busy'), state)
        .pipe(take(2))
        .subscribe();
      expect(aborted).to.equal(true);
    });

    it('aborts a signal that is first looked at afterwards', () => {
      let signalLater: (() => AbortSignal) | undefined;
      const hang: AnyTool = {
        name: 'hang',
        run: (_, context) => {
          signalLater = () => context.signal;
          return NEVER;
        },
      };
      toolEnvironment({ tools: [hang] })
        .execute(action('hang'), state)
        .subscribe()
        .unsubscribe();
      expect(signalLater?.().aborted).to.equal(true);
    });

    it('leaves the signal of a call that ended alone', () => {
      const signals: AbortSignal[] = [];
      const ends = (name: string, output: Observable<unknown>): AnyTool => ({
        name,
        timeout: 1000,
        run: (_, { signal }) => {
          signals.push(signal);
          return output;
        },
      });
      const tools = [
        ends('one', of(1)),
        ends(
          'fails',
          throwError(() => new Error('no')),
        ),
        ends('hangs', NEVER),
      ];
      const all = parallel(call('one'), call('fails'), call('hangs'));
      toolEnvironment({ tools }).execute(all, state).subscribe().unsubscribe();
      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, false, true]);
    });

    it('aborts the signal of a call whose progress was not JSON, as it is stopped for it', () => {
      const ended = new Subject<unknown>();
      let seen: AbortSignal | undefined;
      const run: AnyTool['run'] = (_, { signal }) => {
        seen = signal;
        return ended;
      };
      toolEnvironment({ tools: [{ name: 'x', run }] })
        .execute(action('x'), state)
        .subscribe();
      ended.next(toolProgress(10n));
      expect(seen?.aborted).to.equal(true);
      expect(ended.observed).to.equal(false);
    });

    it('swallows what a tool rejects with because of it', async () => {
      const fussy: AnyTool = {
        name: 'fussy',
        run: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('aborted'));
            });
          }),
      };
      await expectNoUnhandledRejection(() => {
        toolEnvironment({ tools: [fussy] })
          .execute(action('fussy'), state)
          .subscribe()
          .unsubscribe();
      });
    });
  });

  describe('the new state', () => {
    const look: AnyTool = { name: 'look', run: () => 'door' };
    const after = (before: State): unknown => execute({ tools: [look] }, action('look'), before).at(-1);
    const observation = { callId: '1.1', name: 'look', ok: true, output: 'door' };

    it('has the new observations after the old ones, and changes nothing in the state before', () => {
      const before: State = { data: { observations: ['old'], kept: 1 } };
      expect(after(before)).to.deep.equal({ data: { kept: 1, observations: ['old', observation] } });
      expect(before).to.deep.equal({ data: { observations: ['old'], kept: 1 } });
    });

    it('has neither the failure nor the summary of the one before', () => {
      expect(after({ data: { _error: 'it broke' }, summary: 'stale' })).to.deep.equal({ data: { observations: [observation] } });
    });

    it('replaces observations that are no list', () => {
      expect(after({ data: { observations: 'none yet' } })).to.deep.equal({ data: { observations: [observation] } });
    });

    it('keeps the newest 50 observations', () => {
      const before = { data: { observations: Array.from({ length: 50 }, (_, index) => index) } };
      const expected = [...Array.from({ length: 49 }, (_, index) => index + 1), observation];
      expect(after(before)).to.deep.equal({ data: { observations: expected } });
    });

    it('is what a reducer of the user makes', () => {
      const chosen = action('look');
      const items = execute(
        { tools: [look], reduce: (before, observations, by) => ({ data: { before: before.data, observations, by: by.name } }) },
        chosen,
      );
      expect(items.at(-1)).to.deep.equal({ data: { before: state.data, observations: [observation], by: 'look' } });
    });

    it('is an error where the reducer throws', () => {
      let caught: unknown;
      toolEnvironment({ tools: [look], reduce: refuse })
        .execute(action('look'), state)
        .subscribe({
          error: (error: unknown) => {
            caught = error;
          },
        });
      expect(caught).to.be.an('error').with.property('message', 'cannot');
    });
  });

  describe('at the door', () => {
    const refused: readonly (readonly [what: string, config: ToolEnvironmentConfig, message: string])[] = [
      ['an empty name', { tools: [named(' ')] }, 'empty name'],
      ['a name that is taken', { tools: [named('a'), named('a')] }, 'Two tools are named a.'],
      ['DONE for a name, in any case', { tools: [named('Done')] }, 'reserved'],
      ['parallel for a name', { tools: [named('parallel')] }, 'reserved'],
      ['a timeout of 0', { tools: [named('a', 0)] }, 'timeout of a is to be above 0'],
      ['a timeout below 0', { tools: [named('a', -1)] }, 'is -1'],
      ['a timeout that is no number', { tools: [named('a', Number.NaN)] }, 'is NaN'],
      ['a timeout that no timer holds', { tools: [named('a', Infinity)] }, 'is Infinity'],
      ['a timeout of all tools of 0', { tools: [], timeout: 0 }, 'timeout of the environment is to be above 0'],
      ['no time to settle at all', { tools: [], settleWithin: -1 }, 'settleWithin is to be from 0'],
      ['a time to settle that is no number', { tools: [], settleWithin: Number.NaN }, 'is NaN'],
      ['outputs shorter than a note', { tools: [], maxOutput: 99 }, 'maxOutput of the environment is to be a whole number from 100'],
      ['half a length of outputs', { tools: [{ ...named('a'), maxOutput: 100.5 }] }, 'maxOutput of a is to be a whole number from 100'],
      ['a concurrency of 0', { tools: [], concurrency: 0 }, 'concurrency is to be a whole number from 1, and is 0.'],
      ['half a concurrency', { tools: [], concurrency: 1.5 }, 'is 1.5'],
      ['an endless concurrency', { tools: [], concurrency: Infinity }, 'is Infinity'],
    ];
    for (const [what, config, message] of refused) {
      it(`refuses ${what}`, () => {
        expect(() => toolEnvironment(config)).to.throw(ContractError, message);
      });
    }
  });

  it('runs a thousand quick calls behind slow ones to their end', () => {
    const slow$ = new Subject<string>();
    const slow = tool({ name: 'slow', run: () => slow$ });
    const fast = tool({ name: 'fast', run: () => 1 });
    const calls = [...Array.from({ length: 4 }, () => call('slow')), ...Array.from({ length: 1_000 }, () => call('fast'))];
    const ended: string[] = [];
    toolEnvironment({ tools: [slow, fast] })
      .execute(parallel(...calls), state, inStep(1))
      .subscribe({ next: (item) => 'type' in item && item.type === 'tool_end' && ended.push(item.type), complete: () => ended.push('|') });
    slow$.complete();
    expect(ended).to.have.length(1_005);
    expect(ended.at(-1)).to.equal('|');
  });

  it('gives calls ids of their own when an action is executed again in its step', () => {
    const again = inStep(3);
    const ids = [1, 2].flatMap(() => {
      const seen: unknown[] = [];
      toolEnvironment({ tools: [tool({ name: 'x', run: () => 1 })] })
        .execute(action('x'), state, again)
        .subscribe((item) => 'type' in item && item.type === 'tool_start' && seen.push((item.data as { callId: string }).callId));
      return seen;
    });
    expect(ids).to.deep.equal(['3.1', '3.2']);
  });

  it('types the parameters of a tool by its codec, and as a JSON record without one', () => {
    toolEnvironment({
      tools: [
        tool({ name: 'a', params: t.strict({ n: t.number }), run: (params) => expectTypeOf(params).toEqualTypeOf<{ n: number }>() }),
        tool({ name: 'b', run: (params) => expectTypeOf(params).toEqualTypeOf<JsonRecord>() }),
      ],
    });
  });
});
