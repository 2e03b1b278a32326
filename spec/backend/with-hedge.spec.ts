import { expect } from 'chai';
import * as fc from 'fast-check';
import { asyncScheduler, filter, Subject, tap, throwError, VirtualTimeScheduler, type Observable } from 'rxjs';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { withHedge, type HedgeConfig } from '../../lib/backend/with-hedge.js';
import { AllBackendsFailedError } from '../../lib/errors/all-backends-failed-error.js';
import { AuthenticationError } from '../../lib/errors/authentication-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { itObeysTheBackendLaws } from '../../lib/testing/laws/backend-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { chunks, counted, inTurn, textOf } from '../support/backends-in-turn.js';
import { hearNow } from '../support/hear-now.js';
import { itLeavesNothingBehind } from '../support/it-leaves-nothing-behind.js';

const request = { messages: [] };
const down = new ServerError('The server is down.');
const unauthorized = new AuthenticationError('The key is wrong.');
const after3: HedgeConfig = { after: 3 };

const answerOf = (backend: LLMBackend): Observable<LLMChunk> => backend.stream(request);
const allFailed = (texts: string, errors: readonly unknown[]): AllBackendsFailedError =>
  new AllBackendsFailedError(
    `All ${errors.length} requests for an answer failed before they said anything. Mend their backend, or add another. ${texts}`,
    { errors },
  );

describe('withHedge', () => {
  for (const letter of 'arc') {
    it(`makes one request where there is content in time (${letter})`, () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold(`        --${letter}----b-(uf|)`, chunks);
        const second = cold('       x|', chunks);
        const expected = `          --${letter}----b-(uf|)`;
        expectObservable(answerOf(withHedge(after3)(inTurn(first, second)))).toBe(expected, chunks);
        expectSubscriptions(first.subscriptions).toBe('^--------!');
        expectSubscriptions(second.subscriptions).toBe([]);
      }));
  }

  it('makes a second one where there is none, and leaves whoever comes to content later', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('          ------x-y-|', chunks);
      const second = cold('            -a-(b|)', chunks);
      const expected = '            ----a-(b|)';
      expectObservable(answerOf(withHedge(after3)(inTurn(first, second)))).toBe(expected, chunks);
      expectSubscriptions(first.subscriptions).toBe(' ^---!');
      expectSubscriptions(second.subscriptions).toBe('---^--!');
    }));

  it('leaves the second one where the first is faster after all', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('          ----x-y-|', chunks);
      const second = cold('            ---a-(b|)', chunks);
      const expected = '            ----x-y-|';
      expectObservable(answerOf(withHedge(after3)(inTurn(first, second)))).toBe(expected, chunks);
      expectSubscriptions(first.subscriptions).toBe(' ^-------!');
      expectSubscriptions(second.subscriptions).toBe('---^!');
    }));

  it('has let go of the losers before the first content is heard', () =>
    agentMarbles(({ cold, flush }) => {
      const first = cold('----x', chunks);
      const second = cold('--a', chunks);
      const open: number[] = [];
      const subscription = answerOf(withHedge(after3)(inTurn(first, second))).subscribe(() => {
        open.push(first.subscriptions.filter(({ unsubscribedFrame }) => unsubscribedFrame === Infinity).length);
        open.push(second.subscriptions.filter(({ unsubscribedFrame }) => unsubscribedFrame === Infinity).length);
      });
      flush();
      subscription.unsubscribe();
      expect(open).to.deep.equal([1, 0]);
    }));

  it('has no timer running after the first content', () =>
    agentMarbles(({ at, flush, pendingTimers }) => {
      const said = new Subject<LLMChunk>();
      const subscription = answerOf(withHedge(after3)({ stream: () => said })).subscribe();
      at(1, () => {
        expect(pendingTimers()).to.deep.equal([3]);
        said.next(chunks.a);
        expect(pendingTimers()).to.deep.equal([]);
      });
      flush();
      subscription.unsubscribe();
    }));

  const nothings: readonly (readonly [what: string, first: string])[] = [
    ['an empty text', '  -e-e--x|'],
    ['usage', '          -u----x|'],
    ['a finish', '       -f----x|'],
    ['a restart', '      -I----x|'],
    ['an error', '       ----#'],
    ['an empty answer', '----|'],
    ['a finish and an end', '---(f|)'],
  ];
  for (const [what, drawn] of nothings) {
    it(`lets ${what} win nothing`, () =>
      agentMarbles(({ cold, expectObservable }) => {
        const backend = inTurn(cold(drawn.trim(), chunks, down), cold('--(af|)', chunks));
        expectObservable(answerOf(withHedge(after3)(backend))).toBe('-----(af|)', chunks);
      }));
  }

  it('gives out what the winner said before its content, and nothing of the others', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const first = cold('          -u-Ie-(xf|)', chunks);
      const second = cold('            -(uf)-|', chunks);
      const expected = '            ------(uIxf|)';
      expectObservable(answerOf(withHedge(after3)(inTurn(first, second)))).toBe(expected, chunks);
    }));

  it('begins the next at once where one ends without content, and fails only where all have failed', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('          -#', chunks, down);
      const second = cold('          ---a-|', chunks);
      const expected = '            ----a-|';
      expectObservable(answerOf(withHedge(after3)(inTurn(first, second)))).toBe(expected, chunks);
      expectSubscriptions(second.subscriptions).toBe('-^----!');

      const failing = inTurn(cold('-u-#', chunks, down), cold('----#', chunks, unauthorized));
      const errors = [down, unauthorized];
      expectObservable(answerOf(withHedge(after3)(failing))).toBe(
        '-------#',
        chunks,
        allFailed('1. The server is down. 2. The key is wrong.', errors),
      );
    }));

  it('waits anew for each further one', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('          -#', chunks, down);
      const second = cold('          -------x', chunks);
      const third = cold('              ---a|', chunks);
      const expected = '            -------a|';
      expectObservable(answerOf(withHedge({ after: 3, attempts: 3 })(inTurn(first, second, third)))).toBe(expected, chunks);
      expectSubscriptions(second.subscriptions).toBe('-^-----!');
      expectSubscriptions(third.subscriptions).toBe(' ----^---!');
    }));

  it('does not ask a backend again that cannot succeed, but others', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(answerOf(withHedge(after3)(inTurn(cold('-#', chunks, unauthorized))))).toBe('-#', chunks, unauthorized);
      const other = inTurn(cold('-(a|)', chunks));
      const hedged = withHedge({ after: 3, backends: [other] })(inTurn(cold('-#', chunks, unauthorized)));
      expectObservable(answerOf(hedged)).toBe('--(a|)', chunks);
    }));

  it('goes on with others that are trying where one cannot succeed', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const backend = inTurn(cold('------(a|)', chunks), cold('-#', chunks, unauthorized));
      expectObservable(answerOf(withHedge({ after: 3, attempts: 9 })(backend))).toBe('------(a|)', chunks);
    }));

  it('asks again after an error of others', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const backend = inTurn(cold('-#', chunks, new TypeError('fetch failed')), cold('-(a|)', chunks));
      expectObservable(answerOf(withHedge(after3)(backend))).toBe('--(a|)', chunks);
    }));

  it('gives the first empty answer where none comes to content', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const both = inTurn(cold('-----(f|)', chunks), cold('-(uf|)', chunks));
      expectObservable(answerOf(withHedge(after3)(both))).toBe('-----(uf|)', chunks);
      const one = inTurn(cold('-(uf|)', chunks), cold('--#', chunks, down));
      expectObservable(answerOf(withHedge(after3)(one))).toBe('---(uf|)', chunks);
    }));

  it('fails as the winner fails', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const backend = inTurn(cold('------', chunks), cold('-a-#', chunks, down));
      expectObservable(answerOf(withHedge(after3)(backend))).toBe('----a-#', chunks, down);
    }));

  it('asks each of its backends once', () =>
    agentMarbles(({ backend, expectObservable, expectRequests }) => {
      const [one, two, three] = [backend('-'), backend('-'), backend('-')];
      expectObservable(answerOf(withHedge({ after: 3, backends: [two, three] })(one)), '^ 19ms !').toBe('-');
      expectRequests(one).toBe('^ 19ms !');
      expectRequests(two).toBe('3ms ^ 16ms !');
      expectRequests(three).toBe('6ms ^ 13ms !');
    }));

  it('asks its backends in turn where it may ask more often than there are', () =>
    agentMarbles(({ backend, expectObservable, expectRequests }) => {
      const [one, two] = [backend('-'), backend('-')];
      expectObservable(answerOf(withHedge({ after: 3, backends: [two], attempts: 3 })(one)), '^ 19ms !').toBe('-');
      expectRequests(one).toBe('^ 19ms !', '6ms ^ 13ms !');
      expectRequests(two).toBe('3ms ^ 16ms !');
    }));

  describe('a tool call that is not whole yet', () => {
    const k: LLMChunk = { type: 'text', text: 'a piece of a call' };
    const drawing = { ...chunks, k };

    /** Tells of a piece of a call at each k. */
    const telling = (...answers: readonly Observable<LLMChunk>[]): LLMBackend => {
      const backend = inTurn(...answers);
      return {
        stream: ({ onContent }) =>
          backend.stream(request).pipe(
            filter((chunk) => {
              if (chunk === k) onContent?.();
              return chunk !== k;
            }),
          ),
      };
    };

    it('is content: however long it takes, no other request is made', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('          -u-k-k----k----(cf|)', drawing);
        const second = cold('         x|', drawing);
        const expected = '            ---u-----------(cf|)';
        expectObservable(answerOf(withHedge({ after: 4 })(telling(first, second)))).toBe(expected, chunks);
        expectSubscriptions(first.subscriptions).toBe('^--------------!');
        expectSubscriptions(second.subscriptions).toBe([]);
      }));

    it('wins over who has said nothing, and is told to who asked', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
        const first = cold('          ------x-y-|', drawing);
        const second = cold('            -k---k-(c|)', drawing);
        const expected = '            ----------(c|)';
        const pieces: number[] = [];
        const onContent = (): void => {
          pieces.push(asyncScheduler.now());
        };
        expectObservable(withHedge(after3)(telling(first, second)).stream({ ...request, onContent })).toBe(expected, chunks);
        expectSubscriptions(first.subscriptions).toBe(' ^---!');
        expectSubscriptions(second.subscriptions).toBe('---^------!');
        flush();
        expect(pieces).to.deep.equal([4, 8]);
      }));

    it('fails as who was at it fails', () =>
      agentMarbles(({ cold, expectObservable }) => {
        expectObservable(answerOf(withHedge({ after: 9 })(telling(cold('-k--#', drawing, down))))).toBe('----#', chunks, down);
      }));

    it('wins nothing for who has been left', () =>
      agentMarbles(({ cold, expectObservable }) => {
        const told: (() => void)[] = [];
        const answers = inTurn(cold('-', chunks), cold('-a-b|', chunks));
        const backend: LLMBackend = {
          stream: (asked) => {
            told.push(() => asked.onContent?.());
            return answers.stream(asked);
          },
        };
        const answer$ = answerOf(withHedge(after3)(backend)).pipe(tap(() => told[0]?.()));
        expectObservable(answer$).toBe('----a-b|', chunks);
      }));
  });

  it('waits two seconds by default', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(answerOf(withHedge()(inTurn(cold('3s x', chunks), cold('-(a|)', chunks))))).toBe('2001ms (a|)', chunks);
    }));

  it('gives the answer of one request, whatever they do', () => {
    const answer = fc.record({
      tokens: fc.array(fc.stringMatching(/^[a-z]{0,3}$/), { maxLength: 4 }),
      interval: fc.integer({ min: 0, max: 4 }),
      isGood: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 2, maxLength: 4 }), (answers) => {
        const scheduler = new VirtualTimeScheduler();
        const steps = answers.map(({ tokens, interval, isGood }) => ({ tokens, interval, ...(isGood ? {} : { error: down }) }));
        const said: LLMChunk[] = [];
        let ends = 0;
        const hedged = withHedge({ after: 3, attempts: answers.length, scheduler })(scriptedBackend(steps, { scheduler }));
        answerOf(hedged).subscribe({
          next: (chunk) => said.push(chunk),
          error: () => (ends += 1),
          complete: () => (ends += 1),
        });
        scheduler.flush();
        expect(ends).to.equal(1);
        const text = textOf(said);
        const whole = answers.map(({ tokens }) => tokens.join(''));
        expect(whole).to.satisfy((texts: string[]) => text === '' || texts.includes(text));
        // An answer that came to content at once is heard.
        if (text === '') expect(whole.every((each) => each === '')).to.equal(true);
        expect(said.filter(({ type }) => type === 'finish')).to.have.length.at.most(1);
      }),
    );
  });

  itLeavesNothingBehind([['-----#', down], ['--------b-|'], ['-----------------']], 20, (stream) =>
    withHedge({ after: 3, attempts: 3 })({ stream }),
  );

  it('runs a race of its own with each subscription', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const answer$ = answerOf(withHedge(after3)({ stream: () => cold('----(a|)', chunks) }));
      expectObservable(answer$).toBe('----(a|)', chunks);
      expectObservable(answer$, '-----^').toBe('---------(a|)', chunks);
    }));

  it('takes synchronous failures and winners', () => {
    expect(hearNow(answerOf(withHedge()(scriptedBackend([down, 'x']))))).to.deep.equal([chunks.x, chunks.f, '|']);
    const failing = { stream: () => throwError(() => down) };
    const [failure, ...others] = hearNow(answerOf(withHedge({ attempts: 5000 })(failing)));
    expect(failure).to.match(/^# All 5000 requests for an answer failed/);
    expect(others).to.deep.equal([]);
  });

  it('stops a burst when it is left', () => {
    const backend = scriptedBackend([Array.from({ length: 1000 }, () => 'x')]);
    expect(hearNow(answerOf(withHedge()(backend)), 2)).to.have.length(2);
  });

  it('refuses what makes no sense when it is called', () => {
    const wrong = [{ after: -1 }, { after: Number.NaN }, { attempts: 1 }, { attempts: 2.5 }, { backends: [] }, { backends: [{}] }];
    for (const config of wrong as readonly HedgeConfig[]) expect(() => withHedge(config), JSON.stringify(config)).to.throw(ContractError);
  });

  itObeysTheBackendLaws({ describe, it }, { make: (plan) => counted(plan, withHedge()) });
});
