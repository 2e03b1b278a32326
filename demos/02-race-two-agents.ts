/**
 * Two agents in one stream. A run is an Observable, so what RxJS does with Observables it does with agents.
 *
 *     npx tsx demos/02-race-two-agents.ts
 */
import { concat, concatMap, connect, defer, endWith, from, ignoreElements, map, merge, of, race, switchMap, takeUntil, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { createOrchestrator, decided, ofType, rulePurposeFunction, token, toolEnvironment, type Actor, type TaskResult } from 'purpose-rx';
import { printWhenRun } from './when-run.js';

/** An actor in a few lines: it thinks for so many milliseconds, word by word, and answers. No model is involved. */
const thinker = (thinks: number): Actor => ({
  decide: ({ purpose }) =>
    concat(
      from(['Let ', 'me ', 'think. ']).pipe(concatMap((word) => timer(thinks / 3).pipe(map(() => token(word))))),
      of(decided({ name: 'DONE', params: { answer: `${purpose} is 42` } })),
    ),
});

/** An agent around it. Its runs carry its name and a number, so that they can be told apart on the screen. */
const agent = (name: string, thinks: number) => {
  let runs = 0;
  return createOrchestrator({
    actor: thinker(thinks),
    purposeFunction: rulePurposeFunction(() => 0),
    environment: toolEnvironment({ tools: [] }),
    createId: () => `${name}-${++runs}`,
  });
};

/** The lines of the demo. Cold: each subscription runs the agents anew. */
export const demo$: Observable<string> = defer(() => {
  const quick = agent('quick', 300);
  const careful = agent('careful', 900);

  // 1. The first result wins. `race` unsubscribes the other run, and leaving a run cancels it, requests and all.
  const raced$ = race(quick.runTask({ purpose: 'six times seven' }), careful.runTask({ purpose: 'six times seven' }));

  // 2. The second question comes while the first is still being thought about: `switchMap` drops the first run.
  const questions$ = concat(of('six times'), timer(400).pipe(map(() => 'six times seven, once more')));
  const switched$ = questions$.pipe(switchMap((purpose) => careful.runTask({ purpose })));

  // `events$` watches all runs of an agent without holding any of them: it sees the losers end.
  const ends$ = merge(quick.events$, careful.events$).pipe(
    ofType('task_end'),
    map(({ runId, data }) => `  ${runId} ended: ${data.stopReason}${data.reason === undefined ? '' : ` (${data.reason})`}`),
  );
  const answers = map(({ runId, answer }: TaskResult) => `${runId} answers: ${JSON.stringify(answer)}`);
  return concat(of('1. race'), raced$.pipe(answers), of('2. switchMap'), switched$.pipe(answers)).pipe(
    connect((lines$) => merge(lines$, ends$.pipe(takeUntil(lines$.pipe(ignoreElements(), endWith('over')))))),
  );
});

printWhenRun(import.meta.url, demo$);
