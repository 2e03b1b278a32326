import { expect } from 'chai';
import { concat, defer, EMPTY, NEVER, Observable, of, throwError, type Subscription } from 'rxjs';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { concurrencyLimit } from '../../lib/backend/concurrency-limit.js';
import { withConcurrency } from '../../lib/backend/with-concurrency.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { itObeysTheBackendLaws } from '../../lib/testing/laws/backend-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { chunks, counted, inTurn } from '../support/backends-in-turn.js';
import { hearNow } from '../support/hear-now.js';
import { itLeavesNothingBehind } from '../support/it-leaves-nothing-behind.js';

const request = { messages: [] };
const text = (said: string): LLMChunk => ({ type: 'text', text: said });

describe('withConcurrency', () => {
  it('makes a request wait for the one before it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('      -a-b-|     ', chunks);
      const second = cold('          -x-|  ', chunks);
      const expected1 = '       -a-b-|     ';
      const expected2 = '       ------x-|  ';
      const backend = withConcurrency({ requests: 1 })(inTurn(first, second));

      expectObservable(backend.stream(request)).toBe(expected1, chunks);
      expectObservable(backend.stream(request), '--^').toBe(expected2, chunks);
      expectSubscriptions(first.subscriptions).toBe('^----!');
      expectSubscriptions(second.subscriptions).toBe('-----^--!');
    }));

  it('gives a place on at an error and when a request is left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const down = new Error('down');
      const answers = [cold('--#', chunks, down), cold('--a', chunks), cold('-b|', chunks)] as const;
      const backend = withConcurrency({ requests: 1 })(inTurn(...answers));

      expectObservable(backend.stream(request)).toBe('       --#', chunks, down);
      expectObservable(backend.stream(request), '^----!').toBe('----a', chunks);
      expectObservable(backend.stream(request)).toBe('       ------b|', chunks);
      expectSubscriptions(answers[0].subscriptions).toBe('^-!');
      expectSubscriptions(answers[1].subscriptions).toBe('--^--!');
      expectSubscriptions(answers[2].subscriptions).toBe('-----^-!');
    }));

  it('takes who is left while it waits out of the line', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('---a|', chunks);
      const second = cold('b|', chunks);
      const backend = withConcurrency({ requests: 1 })(inTurn(first, second));
      expectObservable(backend.stream(request)).toBe('---a|', chunks);
      expectObservable(backend.stream(request), '-^-!').toBe('');
      expectObservable(backend.stream(request), '--^').toBe('----b|', chunks);
      expectSubscriptions(second.subscriptions).toBe('----^!');
    }));

  it('never makes more requests at a time than it may, and all of them in their order', () => {
    const limit = concurrencyLimit({ requests: 3 });
    const begun: number[] = [];
    let open = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const backendOf = (index: number): LLMBackend =>
      withConcurrency(limit)({
        stream: () =>
          new Observable((subscriber) => {
            begun.push(index);
            open += 1;
            most = Math.max(most, open);
            ends.push(() => {
              subscriber.complete();
            });
            return () => (open -= 1);
          }),
      });
    for (let index = 0; index < 10; index += 1) backendOf(index).stream(request).subscribe();
    expect([limit.active, limit.waiting]).to.deep.equal([3, 7]);
    // The second, then the first, and so on: in no order of theirs.
    while (ends.length > 0) (ends.length > 1 ? ends.splice(1, 1)[0] : ends.shift())?.();
    expect(begun).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).to.equal(3);
    expect([limit.active, limit.waiting, open]).to.deep.equal([0, 0, 0]);
  });

  it('closes a transport before it opens the next, however it ends', () => {
    const endings: readonly Observable<LLMChunk>[] = [EMPTY, throwError(() => new Error('down'))];
    for (const ending$ of endings) {
      const log: string[] = [];
      let end: (() => void) | undefined;
      const opening = (name: string, answer$: Observable<LLMChunk>): Observable<LLMChunk> =>
        new Observable((subscriber) => {
          log.push(`open ${name}`);
          subscriber.add(() => log.push(`close ${name}`));
          end ??= () => answer$.subscribe(subscriber);
        });
      const backend = withConcurrency({ requests: 1 })(inTurn(opening('1', ending$), opening('2', NEVER)));
      backend.stream(request).subscribe({ error: () => undefined });
      const second = backend.stream(request).subscribe();
      end?.();
      expect(log).to.deep.equal(['open 1', 'close 1', 'open 2']);
      second.unsubscribe();
    }
  });

  it('shares a limit among all backends that have it, and numbers among those of one decorator', () => {
    const limit = concurrencyLimit({ requests: 1 });
    const held: LLMBackend = { stream: () => concat(of(chunks.a), NEVER) };
    const many = withConcurrency({ requests: 1 });
    for (const [one, other] of [
      [withConcurrency(limit)(held), withConcurrency(limit)(held)],
      [many(held), many(held)],
    ] as const) {
      const first = one.stream(request).subscribe();
      const second = hearNow(other.stream(request));
      expect(second).to.deep.equal([]);
      first.unsubscribe();
      expect(second).to.deep.equal([chunks.a]);
    }
    expect(hearNow(withConcurrency({ requests: 1 })(held).stream(request))).to.deep.equal([chunks.a]);
  });

  it('gives a place on once where a request is left in the middle of its own burst', () => {
    const limit = concurrencyLimit({ requests: 1 });
    const backend = withConcurrency(limit)({ stream: () => of(chunks.a, chunks.b, chunks.x) });
    expect(hearNow(backend.stream(request), 2)).to.have.length(2);
    expect(limit.active).to.equal(0);
  });

  it('lets who asks again at the end of an answer wait for its turn', () => {
    const said: unknown[] = [];
    let requests = 0;
    const backend = withConcurrency({ requests: 1 })({
      stream: () =>
        defer(() => {
          requests += 1;
          return of(text(String(requests)));
        }),
    });
    concat(backend.stream(request), backend.stream(request)).subscribe((chunk) => said.push(chunk));
    expect(said).to.deep.equal([text('1'), text('2')]);
  });

  it('makes an error of what a backend throws, and gives the place on', () => {
    const limit = concurrencyLimit({ requests: 1 });
    const backend = withConcurrency(limit)({
      stream: () => {
        throw new Error('no backend');
      },
    });
    expect(hearNow(backend.stream(request))).to.deep.equal(['# no backend']);
    expect(limit.active).to.equal(0);
  });

  it('stands twenty thousand quick requests behind a slow one', () => {
    let end: (() => void) | undefined;
    let answers = 0;
    const backend = withConcurrency({ requests: 1 })({
      stream: () =>
        end === undefined
          ? new Observable((subscriber) => {
              end = () => {
                subscriber.complete();
              };
            })
          : of(chunks.a),
    });
    const waiting: Subscription[] = [];
    for (let index = 0; index <= 20_000; index += 1) waiting.push(backend.stream(request).subscribe(() => (answers += 1)));
    end?.();
    expect(answers).to.equal(20_000);
    expect(waiting.every(({ closed }) => closed)).to.equal(true);
  });

  it('refuses what makes no sense when it is called', () => {
    for (const requests of [0, -1, 1.5, Number.NaN, Infinity]) {
      expect(() => withConcurrency({ requests }), String(requests)).to.throw(ContractError);
      expect(() => concurrencyLimit({ requests }), String(requests)).to.throw(ContractError);
    }
  });

  itLeavesNothingBehind([['-a-b-|']], 6, (stream) => withConcurrency({ requests: 1 })({ stream }));

  itObeysTheBackendLaws({ describe, it }, { make: (plan) => counted(plan, withConcurrency({ requests: 2 })) });
});
