import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as fc from 'fast-check';
import { Observable, retry, Subject, take, VirtualTimeScheduler } from 'rxjs';
import { llmActor } from '../../../lib/actor/llm-actor.js';
import type { LLMBackend, LLMChunk } from '../../../lib/backend/backend.js';
import { generate } from '../../../lib/backend/generate.js';
import { scriptedBackend } from '../../../lib/backend/scripted-backend.js';
import type { ScriptStep } from '../../../lib/backend/script-step.js';
import type { StreamEvent } from '../../../lib/domain/stream-event.js';
import { ContractError } from '../../../lib/errors/contract-error.js';
import { EventOrderError } from '../../../lib/errors/event-order-error.js';
import { NetworkError } from '../../../lib/errors/network-error.js';
import { RateLimitError } from '../../../lib/errors/rate-limit-error.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import { verifyOrder } from '../../../lib/operators/verify-order.js';
import { llmPurposeFunction } from '../../../lib/purpose/llm-purpose-function.js';
import type { Fault } from '../../../lib/testing/faults/fault.js';
import { faulty, type FaultyBackend } from '../../../lib/testing/faults/faulty.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import { orchestrate } from '../../support/orchestrate.js';
import { verifyRecordings } from '../../support/recordings.js';
import { counting } from '../../support/ports.js';

const text = (said: string): LLMChunk => ({ type: 'text', text: said });
const chunks: Readonly<Record<string, LLMChunk>> = {
  ...Object.fromEntries(Array.from('abcwx', (letter): [string, LLMChunk] => [letter, text(letter)])),
  W: text('two'),
  t: text('t'),
  o: text('o'),
  h: { type: 'reasoning', text: 'Hm' },
  H: { type: 'reasoning', text: 'H' },
  m: { type: 'reasoning', text: 'm' },
  e: text(''),
  u: { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
  k: { type: 'tool_call', id: '1', name: 'look', params: {} },
  f: { type: 'finish', reason: 'stop' },
  r: { type: 'restart' },
};
const request = { messages: [] };
const down = new Error('down');
const broken = (where: string) => new NetworkError(`The connection broke ${where}: a fault that was injected.`);

/** A backend whose every answer is `answer$`. */
const answering = (answer$: Observable<LLMChunk>): LLMBackend => ({ stream: () => answer$ });

interface Case {
  readonly name: string;
  readonly plan: readonly Fault[];
  readonly source?: string;
  readonly left?: string;
  readonly expected: string;
  /** Of the source; empty where it is not asked. */
  readonly subs: string | readonly string[];
  readonly error?: unknown;
}

const SOURCE = '--a-b-----c-(f|)';
const WHOLE = ' ^-----------!';

const cases: readonly Case[] = [
  { name: 'does nothing by an empty plan', plan: [], expected: SOURCE, subs: WHOLE },
  // The picture of the docstring, line by line.
  {
    name: 'stalls for ever after a token, and keeps the source',
    plan: [{ fault: 'stall', at: 2 }],
    left: '    ^--------------!',
    expected: '--a-b-----------',
    subs: WHOLE,
  },
  {
    name: 'stalls for a while, after which what came follows',
    plan: [{ fault: 'stall', at: 1, duration: 5 }],
    expected: '--a----b--c-(f|)',
    subs: WHOLE,
  },
  { name: 'fails after a token', plan: [{ fault: 'error', at: 2 }], expected: '--a-(b#)', error: broken('after token 2'), subs: '^---!' },
  { name: 'ends after a token as if that were all', plan: [{ fault: 'truncate', at: 2 }], expected: '--a-(b|)', subs: '^---!' },
  { name: 'says a token twice', plan: [{ fault: 'duplicate', at: 2 }], expected: '--a-(bb)--c-(f|)', subs: WHOLE },
  { name: 'replaces a token', plan: [{ fault: 'malformed', at: 2, text: 'x' }], expected: '--a-x-----c-(f|)', subs: WHOLE },
  {
    name: 'refuses for a time, without asking the source',
    plan: [{ fault: 'rateLimit', retryAfter: 9 }],
    expected: '#',
    error: new RateLimitError('Too many requests, wait for 9 ms: a fault that was injected.', { retryAfter: 9 }),
    subs: [],
  },
  {
    name: 'drips, a character each interval, the end behind them',
    plan: [{ fault: 'drip', at: 1, interval: 3 }],
    expected: '--a----b-----(cf|)',
    subs: WHOLE,
  },
  { name: 'begins again', plan: [{ fault: 'restart', at: 2 }], expected: '--a-(brab)c-(f|)', subs: WHOLE },
  // And beyond it.
  {
    name: 'releases a source that is still open when it is left in a stall',
    plan: [{ fault: 'stall', at: 1 }],
    left: '    ^----!',
    expected: '--a---',
    subs: '    ^----!',
  },
  {
    name: 'lets what came in a stall follow in its order',
    plan: [{ fault: 'stall', at: 1, duration: 4 }],
    source: '  --a-bc----(f|)',
    expected: '--a---(bc)(f|)',
    subs: '    ^---------!',
  },
  {
    name: 'holds the end back in a stall',
    plan: [{ fault: 'stall', at: 3, duration: 9 }],
    expected: '--a-b-----c--------(f|)',
    subs: WHOLE,
  },
  {
    name: 'holds an error back in a stall',
    plan: [{ fault: 'stall', at: 1, duration: 6 }],
    source: '  --a-b-#',
    expected: '--a-----(b#)',
    error: down,
    subs: '    ^-----!',
  },
  {
    name: 'stalls before anything, and asks the source all the same',
    plan: [{ fault: 'stall', duration: 5 }],
    source: '  --a-b----',
    left: '    ^--------!',
    expected: '-----(ab)',
    subs: '    ^--------!',
  },
  {
    name: 'fails with the error of the plan',
    plan: [{ fault: 'error', at: 1, error: down }],
    expected: '--(a#)',
    error: down,
    subs: '^-!',
  },
  { name: 'fails without asking the source', plan: [{ fault: 'error' }], expected: '#', error: broken('before the answer'), subs: [] },
  {
    name: 'ends without its finish after the last token',
    plan: [{ fault: 'truncate', at: 3 }],
    expected: '--a-b-----(c|)',
    subs: '^---------!',
  },
  { name: 'ends without asking the source', plan: [{ fault: 'truncate', at: 0 }], expected: '|', subs: [] },
  {
    name: 'refuses without saying for how long, before all other faults and by the first refusal',
    plan: [{ fault: 'error', at: 0 }, { fault: 'rateLimit' }, { fault: 'rateLimit', retryAfter: 1 }],
    expected: '#',
    error: new RateLimitError('Too many requests, wait without saying for how long: a fault that was injected.', { retryAfter: null }),
    subs: [],
  },
  {
    name: 'drips token after token, and what is no text behind them',
    plan: [{ fault: 'drip', at: 1, interval: 3 }],
    source: '  --a-W--b---(uf|)',
    expected: '--a----t--w--o--(buf|)',
    subs: '    ^----------!',
  },
  {
    name: 'drips from the beginning, reasoning too, an empty text as one character',
    plan: [{ fault: 'drip', interval: 2 }],
    source: '  (hekf|)',
    expected: '--H-m-(ekf|)',
    subs: '    (^!)',
  },
  {
    name: 'fails behind what it drips',
    plan: [{ fault: 'drip', interval: 3 }],
    source: '  -a-#',
    expected: '----(a#)',
    error: down,
    subs: '    ^--!',
  },
  {
    name: 'stops a drip at once when it is left',
    plan: [{ fault: 'drip', interval: 2 }],
    source: '  (Wf|)',
    left: '    ^----!',
    expected: '--t-w-',
    subs: '    (^!)',
  },
  {
    name: 'begins again without a usage that was told',
    plan: [{ fault: 'restart', at: 2 }],
    source: '  --a-u-b-----c-(f|)',
    expected: '--a-u-(brab)c-(f|)',
    subs: '    ^-------------!',
  },
  { name: 'begins with a restart', plan: [{ fault: 'restart' }], source: '--a-(f|)', expected: 'r-a-(f|)', subs: '^---!' },
  {
    name: 'begins again twice, and does not say again what was void before',
    plan: [
      { fault: 'restart', at: 1 },
      { fault: 'restart', at: 2 },
    ],
    source: '  a----b-----(f|)',
    expected: '(ara)(brab)(f|)',
    subs: '    ^----------!',
  },
  {
    name: 'counts reasoning as tokens, and nothing else',
    plan: [{ fault: 'malformed', at: 2, text: 'x' }],
    source: '  h-u-k-a-(f|)',
    expected: 'h-u-k-x-(f|)',
    subs: '    ^-------!',
  },
  {
    name: 'lets several faults work in the order of the plan, counting as the source counts',
    plan: [
      { fault: 'malformed', at: 1, text: 'two' },
      { fault: 'duplicate', at: 1 },
      { fault: 'restart', at: 1 },
      { fault: 'error', at: 2, error: down },
    ],
    source: '  a------b-c',
    expected: '(WWrWW)(b#)',
    error: down,
    subs: '    ^------!',
  },
  {
    name: 'takes a token that drips for said when its last character is',
    plan: [
      { fault: 'drip', interval: 2 },
      { fault: 'truncate', at: 1 },
    ],
    source: '  (Wbf|)',
    expected: '--t-w-(o|)',
    subs: '    (^!)',
  },
  {
    name: 'does nothing at a token that does not come',
    plan: [{ fault: 'error', at: 4 }],
    expected: SOURCE,
    subs: WHOLE,
  },
];

describe('faulty', () => {
  for (const { name, plan, source = SOURCE, left, expected, subs, error } of cases) {
    it(name, () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const answer$ = cold(source.trim(), chunks, down);
        expectObservable(faulty(answering(answer$), plan).stream(request), left?.trim()).toBe(expected.trim(), chunks, error);
        expectSubscriptions(answer$.subscriptions).toBe(typeof subs === 'string' ? subs.trim() : [...subs]);
      }),
    );
  }

  it('strikes the request that the plan names, each answer counting its own tokens', () =>
    agentMarbles(({ expectObservable }) => {
      const plan: readonly Fault[] = [
        { request: 2, fault: 'rateLimit' },
        { request: 3, fault: 'truncate', at: 1 },
      ];
      const backend = faulty(scriptedBackend([['a', 'b'], ['a', 'b'], 'c']), plan);
      const refused = new RateLimitError('Too many requests, wait without saying for how long: a fault that was injected.', {
        retryAfter: null,
      });
      expectObservable(backend.stream(request)).toBe('(abf|)', chunks);
      expectObservable(backend.stream(request), '-^').toBe('-#', chunks, refused);
      expectObservable(backend.stream(request), '--^').toBe('--(a|)', chunks);
      expectObservable(backend.stream(request), '---^').toBe('---(cf|)', chunks);
    }));

  it('counts the requests of two decorations apart, and none before it is subscribed', () => {
    const plan: readonly Fault[] = [{ request: 1, fault: 'truncate' }];
    const source = scriptedBackend(['a', 'b']);
    const [one, other] = [faulty(source, plan), faulty(source, plan)];
    one.stream(request);
    one.stream(request).subscribe();
    expect(source.requests).to.have.length(0);
    one.stream(request).subscribe();
    other.stream(request).subscribe();
    expect(source.requests).to.have.length(1);
  });

  it('says by verify which faults never struck', () => {
    const backend = faulty(scriptedBackend([['a', 'b'], 'c']), [
      { request: 1, fault: 'malformed', at: 2 },
      { request: 2, fault: 'error', at: 2 },
      { request: 2, fault: 'restart' },
      { request: 3, fault: 'rateLimit' },
    ]);
    backend.stream(request).subscribe();
    expect(() => backend.verify()).to.throw(
      ScriptError,
      '3 of the 4 faults of the plan never struck: fault 2, error; fault 3, restart; fault 4, rateLimit.',
    );
    backend.stream(request).subscribe();
    expect(() => backend.verify()).to.throw(ScriptError, '2 of the 4 faults of the plan never struck: fault 2, error; fault 4, rateLimit.');
    const whole = faulty(scriptedBackend(['c']), [{ fault: 'duplicate', at: 1 }]);
    whole.stream(request).subscribe();
    expect(() => whole.verify()).not.to.throw();
  });

  it('runs on the scheduler it is given', () => {
    const scheduler = new VirtualTimeScheduler();
    const times = (plan: readonly Fault[]): number[] => {
      const seen: number[] = [];
      const begun = scheduler.now();
      faulty(scriptedBackend(['xy']), plan, { scheduler })
        .stream(request)
        .subscribe(() => seen.push(scheduler.now() - begun));
      scheduler.flush();
      return seen;
    };
    expect(times([{ fault: 'drip', interval: 5 }])).to.deep.equal([5, 10, 10]);
    expect(times([{ fault: 'stall', duration: 7 }])).to.deep.equal([7, 7]);
  });

  it('keeps the order of what its own release causes', () => {
    const scheduler = new VirtualTimeScheduler();
    const answer$ = new Subject<LLMChunk>();
    const seen: string[] = [];
    faulty(answering(answer$), [{ fault: 'stall', duration: 5 }], { scheduler })
      .stream(request)
      .subscribe((chunk) => {
        const said = 'text' in chunk ? chunk.text : chunk.type;
        seen.push(said);
        if (said === 'a') answer$.next(text('c'));
      });
    answer$.next(text('a'));
    answer$.next(text('b'));
    scheduler.flush();
    expect(seen).to.deep.equal(['a', 'b', 'c']);
  });

  it('holds back a long answer without running out of stack', () => {
    const scheduler = new VirtualTimeScheduler();
    const tokens = Array.from({ length: 50_000 }, () => 'a');
    let said = '';
    generate(faulty(scriptedBackend([tokens]), [{ fault: 'stall', duration: 5 }], { scheduler }), request).subscribe(
      (whole) => (said = whole),
    );
    scheduler.flush();
    expect(said).to.equal(tokens.join(''));
  });

  it('breaks JSON with what it says by default, wherever it stands', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.nat(), (json, one, other) => {
        const [begin, end] = [one % (json.length + 1), other % (json.length + 1)].sort((a, b) => a - b);
        const backend = faulty(scriptedBackend([[json.slice(0, begin), json.slice(begin, end), json.slice(end)]]), [
          { fault: 'malformed', at: 2 },
        ]);
        let said = '';
        generate(backend, request).subscribe((whole) => (said = whole));
        expect(said.length).to.be.greaterThan(0);
        expect(() => JSON.parse(said) as unknown).to.throw(SyntaxError);
      }),
    );
  });

  it('refuses a plan that makes no sense when it is made', () => {
    const none = scriptedBackend([]);
    const refused = (planned: object): string => {
      try {
        faulty(none, [{ fault: 'truncate' }, planned as Fault]);
      } catch (error) {
        expect(error).to.be.instanceOf(ContractError);
        return String(error);
      }
      return 'taken';
    };
    expect(refused({ fault: 'error', att: 2 })).to.equal('ContractError: Fault 2 of the plan, error, has no att.');
    expect(refused({ fault: 'error', at: -1 })).to.equal(
      'ContractError: Fault 2 of the plan, error, makes no sense: /at: expected a whole number from 0, got -1.',
    );
    expect(refused({ fault: 'gremlin' })).to.equal(
      'ContractError: Fault 2 of the plan is none of stall, error, truncate, duplicate, malformed, rateLimit, drip, restart: it says gremlin.',
    );
    const senseless: readonly object[] = [
      { fault: 'stall', at: Number.NaN },
      { fault: 'stall', duration: 1.5 },
      { fault: 'stall', duration: 2 ** 31 },
      { fault: 'stall', request: 0 },
      { fault: 'error', request: 1.5 },
      { fault: 'truncate', at: Infinity },
      { fault: 'truncate', at: '1' },
      { fault: 'duplicate' },
      { fault: 'duplicate', at: 0 },
      { fault: 'malformed', at: 1, text: 5 },
      { fault: 'malformed', at: 0 },
      { fault: 'rateLimit', retryAfter: -1 },
      { fault: 'drip' },
      { fault: 'drip', interval: 0 },
      { fault: 'restart', at: -1 },
      {},
    ];
    for (const planned of senseless) expect(refused(planned), JSON.stringify(planned)).to.include('Fault 2 of the plan');
  });

  it('is not changed by what becomes of the plan afterwards', () => {
    const plan: Fault[] = [{ fault: 'truncate' }];
    const source = scriptedBackend(['a']);
    const backend = faulty(source, plan);
    plan.length = 0;
    backend.stream(request).subscribe();
    expect(source.requests).to.have.length(0);
  });

  it('lets an agent try again after a refusal', () => {
    const backend = faulty(scriptedBackend(['Hello']), [{ request: 1, fault: 'rateLimit', retryAfter: 1000 }]);
    const said: string[] = [];
    generate(backend, request)
      .pipe(retry(1))
      .subscribe((whole) => said.push(whole));
    expect(said).to.deep.equal(['Hello']);
  });

  it('is a backend', () => {
    expectTypeOf(faulty).returns.toEqualTypeOf<FaultyBackend>();
    expectTypeOf<FaultyBackend>().toExtend<LLMBackend>();
  });
});

const place = { request: fc.integer({ min: 1, max: 3 }), at: fc.integer({ min: 0, max: 6 }) };
const tokenPlace = { request: place.request, at: fc.integer({ min: 1, max: 6 }) };
const optional = { requiredKeys: ['fault'] as ['fault'] };
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ ...place, fault: fc.constant('stall' as const), duration: fc.integer({ min: 0, max: 30 }) }, optional),
  fc.record({ ...place, fault: fc.constant('error' as const), error: fc.constant(down) }, optional),
  fc.record({ ...place, fault: fc.constant('truncate' as const) }, optional),
  fc.record({ ...tokenPlace, fault: fc.constant('duplicate' as const) }, { requiredKeys: ['fault', 'at'] }),
  fc.record({ ...tokenPlace, fault: fc.constant('malformed' as const), text: fc.string() }, { requiredKeys: ['fault', 'at'] }),
  fc.record({ request: place.request, fault: fc.constant('rateLimit' as const), retryAfter: fc.integer({ min: 0, max: 9 }) }, optional),
  fc.record(
    { ...place, fault: fc.constant('drip' as const), interval: fc.integer({ min: 1, max: 5 }) },
    { requiredKeys: ['fault', 'interval'] },
  ),
  fc.record({ ...place, fault: fc.constant('restart' as const) }, optional),
);
const anyPlan = fc.array(anyFault, { maxLength: 4 });

const piece = fc.constantFrom('a', 'W', 'h', 'e', 'u', 'k', 'r');
const anyAnswer: fc.Arbitrary<ScriptStep> = fc
  .tuple(fc.array(fc.tuple(piece, fc.constantFrom('', '-', '----')), { maxLength: 8 }), fc.constantFrom('f|', '|', '#', '-'))
  .map(([parts, end]) => ({
    marbles: parts.map(([letter, wait]) => wait + letter).join('') + end,
    values: chunks,
    error: down,
  }));

/** A source that counts who is subscribed to it. */
const watched = (source: LLMBackend): { readonly backend: LLMBackend; readonly open: () => number } => {
  let open = 0;
  const watch = (chunk$: Observable<LLMChunk>) =>
    new Observable<LLMChunk>((subscriber) => {
      open += 1;
      subscriber.add(() => (open -= 1));
      subscriber.add(chunk$.subscribe(subscriber));
    });
  return { backend: { stream: (asked) => watch(source.stream(asked)) }, open: () => open };
};

/** What one answer tells, left after `most` chunks, and what is open and pending in the frame in which it ends. */
const listen = (plan: readonly Fault[], answer: ScriptStep, most = 100) => {
  const scheduler = new VirtualTimeScheduler();
  const { backend, open } = watched(scriptedBackend([answer], { scheduler }));
  const told: string[] = [];
  const left: number[] = [];
  faulty(backend, plan, { scheduler })
    .stream(request)
    .pipe(take(most))
    .subscribe({
      next: (chunk) => told.push(chunk.type),
      error: () => told.push('#'),
      complete: () => told.push('|'),
    })
    // In the same frame, but after the timer that is firing has been put away.
    .add(() => scheduler.schedule(() => left.push(open(), scheduler.actions.filter(({ closed }) => !closed).length)));
  scheduler.flush();
  return { told, left, isOpen: open() > 0 };
};

/** A model that says the same in each of many answers. */
const saying = (tokens: readonly string[]): LLMBackend =>
  scriptedBackend(Array.from({ length: 40 }, () => ({ tokens, interval: 2, usage: { inputTokens: 1, outputTokens: 1 } })));

describe('faulty, whatever the plan', () => {
  it('ends at most once, says nothing after it, and has then released the source and its timers', () => {
    fc.assert(
      fc.property(anyPlan, anyAnswer, (plan, answer) => {
        const { told, left, isOpen } = listen(plan, answer);
        const end = told.findIndex((said) => said === '#' || said === '|');
        if (end < 0) expect(left, 'an answer that does not end').to.deep.equal([]);
        else expect([told.length - 1, left, isOpen]).to.deep.equal([end, [0, 0], false]);
      }),
      { numRuns: 500 },
    );
  });

  it('releases the source and the timers at whichever chunk it is left', () => {
    let leavings = 0;
    fc.assert(
      fc.property(anyPlan, anyAnswer, fc.integer({ min: 1, max: 10 }), (plan, answer, most) => {
        const { told, left } = listen(plan, answer, most);
        if (told.length <= most) return;
        leavings += 1;
        expect([told.length, left]).to.deep.equal([most + 1, [0, 0]]);
      }),
      { numRuns: 500 },
    );
    expect(leavings).to.be.greaterThan(50);
  });

  const thought = ['{"thought":"I lo', 'ok around.","na', 'me":"look","params":{},"expe', 'ctedDelta":"n grows"}'];
  const judgement = ['{"evidence":"n', ' grew","phiBefore":0,', '"phiAfter":3,"confidence":0.9}'];

  it('leaves a whole agent with a run in good order', () => {
    let ended = new Set<string>();
    fc.assert(
      fc.property(anyPlan, anyPlan, fc.integer({ min: 0, max: 2 }), (actorPlan, judgePlan, repairs) => {
        const events: StreamEvent[] = [];
        agentMarbles(({ flush, scheduler }) => {
          const run = orchestrate({
            actor: llmActor({ backend: faulty(saying(thought), actorPlan), repairs }),
            purposeFunction: llmPurposeFunction({ backend: faulty(saying(judgement), judgePlan), repairs }),
            environment: counting(),
          }).runTaskStream({ purpose: 'let n grow', maxSteps: 3 });
          let disorder: unknown;
          run.pipe(verifyOrder()).subscribe({
            next: (event) => events.push(event),
            error: (error: unknown) => (disorder = error instanceof EventOrderError ? error : undefined),
          });
          scheduler.schedule(() => run.cancel('It stalls.'), 5000);
          flush();
          expect(disorder).to.equal(undefined);
        });
        expect(events.at(-1)?.type).to.equal('task_end');
        const end = events.at(-1);
        if (end?.type === 'task_end') ended = new Set([...ended, end.data.stopReason]);
        verifyRecordings();
      }),
      { numRuns: 200 },
    );
    // The property has met runs that came through, that stalled and that failed.
    expect([...ended].sort()).to.deep.equal(['cancelled', 'failed', 'max_steps']);
  });
});
