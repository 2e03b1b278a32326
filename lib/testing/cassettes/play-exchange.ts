import { defer, EMPTY, NEVER, of, switchMap, throwError, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { LLMChunk } from '../../backend/backend.js';
import { concatRange } from '../../internal/concat-range.js';
import type { Exchange, ExchangeEnd } from './cassette-exchange.js';
import { fromRecordedError } from './recorded-error.js';

/** Who listened left before it ended, so nobody knows how it would have. */
const ending = (end: ExchangeEnd): Observable<never> => {
  if (end.how === 'cancelled') return NEVER;
  return end.how === 'error' ? throwError(() => fromRecordedError(end.error)) : EMPTY;
};

/**
 * Plays a recorded answer at the times it came, or at once where there is no scheduler. Cold.
 *
 * Each time is taken from the subscription and not from the chunk before, so that nothing drifts.
 *
 * @internal
 */
export const playExchange = ({ chunks, end }: Exchange, scheduler: SchedulerLike | undefined): Observable<LLMChunk> =>
  defer(() => {
    const start = scheduler?.now() ?? 0;
    const due = (at: number, part$: Observable<LLMChunk>): Observable<LLMChunk> => {
      const wait = scheduler === undefined ? 0 : start + at - scheduler.now();
      return wait > 0 ? timer(wait, scheduler).pipe(switchMap(() => part$)) : part$;
    };
    return concatRange(chunks.length + 1, (position) => {
      const timed = chunks[position - 1];
      return timed === undefined ? due(end.at, ending(end)) : due(timed.at, of(timed.chunk));
    });
  });
