import { defer, map, tap, type MonoTypeOperatorFunction, type Observable, type SchedulerLike } from 'rxjs';
import { askBackend, decoratedBackend } from '../../backend/ask-backend.js';
import type { LLMBackend, LLMChunk } from '../../backend/backend.js';
import { ScriptError } from '../../errors/script-error.js';
import { injectionOf, type Piece } from './fault-operators.js';
import { readFaultPlan } from './fault-plan.js';
import type { Fault } from './fault.js';

/** Configuration of {@link faulty}. */
export interface FaultyConfig {
  /** What the times of the plan run on. Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A backend in which things go wrong by plan. */
export interface FaultyBackend extends LLMBackend {
  /** Throws a `ScriptError` where faults of the plan never struck, in no request; it says which. */
  verify(): void;
}

/**
 * A backend that does what `backend` does until a fault of the plan strikes: what goes wrong in the wild, at the token
 * and in the request where a test wants it.
 *
 * ```text
 * backend                                    --a-b-----c-(f|)    f: finish
 * { fault: 'stall', at: 2 }                  --a-b-----------
 * { fault: 'stall', at: 1, duration: 5 }     --a----b--c-(f|)
 * { fault: 'error', at: 2 }                  --a-(b#)
 * { fault: 'truncate', at: 2 }               --a-(b|)
 * { fault: 'duplicate', at: 2 }              --a-(bb)--c-(f|)
 * { fault: 'malformed', at: 2, text: 'x' }   --a-x-----c-(f|)
 * { fault: 'rateLimit', retryAfter: 9 }      #
 * { fault: 'drip', at: 1, interval: 3 }      --a----b-----(cf|)
 * { fault: 'restart', at: 2 }                --a-(brab)c-(f|)    r: restart
 * ```
 *
 * Tokens are the chunks of text and reasoning, counted from 1 in each answer as `backend` gives it: what a fault repeats
 * or splits does not count again. Faults of one request work in the order of the plan, each on what those before it
 * let through. One whose token never comes does nothing, which `verify` tells.
 *
 * Cold: a subscription is one request. The one thing that is kept outside of a subscription is how many requests there
 * were (refused ones too) and which faults struck, per decorated backend. A stall that ends and a drip hold what comes
 * meanwhile, without a limit. Errors: those of the plan, and those of `backend`. Unsubscribing releases the source and
 * the timers at once.
 *
 * ```ts
 * const backend = faulty(scriptedBackend(['Hello']), [{ request: 1, fault: 'rateLimit', retryAfter: 1000 }]);
 * generate(backend, { messages: [] })
 *   .pipe(retry(1))
 *   .subscribe(console.log); // Hello
 * ```
 *
 * @param plan - Plain data, so that a property can generate it; see {@link Fault}.
 * @throws `ContractError` at once where the plan makes no sense: a fault of no known name, a number that is negative,
 * not whole or too large.
 */
export function faulty(backend: LLMBackend, plan: readonly Fault[], { scheduler }: FaultyConfig = {}): FaultyBackend {
  const faults = readFaultPlan(plan);
  const struck = new Set<Fault>();
  let requests = 0;

  const inject = (fault: Fault): MonoTypeOperatorFunction<Piece> => {
    const injected = injectionOf(fault, scheduler);
    const note = ({ token }: Piece): void => {
      if (token > 0 && token === placeOf(fault)) struck.add(fault);
    };
    return (source) => injected(source.pipe(tap(note)));
  };
  const strike = (source: Observable<Piece>, fault: Fault): Observable<Piece> => {
    const faulty$ = source.pipe(inject(fault));
    if (placeOf(fault) > 0) return faulty$;
    return defer(() => {
      struck.add(fault);
      return faulty$;
    });
  };

  return {
    ...decoratedBackend((request) =>
      defer(() => {
        requests += 1;
        const number = requests;
        const due = faults.filter((fault) => fault.request === undefined || fault.request === number);
        const answer$ = defer(() => askBackend(backend, request)).pipe(numberTokens);
        // A refusal comes before everything else, wherever it stands in the plan.
        const refusal = due.find(({ fault }) => fault === 'rateLimit');
        return (refusal === undefined ? due : [refusal]).reduce(strike, answer$).pipe(map(({ chunk }) => chunk));
      }),
    ),
    verify: () => {
      const unused = faults.filter((fault) => !struck.has(fault));
      if (unused.length === 0) return;
      const which = unused.map((fault) => `fault ${faults.indexOf(fault) + 1}, ${fault.fault}`).join('; ');
      throw new ScriptError(`${unused.length} of the ${faults.length} faults of the plan never struck: ${which}.`);
    },
  };
}

/** After which token a fault strikes; 0 before anything. */
const placeOf = (fault: Fault): number => ('at' in fault ? (fault.at ?? 0) : 0);

/** Counts the tokens of one subscription. */
const numberTokens = (source: Observable<LLMChunk>): Observable<Piece> =>
  defer(() => {
    let tokens = 0;
    return source.pipe(
      map((chunk) => {
        if (chunk.type !== 'text' && chunk.type !== 'reasoning') return { chunk, token: 0 };
        tokens += 1;
        return { chunk, token: tokens };
      }),
    );
  });
