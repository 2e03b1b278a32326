import { expect } from 'chai';
import * as fc from 'fast-check';
import { asyncScheduler, EMPTY, map, NEVER, Observable, of, timer } from 'rxjs';
import type { ToolCallRecord } from '../../lib/domain/history.js';
import type { JsonRecord } from '../../lib/domain/json.js';
import type { Approval, ExecuteContext } from '../../lib/environment/environment.js';
import { executeCalls } from '../../lib/environment/execute-calls.js';
import { tool, toolProgress, type AnyTool } from '../../lib/environment/tool.js';
import { toolSettings, type ToolSettings } from '../../lib/environment/tool-settings.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const inStep = (context: Partial<ExecuteContext> = {}): ExecuteContext => {
  let calls = 0;
  return { step: 1, createCallId: () => `1.${(calls += 1)}`, runId: 'r', ...context };
};

type Settings = Partial<Omit<ToolSettings<JsonRecord>, 'tools'>>;

/** Executes calls of tools by name: what is told as `start 1.1`, `end 1.1`, then the observations. */
const executing = (names: readonly string[], tools: readonly AnyTool[], context?: Partial<ExecuteContext>, settings: Settings = {}) =>
  executeCalls({
    action: { name: 'parallel', params: { calls: names.map((name) => ({ name, params: {} })) }, thought: '', expectedDelta: '' },
    state: { data: {} },
    settings: toolSettings<JsonRecord>({
      tools,
      concurrency: 4,
      timeout: 50,
      settleWithin: 0,
      maxOutput: 1_000,
      scheduler: asyncScheduler,
      ...settings,
    }),
    context: inStep(context),
  }).pipe(map((item) => ('type' in item ? `${item.type.replace('tool_', '')} ${item.data.callId}` : item)));

const heardOf = (source: Observable<unknown>): unknown[] => {
  const heard: unknown[] = [];
  source.subscribe((item) => heard.push(item));
  return heard;
};

const slow = (name: string, ms: number, more: Partial<AnyTool> = {}): AnyTool => ({
  name,
  run: () => timer(ms).pipe(map(() => name)),
  ...more,
});
const succeeded = (index: number, name: string, output: unknown = name) => ({ callId: `1.${index}`, name, ok: true, output });
const values = { s: 'start 1.1', t: 'start 1.2', u: 'start 1.3', a: 'end 1.1', b: 'end 1.2', c: 'end 1.3' };

const record = (index: number, result?: ToolCallRecord['result']): [string, ToolCallRecord] => [
  `1.${index}`,
  { callId: `1.${index}`, name: 'x', params: {}, ...(result === undefined ? {} : { result }) },
];

const approveAllButTwo = ({ callId, params }: { callId: string; params: JsonRecord }): Observable<Approval> =>
  of(callId === '1.2' ? { isApproved: false, reason: 'no' } : { isApproved: true, params });

describe('executeCalls', () => {
  describe('leave', () => {
    it('is waited for by its own call alone, which takes no room meanwhile', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const decision = cold<Approval>('----y', { y: { isApproved: true, params: {} } });
        const approve = ({ callId }: { callId: string }): Observable<Approval> =>
          callId === '1.1' ? decision : of({ isApproved: true, params: {} });
        const all = executing(['x', 'y', 'y'], [slow('x', 5), slow('y', 5)], { approve }, { concurrency: 1 });
        const expected = 't----(bu)-(cs)-(ao|)';

        expectObservable<unknown>(all).toBe(expected, {
          ...values,
          o: [succeeded(1, 'x'), succeeded(2, 'y'), succeeded(3, 'y')],
        });
        expectSubscriptions(decision.subscriptions).toBe('^---!');
      }));

    it('is asked for all calls at once, however little room there is', () => {
      const asked: string[] = [];
      const approve = ({ callId }: { callId: string }): Observable<never> => {
        asked.push(callId);
        return NEVER;
      };
      executing(['x', 'x', 'x'], [slow('x', 1)], { approve }, { concurrency: 1 }).subscribe();
      expect(asked).to.deep.equal(['1.1', '1.2', '1.3']);
    });

    it('that is denied loses no result of another', () => {
      const heard = heardOf(executing(['x', 'x', 'x'], [{ name: 'x', run: () => 'x' }], { approve: approveAllButTwo }));
      expect(heard.at(-1)).to.deep.equal([
        succeeded(1, 'x'),
        { callId: '1.2', name: 'x', ok: false, error: 'denied: no' },
        succeeded(3, 'x'),
      ]);
    });
  });

  describe('a sequential tool', () => {
    it('runs with no other at its side', () =>
      agentMarbles(({ expectObservable }) => {
        const tools = [slow('x', 5), slow('y', 5, { sequential: true })];
        const expected = 's----(at)-(bu)-(co|)';

        expectObservable<unknown>(executing(['x', 'y', 'x'], tools)).toBe(expected, {
          ...values,
          o: [succeeded(1, 'x'), succeeded(2, 'y'), succeeded(3, 'x')],
        });
      }));

    it('leaves the others side by side', () =>
      agentMarbles(({ expectObservable }) => {
        const tools = [slow('x', 5), slow('y', 5, { sequential: true })];
        const expected = '(st)-(abu)(co|)';

        expectObservable<unknown>(executing(['x', 'x', 'y'], tools)).toBe(expected, {
          ...values,
          o: [succeeded(1, 'x'), succeeded(2, 'x'), succeeded(3, 'y')],
        });
      }));
  });

  it('keeps every result whatever becomes of the others', () =>
    agentMarbles(({ flush }) => {
      const tools: AnyTool[] = [
        slow('fine', 20),
        slow('slow', 500),
        {
          name: 'fails',
          run: () => {
            throw new Error('no');
          },
        },
        { name: 'promises', run: () => new Promise(() => undefined) },
        { name: 'typed', params: { name: 'P', validate: () => ({ _tag: 'Left', left: [] }) } as unknown as never, run: () => 1 },
      ];
      const heard = heardOf(executing(['slow', 'fails', 'fine', 'promises', 'typed', 'none', 'fine'], tools));
      flush();
      const observations = heard.at(-1) as JsonRecord[];
      expect(observations.map(({ name, ok, settlement }) => [name, ok, settlement])).to.deep.equal([
        ['slow', false, 'timeout'],
        ['fails', false, undefined],
        ['fine', true, undefined],
        ['promises', false, 'unsettled'],
        ['typed', false, undefined],
        ['none', false, undefined],
        ['fine', true, undefined],
      ]);
    }));

  describe('a run that was resumed', () => {
    it('runs no call that had ended and tells nothing of it, and has its result all the same', () => {
      const ran: string[] = [];
      const x: AnyTool = { name: 'x', run: (_, { idempotencyKey }) => ran.push(idempotencyKey) };
      const begun = new Map([record(1, { ok: true, output: 'before' }), record(2), record(3, { ok: false, error: 'it broke' })]);
      const heard = heardOf(executing(['x', 'x', 'x', 'x'], [x], { begun }));
      expect(heard).to.deep.equal([
        'end 1.2',
        'start 1.4',
        'end 1.4',
        [
          succeeded(1, 'x', 'before'),
          { callId: '1.2', name: 'x', ok: false, error: 'the run broke off while it was at work, and whether it was done is not known' },
          { callId: '1.3', name: 'x', ok: false, error: 'it broke' },
          succeeded(4, 'x', 1),
        ],
      ]);
      expect(ran).to.deep.equal(['r:1.4']);
    });

    it('runs a call again that may be made twice', () => {
      const begun = new Map([record(1)]);
      expect(
        heardOf(executing(['x'], [{ name: 'x', isIdempotent: true, run: (_, { idempotencyKey }) => idempotencyKey }], { begun })),
      ).to.deep.equal(['end 1.1', [succeeded(1, 'x', 'r:1.1')]]);
    });

    it('makes of what had ended and what goes on the same as a run that was not broken off, wherever that was', () => {
      const tools: AnyTool[] = [
        tool({ name: 'x', isIdempotent: true, run: () => of(toolProgress(1), 'x') }),
        {
          name: 'y',
          isIdempotent: true,
          run: () => {
            throw new Error('no');
          },
        },
      ];
      const names = ['x', 'y', 'x', 'none', 'x'];
      const whole = heardOf(executing(names, tools));
      const observations = whole.at(-1) as readonly JsonRecord[];
      const told = whole.slice(0, -1) as string[];
      fc.assert(
        fc.property(fc.integer({ min: 0, max: told.length }), (cut) => {
          const before = told.slice(0, cut);
          const begun = new Map(
            observations.flatMap(({ callId, name, ...result }) => {
              const id = callId as string;
              if (!before.includes(`start ${id}`)) return [];
              const ended = before.includes(`end ${id}`) ? { result: result as ToolCallRecord['result'] } : {};
              return [[id, { callId: id, name: name as string, params: {}, ...ended } as ToolCallRecord] as const];
            }),
          );
          const after = heardOf(executing(names, tools, { begun }));
          expect(after.at(-1)).to.deep.equal(observations);
          // Each call has exactly one start and one end, over both.
          const all = [...before, ...(after.slice(0, -1) as string[])].filter((item) => !item.startsWith('progress')).toSorted();
          expect(all).to.deep.equal(told.filter((item) => !item.startsWith('progress')).toSorted());
        }),
      );
    });
  });

  describe('leaving', () => {
    for (let frame = 0; frame <= 12; frame += 1) {
      it(`aborts every call at work after ${frame} ms, starts none that waits, and leaves no timer`, () =>
        agentMarbles(({ at, cold, flush, pendingTimers }) => {
          const signals: { ended: boolean; signal: AbortSignal }[] = [];
          const work = (name: string, ms: number, more: Partial<AnyTool> = {}): AnyTool => ({
            name,
            run: (_, { signal }) => {
              const call = { ended: false, signal };
              signals.push(call);
              return new Observable((subscriber) =>
                timer(ms).subscribe(() => {
                  call.ended = true;
                  subscriber.complete();
                }),
              );
            },
            ...more,
          });
          const approve = ({ callId, params }: { callId: string; params: JsonRecord }): Observable<Approval> =>
            callId === '1.2' ? cold<Approval>('---y', { y: { isApproved: true, params } }) : of({ isApproved: true, params });
          const names = ['x', 'y', 'alone', 'x', 'z'];
          const tools = [work('x', 2), work('y', 9), work('alone', 1, { sequential: true }), work('z', 90, { timeout: 4 })];
          const heard: unknown[] = [];
          let began = 0;
          const subscription = executing(names, tools, { approve }, { concurrency: 2 }).subscribe((item) => heard.push(item));
          at(frame, () => {
            subscription.unsubscribe();
            for (const { ended, signal } of signals) expect(signal.aborted).to.equal(!ended);
            expect(pendingTimers()).to.deep.equal([]);
            began = signals.length;
            heard.length = 0;
          });
          flush();
          expect([heard, signals.length]).to.deep.equal([[], began]);
        }));
    }
  });

  it('gives no observations before the last call has ended', () => {
    expect(
      heardOf(
        executing(
          ['x', 'y'],
          [
            { name: 'x', run: () => EMPTY },
            { name: 'y', run: () => NEVER },
          ],
        ),
      ),
    ).to.deep.equal(['start 1.1', 'end 1.1', 'start 1.2']);
  });
});
