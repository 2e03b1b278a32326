import { concat, concatAll, EMPTY, from, NEVER, switchMap, throwError, timer, type Observable, type SchedulerLike } from 'rxjs';
import { parseScriptMarbles, type MarbleMoment } from './script-marbles.js';

/** What a diagram is played with. */
export interface MarbleCast<T> {
  /** What a letter stands for. */
  readonly valueOf: (letter: string) => T;
  /** What `#` fails with. */
  readonly errorOf: () => unknown;
  /** Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Plays a marble diagram, one character a millisecond: what is drawn and nothing more. Cold.
 *
 * ```text
 * playMarbles('--a-(b|)')      --a-(b|)
 * ```
 *
 * What the letters stand for is looked up when it is called, so that one without a meaning is known at once.
 *
 * @internal
 * @throws `ScriptError` at marbles that make no sense.
 */
export function playMarbles<T>(marbles: string, { valueOf, errorOf, scheduler }: MarbleCast<T>): Observable<T> {
  const moments = parseScriptMarbles(marbles);
  const end = moments.find(isEnd);
  const letters = end === undefined ? moments : moments.slice(0, moments.indexOf(end));
  let now = 0;
  /** What happens at a time, counted from what happened before it. */
  const at = (time: number, played$: Observable<T>): Observable<T> => {
    const wait = time - now;
    now = time;
    return wait > 0 ? timer(wait, scheduler).pipe(switchMap(() => played$)) : played$;
  };
  // What happens at one time is one source: a source a letter would put the calls of a large group on top of each other.
  const bursts = [...byTime(letters, valueOf)].map(([time, values]) => at(time, from(values)));
  const end$ = end === undefined ? NEVER : at(end.at, end.event === 'error' ? throwError(errorOf) : EMPTY);
  return concat(from(bursts).pipe(concatAll()), end$);
}

const isEnd = ({ event }: MarbleMoment): boolean => event === 'complete' || event === 'error';

/** The values by the time at which they are due, in the order of the diagram. */
const byTime = <T>(moments: readonly MarbleMoment[], valueOf: (letter: string) => T): ReadonlyMap<number, readonly T[]> => {
  const values = new Map<number, T[]>();
  for (const { at, event } of moments) {
    if (typeof event === 'string') continue;
    const due = values.get(at) ?? [];
    values.set(at, due);
    due.push(valueOf(event.letter));
  }
  return values;
};
