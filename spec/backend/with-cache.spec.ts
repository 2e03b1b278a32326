import { expect } from 'chai';
import { concat, defer, EMPTY, finalize, map, NEVER, of, throwError, timer, toArray, type Observable } from 'rxjs';
import type { AnswerStore, StoredAnswer } from '../../lib/backend/answer-store.js';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { withCache, type CacheConfig } from '../../lib/backend/with-cache.js';
import type { Meter } from '../../lib/domain/meter.js';
import type { CacheError } from '../../lib/errors/cache-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { itObeysTheBackendLaws } from '../../lib/testing/laws/backend-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { chunks, counted, inTurn } from '../support/backends-in-turn.js';
import { hearNow } from '../support/hear-now.js';
import { itLeavesNothingBehind } from '../support/it-leaves-nothing-behind.js';

const request: LLMRequest = { messages: [{ role: 'user', content: 'Hi' }], temperature: 0 };

const { a, b, c, f, I, u } = chunks;

const finish = (reason: string): LLMChunk => ({ type: 'finish', reason });

const onNoError = (): void => undefined;

const throwing = (message: string) => (): never => {
  throw new Error(message);
};

/** A backend that gives these answers in turn, and `x` afterwards; it counts what it is asked. */
const counting = (...answers: readonly Observable<LLMChunk>[]) => {
  let requests = 0;
  const backend: LLMBackend = {
    stream: () =>
      defer(() => {
        requests += 1;
        return answers[requests - 1] ?? of(chunks.x, f);
      }),
  };
  return { backend, requests: () => requests };
};

/** What is heard of two requests in a row. */
const twice = (config: CacheConfig, answer$: Observable<LLMChunk>, first = request, second = first) => {
  const { backend, requests } = counting(answer$);
  const cached = withCache(config)(backend);
  return { heard: [hearNow(cached.stream(first)), hearNow(cached.stream(second))], requests: requests() };
};

const told = () => {
  const errors: CacheError[] = [];
  return { errors, onError: (error: CacheError): void => void errors.push(error) };
};

const storeWith = (store: Partial<AnswerStore>): AnswerStore => ({ get: () => undefined, set: () => undefined, ...store });

describe('withCache', () => {
  it('gives an answer again at once, without asking and without its usage', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('--a-b-(fu|)', chunks);
      const backend = withCache()(inTurn(answer));
      expectObservable(backend.stream(request)).toBe('--a-b-(fu|)', chunks);
      expectObservable(backend.stream(request), '---------^').toBe('---------(abf|)', chunks);
      expectSubscriptions(answer.subscriptions).toBe('^-----!');
    }));

  it('keeps reasoning and tool calls too', () => {
    const call = finish('tool_calls');
    expect(twice({}, of(chunks.r, c, call, u)).heard[1]).to.deep.equal([chunks.r, c, call, '|']);
  });

  it('keeps what followed the last restart', () => {
    expect(twice({}, of(a, c, I, b, f, I, b, a, f)).heard[1]).to.deep.equal([b, a, f, '|']);
  });

  const bad: readonly (readonly [string, Observable<LLMChunk>])[] = [
    ['that has no finish', of(a)],
    ['that was cut off', of(a, finish('length'))],
    ['that was filtered', of(a, finish('content_filter'))],
    ['that was salvaged', of(a, chunks.s)],
    ['that says nothing', of(chunks.e, f)],
    ['that only reasoned', of(chunks.r, f)],
    [
      'that failed after its finish',
      concat(
        of(a, f),
        throwError(() => new Error('down')),
      ),
    ],
    ['that did not end', concat(of(a, f), NEVER)],
    ['that began anew and broke off', of(a, f, I)],
  ];
  for (const [what, answer$] of bad) {
    it(`keeps no answer ${what}`, () => {
      const { heard, requests } = twice({}, answer$);
      expect(heard[1]).to.deep.equal([chunks.x, f, '|']);
      expect(requests).to.equal(2);
    });
  }

  it('keeps no answer that is left', () => {
    const { backend, requests } = counting(of(a, b, f));
    const cached = withCache()(backend);
    expect(hearNow(cached.stream(request), 2)).to.deep.equal([a, b]);
    hearNow(cached.stream(request));
    expect(requests()).to.equal(2);
  });

  it('keeps only what a temperature of 0 gave, unless it is told otherwise', () => {
    for (const temperature of [0.1, null, undefined]) {
      const { temperature: _, ...rest } = request;
      const warm = temperature === undefined ? rest : { ...rest, temperature };
      expect(twice({}, of(a, f), warm).requests, String(temperature)).to.equal(2);
      expect(twice({ anyTemperature: true }, of(a, f), warm).requests, String(temperature)).to.equal(1);
    }
  });

  it('takes requests for the same whose JSON is, whatever the order of their keys', () => {
    const other = { temperature: 0, messages: [{ content: 'Hi', role: 'user' as const }], onOpen: () => undefined };
    expect(twice({}, of(a, f), request, other).requests).to.equal(1);
  });

  it('takes requests for different where anything of them is', () => {
    const others: readonly LLMRequest[] = [
      { ...request, messages: [] },
      { ...request, messages: [{ role: 'system', content: 'Hi' }] },
      { ...request, maxTokens: 5 },
      { ...request, stop: ['.'] },
      { ...request, responseFormat: { name: 'n', schema: {} } },
      { ...request, tools: [{ name: 'look', parameters: {} }] },
      { ...request, messages: [...request.messages, ...request.messages] },
    ];
    for (const other of others) expect(twice({}, of(a, f), request, other).requests, JSON.stringify(other)).to.equal(2);
  });

  it('tells requests apart by the key that it is given, and keeps none without', () => {
    const short: CacheConfig = { key: ({ messages }, json) => (json.includes('maxTokens') ? undefined : String(messages.length)) };
    expect(twice(short, of(a, f), request, { ...request, stop: ['.'] }).requests).to.equal(1);
    expect(twice(short, of(a, f), { ...request, maxTokens: 1 }).requests).to.equal(2);
  });

  it('fails with what the key throws', () => {
    expect(twice({ key: throwing('no key') }, of(a, f)).heard[0]).to.deep.equal(['# no key']);
  });

  it('counts no request for what it had kept', () => {
    let counted = 0;
    const meter: Meter = Object.assign(
      () => {
        counted += 1;
        return of({ count: () => true, end: () => undefined });
      },
      { note: () => undefined, beforeCalls: <T>(_: number, project: () => Observable<T>) => project(), countCall: () => undefined },
    );
    expect(twice({}, of(a, f), { ...request, meter }).heard[1]).to.deep.equal([a, f, '|']);
    expect(counted).to.equal(1);
  });

  it('makes a request for each who ask at the same time', () => {
    const { backend, requests } = counting(concat(of(a), NEVER), of(b, f));
    const cached = withCache()(backend);
    const first = cached.stream(request).subscribe();
    expect(hearNow(cached.stream(request))).to.deep.equal([b, f, '|']);
    first.unsubscribe();
    expect(requests()).to.equal(2);
  });

  it('keeps the answers of each backend apart', () => {
    const decorate = withCache();
    expect(hearNow(decorate(inTurn(of(a, f))).stream(request))).to.deep.equal([a, f, '|']);
    expect(hearNow(decorate(inTurn(of(b, f))).stream(request))).to.deep.equal([b, f, '|']);
  });

  it('forgets an answer that is as old as ttl', () =>
    agentMarbles(({ expectObservable }) => {
      const { backend } = counting(of(a, f), of(b, f));
      const cached = withCache({ ttl: 1000 })(backend);
      expectObservable(cached.stream(request)).toBe('             (af|)', chunks);
      expectObservable(cached.stream(request), '999ms ^').toBe('   999ms (af|)', chunks);
      expectObservable(cached.stream(request), '1000ms ^').toBe('  1000ms (bf|)', chunks);
      expectObservable(cached.stream(request), '1999ms ^').toBe('  1999ms (bf|)', chunks);
    }));

  it('forgets what was not asked for longest where there is no room', () => {
    const asked: string[] = [];
    const cached = withCache({ capacity: 2 })({
      stream: ({ stop }) => {
        asked.push(String(stop));
        return of(a, f);
      },
    });
    for (const stop of ['1', '2', '1', '3', '1', '2', '3']) hearNow(cached.stream({ ...request, stop: [stop] }));
    expect(asked).to.deep.equal(['1', '2', '3', '2', '3']);
  });

  it('asks a store of any kind, now or later', async () => {
    const answer: StoredAnswer = [a, f];
    for (const given of [answer, of(answer), Promise.resolve(answer), timer(1).pipe(map(() => answer))]) {
      const { backend, requests } = counting();
      const cached = withCache({ store: storeWith({ get: () => given }), onError: onNoError })(backend);
      const heard = await new Promise((resolve) => void cached.stream(request).pipe(toArray()).subscribe(resolve));
      expect(heard).to.deep.equal(answer);
      expect(requests()).to.equal(0);
    }
  });

  it('asks the model where a store has nothing', () => {
    for (const given of [undefined, EMPTY, of(undefined)]) {
      const { errors, onError } = told();
      const cached = withCache({ store: storeWith({ get: () => given }), onError })(inTurn(of(a, f)));
      expect(hearNow(cached.stream(request))).to.deep.equal([a, f, '|']);
      expect(errors).to.deep.equal([]);
    }
  });

  it('gives a store the answer before it completes, with the key that it is asked by', () => {
    const log: unknown[] = [];
    const store: AnswerStore = {
      get: (key) => void log.push(key),
      set: (key, answer) => void log.push(key, answer),
    };
    withCache({ store, key: () => 'k', onError: onNoError })(inTurn(of(a, u, f)))
      .stream(request)
      .subscribe({ complete: () => log.push('complete') });
    expect(log).to.deep.equal(['k', 'k', [a, f], 'complete']);
  });

  it('does not wait for a store to have kept an answer, and does not stop it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const kept = cold('-----|');
      const store = storeWith({ set: () => kept });
      const answer$ = withCache({ store, onError: onNoError })(inTurn(cold('-a(f|)', chunks))).stream(request);
      expectObservable(answer$).toBe('-a(f|)', chunks);
      expectSubscriptions(kept.subscriptions).toBe('--^----!');
    }));

  it('asks the model where a store fails, and tells', () => {
    const broken = 'disk full, key sk-0123456789abcdef0123';
    for (const fail of [throwing(broken), () => throwError(() => new Error(broken))]) {
      const { errors, onError } = told();
      const cached = withCache({ store: { get: fail, set: fail }, onError })(inTurn(of(a, f)));
      expect(hearNow(cached.stream(request))).to.deep.equal([a, f, '|']);
      expect(errors.map(({ _tag, operation }) => [_tag, operation])).to.deep.equal([
        ['CacheError', 'get'],
        ['CacheError', 'set'],
      ]);
      for (const { message } of errors) expect(message).to.include('disk full').and.not.include('0123456789');
    }
  });

  it('asks the model where a store gives what is no answer, and tells', () => {
    for (const given of ['text', [], [1], {}, [null]]) {
      const { errors, onError } = told();
      const cached = withCache({ store: storeWith({ get: () => given as unknown as StoredAnswer }), onError })(inTurn(of(a, f)));
      expect(hearNow(cached.stream(request))).to.deep.equal([a, f, '|']);
      expect(errors.map(({ operation }) => operation)).to.deep.equal(['get']);
    }
  });

  it('leaves a store that is left while it looks', () => {
    let isLeft = false;
    const looking$ = NEVER.pipe(finalize(() => (isLeft = true)));
    const { backend, requests } = counting();
    const cached = withCache({ store: storeWith({ get: () => looking$ }), onError: onNoError })(backend);
    cached.stream(request).subscribe().unsubscribe();
    expect([isLeft, requests()]).to.deep.equal([true, 0]);
  });

  it('stops the replay of an answer when it is left', () => {
    const { backend } = counting(of(a, b, a, b, f));
    const cached = withCache()(backend);
    hearNow(cached.stream(request));
    expect(hearNow(cached.stream(request), 2)).to.deep.equal([a, b]);
  });

  it('passes the errors of the backend on', () => {
    expect(
      twice(
        {},
        throwError(() => new Error('down')),
      ).heard[0],
    ).to.deep.equal(['# down']);
  });

  it('refuses what makes no sense when it is called', () => {
    const store = storeWith({});
    const wrong: readonly CacheConfig[] = [
      { capacity: 0 },
      { capacity: 1.5 },
      { ttl: -1 },
      { ttl: Number.NaN },
      { store },
      { store, onError: onNoError, capacity: 5 },
      { store, onError: onNoError, ttl: 5 },
    ];
    for (const config of wrong) expect(() => withCache(config), JSON.stringify(config)).to.throw(ContractError);
  });

  itLeavesNothingBehind([['-a-b-|']], 6, (stream) => withCache({ anyTemperature: true })({ stream }));

  // A store that keeps nothing: what it had kept would be no request.
  for (const get of [() => undefined, () => timer(1).pipe(map(() => undefined))]) {
    itObeysTheBackendLaws(
      { describe, it },
      { make: (plan) => counted(plan, withCache({ store: storeWith({ get }), onError: onNoError })), request },
    );
  }
});
