import { expect } from 'chai';
import * as fc from 'fast-check';
import { NEVER, Observable, VirtualTimeScheduler } from 'rxjs';
import * as t from 'io-ts';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { ActorSignal } from '../../lib/actor/actor.js';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { generateStructured } from '../../lib/backend/generate-structured.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import type { ScriptStep } from '../../lib/backend/script-step.js';
import { withRetry, type RetryConfig } from '../../lib/backend/with-retry.js';
import { AuthenticationError } from '../../lib/errors/authentication-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';
import { RetriesExhaustedError } from '../../lib/errors/retries-exhausted-error.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { ToolCallError } from '../../lib/errors/tool-call-error.js';
import { faulty } from '../../lib/testing/faults/faulty.js';
import { itObeysTheBackendLaws } from '../../lib/testing/laws/backend-laws.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { decideContext } from '../support/decide-context.js';
import { chunks, counted, inTurn, textOf } from '../support/backends-in-turn.js';
import { hearNow } from '../support/hear-now.js';
import { itLeavesNothingBehind } from '../support/it-leaves-nothing-behind.js';

const request = { messages: [] };
const down = new ServerError('The server is down.');
const unauthorized = new AuthenticationError('The key is wrong.');
/** Waits of 3, 6, 12 … ms. */
const waits: RetryConfig = { delay: 6, random: () => 0.5 };

const limited = (retryAfter: number | null): RateLimitError => new RateLimitError('Slow down.', { retryAfter });

const answerOf = (backend: LLMBackend): Observable<LLMChunk> => backend.stream(request);

/** The whole of what a stream gives in virtual time. */
const told = <T>(make: (scheduler: VirtualTimeScheduler) => Observable<T>): { values: T[]; error: unknown; ended: boolean } => {
  const scheduler = new VirtualTimeScheduler();
  const outcome: { values: T[]; error: unknown; ended: boolean } = { values: [], error: undefined, ended: false };
  make(scheduler).subscribe({
    next: (value) => outcome.values.push(value),
    error: (error: unknown) => {
      outcome.error = error;
      outcome.ended = true;
    },
    complete: () => {
      outcome.ended = true;
    },
  });
  scheduler.flush();
  return outcome;
};

describe('withRetry', () => {
  it('passes an answer on that succeeds', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('         -a-r-e-b-(cf|)', chunks);
      const expected = '            -a-r-e-b-(cf|)';
      expectObservable(answerOf(withRetry(waits)(inTurn(answer)))).toBe(expected, chunks);
      expectSubscriptions(answer.subscriptions).toBe('^--------!');
    }));

  it('asks again without a word where nothing had been said', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('          -e#', chunks, down);
      const second = cold('              -a-(f|)', chunks);
      const expected = '            -e----a-(f|)';
      expectObservable(answerOf(withRetry(waits)(inTurn(first, second)))).toBe(expected, chunks);
      expectSubscriptions(first.subscriptions).toBe(' ^-!');
      expectSubscriptions(second.subscriptions).toBe('-----^--!');
    }));

  for (const letter of 'arcf') {
    it(`takes back at once what had been said (${letter}), before it waits`, () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold(`        -${letter}-#`, chunks, down);
        const second = cold('             -b-(f|)', chunks);
        const expected = `          -${letter}-R---b-(f|)`;
        expectObservable(answerOf(withRetry(waits)(inTurn(first, second)))).toBe(expected, chunks);
        expectSubscriptions(first.subscriptions).toBe('^--!');
      }));
  }

  it('takes nothing back twice', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const first = cold('          -aI#', chunks, down);
      const second = cold('               #', chunks, down);
      const third = cold('                     -(b|)', chunks);
      const expected = '            -aI----------(b|)';
      expectObservable(answerOf(withRetry(waits)(inTurn(first, second, third)))).toBe(expected, chunks);
    }));

  it('takes back once what was said before several failures', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const first = cold('          -a#', chunks, down);
      const second = cold('              #', chunks, down);
      const third = cold('                     -(b|)', chunks);
      const expected = '            -aR---------(b|)';
      expectObservable(answerOf(withRetry(waits)(inTurn(first, second, third)))).toBe(expected, chunks);
    }));

  it('fails with the error itself after a part of the answer where that is wanted', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const config: RetryConfig = { ...waits, afterPartial: 'fail' };
      const silent = cold('         -#', chunks, down);
      const broken = cold('             -a#', chunks, down);
      const expected = '            -----a#';
      expectObservable(answerOf(withRetry(config)(inTurn(silent, broken)))).toBe(expected, chunks, down);
    }));

  describe('that salvages', () => {
    const config: RetryConfig = { ...waits, afterPartial: 'salvage' };
    const cases: readonly (readonly [what: string, first: string, expected: string, error?: Error])[] = [
      ['keeps the text that came', '            -ab#', '-ab(s|)'],
      ['keeps a text beside reasoning', '       -ra#', '-ra(s|)'],
      ['keeps the finish that came', '          -af#', '-af|'],
      ['keeps what was reported of the cost', ' -au#', '-a-(su|)'],
      ['asks again after reasoning alone', '    -r-#', '-r-R--(b|)'],
      ['asks again after a tool call', '        -ac#', '-acR--(b|)'],
      ['asks again where the text was void', '  -aI#', '-aI---(b|)'],
      ['asks again where nothing came', '       -e-#', '-e----(b|)'],
      ['asks again after half a call', '        -a-#', '-a-C--(b|)', new ToolCallError('Half a call.', { received: '{' })],
      ['keeps nothing of what cannot succeed', '-a-#', '-a-#', unauthorized],
    ];
    for (const [what, marbles, expected, error = down] of cases) {
      it(what, () =>
        agentMarbles(({ cold, expectObservable }) => {
          const backend = inTurn(cold(marbles, chunks, error), cold('(b|)', chunks));
          const values = { ...chunks, C: { type: 'restart', reason: 'Half a call.' } };
          expectObservable(answerOf(withRetry(config)(backend))).toBe(expected, values, error);
        }),
      );
    }

    it('keeps the text of the last attempt, too', () =>
      agentMarbles(({ cold, expectObservable }) => {
        const backend = inTurn(cold('#', chunks, down), cold('-a#', chunks, down));
        expectObservable(answerOf(withRetry({ ...config, attempts: 2 })(backend))).toBe('----a(s|)', chunks);
      }));

    it('gives no text that is DONE', () => {
      const steps: ScriptStep[] = [['All is well, ', 'the end'], ['Done.']];
      const broken = faulty(scriptedBackend(steps), [{ request: 1, fault: 'error', at: 1, error: down }]);
      const { values } = told((scheduler) => {
        const actor = llmActor({ backend: withRetry({ ...config, scheduler })(broken), actions: 'tools' });
        return actor.decide(decideContext()) as Observable<ActorSignal>;
      });
      expect(values.filter(({ type }) => type === 'attempt_dropped')).to.have.length(1);
      expect(values.at(-1)).to.deep.include({
        type: 'action',
        action: { name: 'DONE', params: { answer: 'Done.' }, thought: 'Done.', expectedDelta: '' },
      });
    });

    it('gives no half of a JSON that decodes', () => {
      const json = '{"reason":"all is well","list":[{"reason":"x"}],"isDone":true}';
      const codec = t.strict({ reason: t.string, list: t.array(t.strict({ reason: t.string })), isDone: t.boolean });
      for (let cut = 1; cut < json.length; cut += 1) {
        const { values, error } = told((scheduler) => {
          const broken = scriptedBackend([{ tokens: [json.slice(0, cut)], error: down }], { scheduler });
          return generateStructured(withRetry({ ...config, scheduler })(broken), request, codec, { repairs: 0 });
        });
        expect(values.filter(({ type }) => type === 'value')).to.deep.equal([]);
        expect(error).to.have.property('_tag', 'StructuredOutputError');
        expect(error).to.have.property('issues').that.includes('the answer ended for the reason "salvaged"');
      }
    });
  });

  it('asks no more often than it may, and keeps every error', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const other = new ServerError('Still down.');
      const attempts = [cold('#', chunks, down), cold('-#', chunks, other), cold('--#', chunks, down)];
      const message =
        'The model was asked 3 times, and each time it failed. Mend what is wrong, or allow more attempts. 1. The server is down. 2. Still down. 3. The server is down.';
      const errors = [down, other, down];
      const exhausted = new RetriesExhaustedError(message, { errors });
      expect(exhausted).to.deep.include({ errors, cause: down, isRetryable: true });
      expectObservable(answerOf(withRetry(waits)(inTurn(...attempts)))).toBe('------------#', chunks, exhausted);
      expect(attempts).to.have.length(3);
      expectSubscriptions(attempts[0]?.subscriptions ?? []).toBe('(^!)');
      expectSubscriptions(attempts[1]?.subscriptions ?? []).toBe('---^!');
      expectSubscriptions(attempts[2]?.subscriptions ?? []).toBe('----------^-!');
    }));

  it('fails with the error itself where it may ask but once', () =>
    agentMarbles(({ cold, expectObservable }) => {
      expectObservable(answerOf(withRetry({ attempts: 1 })(inTurn(cold('-a#', chunks, down))))).toBe('-a#', chunks, down);
    }));

  for (const [what, error] of [
    ['an error that is not retryable', unauthorized],
    ['an error of others', new Error('fetch failed')],
    ['what is no error', 'down'],
  ] as const) {
    it(`fails at once with ${what}, be it after a retry`, () =>
      agentMarbles(({ cold, expectObservable }) => {
        expectObservable(answerOf(withRetry(waits)(inTurn(cold('-a-#', chunks, error))))).toBe('-a-#', chunks, error);
        const later = withRetry(waits)(inTurn(cold('#', chunks, down), cold('-#', chunks, error)));
        expectObservable(answerOf(later)).toBe('----#', chunks, error);
      }));
  }

  it('asks again after what it is told to be retryable, and nothing else', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const config: RetryConfig = { ...waits, isRetryable: (error) => error === 'again' };
      const backend = inTurn(cold('#', chunks, 'again'), cold('-#', chunks, down));
      expectObservable(answerOf(withRetry(config)(backend))).toBe('----#', chunks, down);
    }));

  it('fails with what its judge throws', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const isRetryable = (): never => {
        throw unauthorized;
      };
      expectObservable(answerOf(withRetry({ isRetryable })(inTurn(cold('-#', chunks, down))))).toBe('-#', chunks, unauthorized);
    }));

  describe('and its waits', () => {
    it('grow up to a bound', () =>
      agentMarbles(({ cold, expectObservable }) => {
        const failing = [1, 2, 3, 4].map(() => cold('#', chunks, down));
        const config: RetryConfig = { delay: 4, maxDelay: 10, attempts: 5, random: () => 0.5 };
        // 2 + 4 + 5 + 5
        expectObservable(answerOf(withRetry(config)(inTurn(...failing, cold('(a|)', chunks))))).toBe('16ms (a|)', chunks);
      }));

    it('are anything from nothing to a bound that doubles', () => {
      fc.assert(
        fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(4), (chance, failures) => {
          const scheduler = new VirtualTimeScheduler();
          const steps: ScriptStep[] = [...Array.from({ length: failures }, () => down), 'x'];
          const backend = withRetry({ attempts: 5, random: () => chance, scheduler })(scriptedBackend(steps));
          let end = -1;
          answerOf(backend).subscribe({
            complete: () => {
              end = scheduler.now();
            },
          });
          scheduler.flush();
          const waited = [500, 1000, 2000, 4000].slice(0, failures).reduce((sum, bound) => sum + Math.ceil(chance * bound), 0);
          expect(end).to.equal(waited);
        }),
      );
    });

    it('are at least as long as a rate limit asks for', () =>
      agentMarbles(({ cold, expectObservable }) => {
        const backend = (wait: number | null): LLMBackend => inTurn(cold('#', chunks, limited(wait)), cold('(a|)', chunks));
        expectObservable(answerOf(withRetry(waits)(backend(20)))).toBe('23ms (a|)', chunks);
        expectObservable(answerOf(withRetry(waits)(backend(null)))).toBe('3ms (a|)', chunks);
        expectObservable(answerOf(withRetry(waits)(backend(Number.NaN)))).toBe('3ms (a|)', chunks);
        // Cut to what is left, which is enough.
        expectObservable(answerOf(withRetry({ ...waits, maxWait: 20 })(backend(20)))).toBe('20ms (a|)', chunks);
      }));

    it('are not begun where a rate limit asks for more than is left of them', () =>
      agentMarbles(({ cold, expectObservable }) => {
        const error = limited(21);
        const config: RetryConfig = { ...waits, maxWait: 23 };
        const tooLong = cold('-a#', chunks, limited(24));
        expectObservable(answerOf(withRetry(config)(inTurn(tooLong)))).toBe('-a#', chunks, limited(24));
        const later = inTurn(cold('#', chunks, down), cold('#', chunks, error));
        expectObservable(answerOf(withRetry(config)(later))).toBe('---#', chunks, error);
      }));

    it('end with what they may take together', () => {
      const scheduler = new VirtualTimeScheduler();
      const backend = scriptedBackend([down, down, down]);
      const heard = hearNow(answerOf(withRetry({ delay: 100, maxWait: 120, attempts: 9, random: () => 0.9, scheduler })(backend)));
      scheduler.flush();
      // 90, then 30 of 180 that are left, then nothing is left.
      expect(scheduler.now()).to.equal(120);
      expect(backend.requests).to.have.length(3);
      expect(heard).to.have.length(1);
      expect(heard[0]).to.match(/^# The model was asked 3 times/);
    });

    it('are true chance by default, within their bound', () =>
      agentMarbles(({ cold, expectObservable, at, flush, pendingTimers }) => {
        const backend = withRetry()(inTurn(cold('#', chunks, down), NEVER));
        expectObservable(answerOf(backend), '^ 600ms !').toBe('-');
        at(501, () => {
          expect(pendingTimers().filter((due) => due < 600)).to.deep.equal([]);
        });
        flush();
      }));
  });

  it('tells the cost of all attempts once, at the end', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const whole = (): LLMBackend => inTurn(cold('-a-(uf|)', chunks));
      expectObservable(answerOf(withRetry(waits)(whole()))).toBe('-a-(fu|)', chunks);
      const again = inTurn(cold('-au#', chunks, down), cold('--(bvf|)', chunks));
      expectObservable(answerOf(withRetry(waits)(again))).toBe('-a-R----(bfw|)', chunks);
      const dropped = inTurn(cold('-u-#', chunks, down), cold('--(bf|)', chunks));
      expectObservable(answerOf(withRetry(waits)(dropped))).toBe('--------(bfu|)', chunks);
      const counted = inTurn(cold('-(uu)-|', chunks));
      expectObservable(answerOf(withRetry(waits)(counted))).toBe('------(u|)', chunks);
      const failed = inTurn(cold('-au#', chunks, down), cold('-v-#', chunks, unauthorized));
      expectObservable(answerOf(withRetry(waits)(failed))).toBe('-a-R-----(w#)', chunks, unauthorized);
    }));

  it('never joins the halves of two attempts', () => {
    const attempt = fc.record({ tokens: fc.array(fc.stringMatching(/^[a-z]{0,3}$/), { maxLength: 5 }), restartAt: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(attempt, { minLength: 1, maxLength: 6 }), fc.boolean(), (attempts, endsWell) => {
        const steps = attempts.map(({ tokens, restartAt }, index): Observable<LLMChunk> => {
          const said = tokens.map((text): LLMChunk => ({ type: 'text', text }));
          const withRestart = restartAt < said.length ? said.toSpliced(restartAt, 0, { type: 'restart' }) : said;
          return new Observable((subscriber) => {
            for (const chunk of withRestart) subscriber.next(chunk);
            if (index === attempts.length - 1 && endsWell) subscriber.complete();
            else subscriber.error(down);
          });
        });
        const alone = told(() => steps.at(-1) ?? NEVER);
        const { values, ended, error } = told((scheduler) =>
          answerOf(withRetry({ attempts: attempts.length, scheduler })(inTurn(...steps))),
        );
        expect(textOf(values)).to.equal(textOf(alone.values));
        expect(ended).to.equal(true);
        expect(error === undefined).to.equal(endsWell);
      }),
    );
  });

  it('is told to a run as attempts of its source', () =>
    agentMarbles(({ run, expectEvents }) => {
      const broken = faulty(scriptedBackend([['I ', 'look.'], ['Done.']]), [{ request: 1, fault: 'error', at: 1, error: down }]);
      const actor = llmActor({ backend: withRetry(waits)(broken), actions: 'tools' });
      const types = ['token', 'attempt_dropped', 'attempt_start', 'action'] as const;
      expectEvents(run({ actor }), types).toBe('(tDN) @3ms (ua|)', {
        t: { type: 'token', data: { token: 'I ', attempt: 1 } },
        D: { type: 'attempt_dropped', data: { source: 'actor', attempt: 1, reason: 'The server is down.' } },
        N: { type: 'attempt_start', data: { source: 'actor', attempt: 2 } },
        u: { type: 'token', data: { token: 'Done.', attempt: 2 } },
        a: { type: 'action', data: { name: 'DONE' } },
      });
    }));

  itLeavesNothingBehind([['-a-#', down], ['-#', down], ['-b-|']], 20, (stream) => withRetry(waits)({ stream }));

  it('clears its timer when it is left while it waits', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions, at, pendingTimers, flush }) => {
      const first = cold('          -#', chunks, down);
      const second = cold('a', chunks);
      expectObservable(answerOf(withRetry(waits)(inTurn(first, second))), '^--!').toBe('-');
      expectSubscriptions(first.subscriptions).toBe('^!');
      expectSubscriptions(second.subscriptions).toBe([]);
      at(2, () => {
        expect(pendingTimers()).to.include(4);
      });
      at(3, () => {
        expect(pendingTimers()).not.to.include(4);
      });
      flush();
    }));

  it('begins a row of its own with each subscription', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const answer$ = answerOf(withRetry({ ...waits, attempts: 2 })({ stream: () => cold('-#', chunks, down) }));
      const exhausted = new RetriesExhaustedError(
        'The model was asked 2 times, and each time it failed. Mend what is wrong, or allow more attempts. 1. The server is down. 2. The server is down.',
        { errors: [down, down] },
      );
      expectObservable(answer$).toBe('-----#', chunks, exhausted);
      expectObservable(answer$, '--^').toBe('-------#', chunks, exhausted);
    }));

  it('makes an error of what a backend throws', () => {
    const backend: LLMBackend = {
      stream: () => {
        throw unauthorized;
      },
    };
    expect(hearNow(answerOf(withRetry()(backend)))).to.deep.equal(['# The key is wrong.']);
  });

  it('stops a burst when it is left', () => {
    const backend = scriptedBackend([Array.from({ length: 1000 }, () => 'x')]);
    expect(hearNow(answerOf(withRetry()(backend)), 2)).to.have.length(2);
  });

  it('refuses what makes no sense when it is called', () => {
    const wrong: readonly RetryConfig[] = [
      { attempts: 0 },
      { attempts: 1.5 },
      { delay: -1 },
      { maxDelay: Number.NaN },
      { maxWait: 2 ** 31 },
      { afterPartial: 'restat' as 'restart' },
    ];
    for (const config of wrong) expect(() => withRetry(config), JSON.stringify(config)).to.throw(ContractError);
  });

  itObeysTheBackendLaws({ describe, it }, { make: (plan) => counted(plan, withRetry()) });
});
