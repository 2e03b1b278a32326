import { expect } from 'chai';
import { catchError, NEVER, Observable, of, Subject, Subscription, throwError, VirtualTimeScheduler, type SchedulerLike } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import type { TimeoutConfig } from '../../lib/backend/timeout-config.js';
import { withTimeout } from '../../lib/backend/with-timeout.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { TimeoutError } from '../../lib/errors/timeout-error.js';
import { itObeysTheBackendLaws } from '../../lib/testing/laws/backend-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { outcomeOf } from '../support/outcome.js';

const request: LLMRequest = { messages: [{ role: 'user', content: 'Hi' }] };
const OFF = { connect: null, firstToken: null, idle: null, total: null };

const text = (value: string): LLMChunk => ({ type: 'text', text: value });
const chunks: Readonly<Record<string, LLMChunk>> = {
  a: text('a'),
  b: text('b'),
  c: text('c'),
  // Neither of these is content.
  e: text(''),
  g: { type: 'reasoning', text: '' },
  u: { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
  h: { type: 'reasoning', text: 'Hm' },
  t: { type: 'tool_call', id: '1', name: 'look', params: {} },
  f: { type: 'finish', reason: 'stop' },
  r: { type: 'restart' },
};

const backendOf = (answer$: Observable<LLMChunk>): LLMBackend => ({ stream: () => answer$ });

/** The answers with their clocks; an error is its clock and the text so far. */
const timed = (answer$: Observable<LLMChunk>, config: TimeoutConfig): Observable<LLMChunk> =>
  withTimeout({ ...OFF, ...config })(backendOf(answer$))
    .stream(request)
    .pipe(catchError(({ clock, partial }: TimeoutError) => throwError(() => `${clock} ${partial}`)));

/** One with callbacks: `o` calls onOpen, `p` calls onContent, what else there is is a chunk. */
const talking = (marbles: Observable<string>): LLMBackend => ({
  stream: ({ onOpen, onContent }) =>
    new Observable((subscriber) =>
      marbles.subscribe((letter) => {
        if (letter === 'o') onOpen?.();
        else if (letter === 'p') onContent?.();
        else subscriber.next(chunks[letter] ?? text(letter));
      }),
    ),
});

/** With the clocks that there are by default; an error is its clock. */
const asked = (marbles: Observable<string>): Observable<LLMChunk> =>
  withTimeout()(talking(marbles))
    .stream(request)
    .pipe(catchError(({ clock }: TimeoutError) => throwError(() => clock)));

describe('withTimeout', () => {
  itObeysTheBackendLaws(
    { describe, it },
    {
      make: (plan) => {
        let opened = 0;
        let open = 0;
        const backend: LLMBackend = {
          stream: () =>
            new Observable((subscriber) => {
              opened += 1;
              open += 1;
              subscriber.add(() => (open -= 1));
              (plan === 'whole' ? of(text('a'), text('b')) : new Observable<LLMChunk>((to) => to.next(text('a')))).subscribe(subscriber);
            }),
        };
        return { backend: withTimeout()(backend), opened: () => opened, open: () => open };
      },
    },
  );

  type Case = readonly [name: string, config: TimeoutConfig, source: string, subs: string, expected: string, error?: string];
  const cases: readonly Case[] = [
    ['passes a prompt answer through', { connect: 5, firstToken: 5, idle: 5, total: 50 }, '-ea-h-t-u-f|', '^----------!', '-ea-h-t-u-f|'],
    ['passes errors through', { connect: 5 }, '--#', '^-!', '--#', 'undefined undefined'],

    ['gives up a server that does not begin to answer', { connect: 5 }, '-----------a', '^----!', '-----#', 'connect '],
    ['takes any chunk for a beginning', { connect: 5 }, '--u--------a', '^-----------!', '--u--------a'],

    ['gives up an answer without a first content', { firstToken: 7 }, '--e-g-u-e-e', '^------!', '--e-g-u#', 'firstToken '],
    ['takes reasoning for content', { firstToken: 5 }, '--h-------', '^---------!', '--h-------'],
    ['takes a tool call for content', { firstToken: 5 }, '--t-------', '^---------!', '--t-------'],
    ['takes a finish for content', { firstToken: 5 }, '--f-------', '^---------!', '--f-------'],

    ['gives up an answer that stands still', { idle: 5 }, '-a-b-------c-|', '^-------!', '-a-b----#', 'idle ab'],
    ['lets nothing that is no content mask a silence', { idle: 5 }, '-a-e-u-e-g-e', '^-----!', '-a-e-u#', 'idle a'],
    ['does not count the silence before the first content', { idle: 3 }, '----------a-|', '^-----------!', '----------a-|'],
    ['waits anew after each content', { idle: 4 }, '-a--b--h--t--c|', '^-------------!', '-a--b--h--t--c|'],
    [
      'waits for what is left only, whenever its timer was set',
      { idle: 6 },
      '-a----b---------',
      '^-----------!',
      '-a----b-----#',
      'idle ab',
    ],
    ['notes when a short silence is due before a long first wait', { firstToken: 50, idle: 3 }, '-a---------', '^---!', '-a--#', 'idle a'],

    ['gives up an answer that comes to no end', { total: 7 }, '-a-b-c-a-b-c', '^------!', '-a-b-c-#', 'total abc'],
    ['names the first clock that runs out', { connect: 3, firstToken: 3, total: 3 }, '-----', '^--!', '---#', 'connect '],

    ['forgets the text that a restart makes void', { total: 8 }, '-a-b-r-c---', '^-------!', '-a-b-r-c#', 'total c'],
    [
      'waits for the first content anew after a restart',
      { firstToken: 5, idle: 2 },
      '-abr----c------',
      '^---------!',
      '-abr----c-#',
      'idle c',
    ],
    ['gives up where nothing comes after a restart', { firstToken: 4, idle: 20 }, '-a--r--------', '^-------!', '-a--r---#', 'firstToken '],

    ['completes a whole answer whose end is missing', { idle: 5 }, '-a-f-------', '^-------!', '-a-f----|'],
    ['completes a whole answer at the last', { idle: 50, total: 6 }, '-a-fu-------', '^-----!', '-a-fu-|'],
    ['waits on where a finish was made void', { idle: 3 }, '-f-r-a-----', '^-------!', '-f-r-a--#', 'idle a'],
  ];
  for (const [name, config, marbles, subs, expected, error] of cases) {
    it(name, () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions, pendingTimers, flush }) => {
        const source = cold<LLMChunk>(marbles, chunks, {});
        // What does not end by itself is left.
        expectObservable(timed(source, config), /[|#]/.test(expected) ? undefined : subs).toBe(expected, chunks, error);
        expectSubscriptions(source.subscriptions).toBe(subs);
        flush();
        expect(pendingTimers()).to.deep.equal([]);
      }),
    );
  }

  it('hears what comes beside the chunks', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const stream = (marbles: string, config: TimeoutConfig): Observable<LLMChunk> =>
        withTimeout({ ...OFF, ...config })(talking(cold(marbles)))
          .stream(request)
          .pipe(catchError(({ clock }: TimeoutError) => throwError(() => clock)));

      expectObservable(stream('-o-------a', { connect: 3 }), '^---------!').toBe('---------a', chunks);
      expectObservable(stream('-o-------a', { firstToken: 6 })).toBe('------#', chunks, 'firstToken');
      expectObservable(stream('-o-p-p-p-p-------', { connect: 2, firstToken: 4, idle: 4 })).toBe('-------------#', chunks, 'idle');
      expectObservable(stream('-p-------', { connect: 3 }), '^--------!').toBe('---------', chunks);
    }));

  it('calls the callbacks of the request, too', () => {
    const told: string[] = [];
    const marbles = new Subject<string>();
    const subscription = withTimeout()(withTimeout()(talking(marbles)))
      .stream({ ...request, onOpen: () => told.push('open'), onContent: () => told.push('content') })
      .subscribe();
    for (const letter of 'opp') marbles.next(letter);
    subscription.unsubscribe();
    expect(told).to.deep.equal(['open', 'content', 'content']);
  });

  it('has sane clocks unless it is told otherwise', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(asked(cold('--'))).toBe('1m #', chunks, 'connect');
      expectObservable(asked(cold('o-'))).toBe('2m #', chunks, 'firstToken');
      expectObservable(asked(cold('a-'))).toBe('a 59999ms #', chunks, 'idle');
      expectObservable(asked(cold('a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a'))).toBe(
        'a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 49s a 11987ms #',
        chunks,
        'total',
      );
    }));

  it('lets go of the request before it tells', () => {
    const scheduler = new VirtualTimeScheduler();
    const source = new Subject<LLMChunk>();
    let wasObserved: boolean | undefined;
    withTimeout({ idle: 5, scheduler })(backendOf(source))
      .stream(request)
      .subscribe({ error: () => (wasObserved = source.observed) });
    source.next(text('a'));
    scheduler.flush();
    expect(wasObserved).to.equal(false);
  });

  it('gives each subscription clocks of its own', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const answer$ = timed(cold<LLMChunk>('-a-------', chunks), { idle: 4 });
      expectObservable(answer$).toBe('-a---#', chunks, 'idle a');
      expectObservable(answer$, '---^').toBe('----a---#', chunks, 'idle a');
    }));

  it('has no more than one timer, and none once it is left', () =>
    agentMarbles(({ cold, at, pendingTimers }) => {
      const answer$ = timed(cold<LLMChunk>('-a-b-c-', chunks), { connect: 100, firstToken: 200, idle: 300, total: 400 });
      const subscription = answer$.subscribe();
      at(1, () => expect(pendingTimers().filter((due) => due >= 100)).to.deep.equal([100]));
      at(6, () => expect(pendingTimers().filter((due) => due >= 100)).to.deep.equal([100]));
      at(120, () => expect(pendingTimers()).to.deep.equal([305]));
      at(121, () => {
        subscription.unsubscribe();
        expect(pendingTimers()).to.deep.equal([]);
      });
    }));

  it('sets no timer where every clock is off', () =>
    agentMarbles(({ cold, expectObservable, pendingTimers, flush }) => {
      expectObservable(timed(cold<LLMChunk>('-a 20m b|', chunks), {})).toBe('-a 20m b|', chunks);
      flush();
      expect(pendingTimers()).to.deep.equal([]);
    }));

  it('reads what has come while the process was busy before it gives up', () => {
    const due: (() => void)[] = [];
    let now = 0;
    const scheduler: SchedulerLike = {
      now: () => now,
      schedule: ((work: () => void) => {
        due.push(work);
        return new Subscription();
      }) as SchedulerLike['schedule'],
    };
    const source = new Subject<LLMChunk>();
    const heard: unknown[] = [];
    const subscription = withTimeout({ ...OFF, idle: 100, scheduler })(backendOf(source))
      .stream(request)
      .subscribe({ next: ({ type }) => heard.push(type), error: ({ clock }: TimeoutError) => heard.push(clock) });
    source.next(text('a'));
    now = 5000;
    due.shift()?.();
    expect(heard).to.deep.equal(['text']);
    source.next(text('b'));
    now = 5020;
    due.shift()?.();
    expect(heard).to.deep.equal(['text', 'text']);
    // And the same without anything that has come.
    now = 9000;
    due.shift()?.();
    expect(heard).to.have.length(2);
    now = 9020;
    due.shift()?.();
    expect(heard).to.deep.equal(['text', 'text', 'idle']);
    subscription.unsubscribe();
  });

  it('says what to do, keeps the text, and shows no key', async () => {
    const backend = scriptedBackend([{ marbles: 'a---', values: { a: text('My key is sk-0123456789abcdef.') } }]);
    const { error } = await outcomeOf(withTimeout({ idle: 5 })(backend).stream(request));
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error).to.include({ _tag: 'TimeoutError', isRetryable: true, clock: 'idle', limit: 5, partial: 'My key is [redacted].' });
    expect((error as TimeoutError).message)
      .to.include('5 ms')
      .and.include('raise idle')
      .and.include('characters');
  });

  it('asks nothing where it is left at once', () => {
    let asked = 0;
    const backend: LLMBackend = {
      stream: () => {
        asked += 1;
        return NEVER;
      },
    };
    withTimeout()(backend).stream(request);
    expect(asked).to.equal(0);
  });

  it('refuses clocks that make no sense', () => {
    for (const wait of [0, -1, NaN, Infinity, 2 ** 31]) {
      for (const clock of ['connect', 'firstToken', 'idle', 'total']) {
        expect(() => withTimeout({ [clock]: wait }), `${clock} ${wait}`).to.throw(ContractError, clock);
      }
    }
    withTimeout({ connect: 1, total: 2 ** 31 - 1, idle: null });
  });
});
