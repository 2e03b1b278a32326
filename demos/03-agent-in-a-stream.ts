/**
 * An agent in the middle of a stream: readings of a room start its runs, its runs warm the room, and that is what the
 * next readings show.
 *
 *     npx tsx demos/03-agent-in-a-stream.ts
 */
import { BehaviorSubject, concat, defer, exhaustMap, filter, ignoreElements, interval, map, merge, of, takeUntil, tap, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { createOrchestrator, decided, ofType, rulePurposeFunction, type Actor, type Environment } from 'purpose-rx';
import { printWhenRun } from './when-run.js';

type Room = { readonly temperature: number };

const TARGET = 21;
const text = (degrees: number): string => `${degrees.toFixed(1)} °C`;

/** Gives half of the warmth that is missing. */
const actor: Actor<Room> = { decide: ({ state: { data } }) => decided({ name: 'heat', params: { by: (TARGET - data.temperature) / 2 } }) };

/** Φ is how near the room is to 21 °C, and the reading is the evidence. */
const purposeFunction = rulePurposeFunction<Room>(({ data: { temperature } }) => ({
  phi: Math.max(0, 10 - Math.abs(TARGET - temperature)),
  evidence: text(temperature),
}));

/** The lines of the demo. Cold: each subscription has a room of its own. */
export const demo$: Observable<string> = defer(() => {
  const temperature$ = new BehaviorSubject(15);
  const warm = (by: number): void => temperature$.next(temperature$.value + by);

  // The environment is that stream: acting feeds it, and the state is what it shows a moment later.
  const environment: Environment<Room> = {
    reset: () => ({ data: { temperature: temperature$.value } }),
    execute: ({ params }) =>
      timer(100).pipe(
        tap(() => warm(Number(params['by']))),
        map(() => ({ data: { temperature: temperature$.value } })),
      ),
    isTerminal: () => false,
  };
  const agent = createOrchestrator({ actor, purposeFunction, environment });
  const warming = (): Observable<string> =>
    agent.runTaskStream({ purpose: `${TARGET} °C`, earlyStopPhi: 9.5 }).pipe(
      ofType('score'),
      map(({ data }) => `  warmed to ${data.evidence}, Φ ${data.phiAfter.toFixed(1)} (+${data.delta.toFixed(1)})`),
    );

  // The room cools slowly, and after a second somebody opens a window.
  const weather$ = merge(interval(50).pipe(map(() => -0.02)), timer(1000).pipe(map(() => -4))).pipe(tap(warm), ignoreElements());

  // `exhaustMap`: while a run is at work, further cold readings start no second one.
  const steps$ = temperature$.pipe(
    filter((degrees) => TARGET - degrees > 1),
    exhaustMap((degrees) => concat(of(`${text(degrees)}: too cold`), warming())),
  );
  // The lines of the runs are the one thing that comes out; leaving it cancels a run that is at work.
  return merge(weather$, steps$).pipe(takeUntil(timer(2000)));
});

printWhenRun(import.meta.url, demo$);
