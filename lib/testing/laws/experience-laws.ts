import { concat, concatMap, defer, EMPTY, merge, tap, type Observable } from 'rxjs';
import type { Trajectory } from '../../domain/trajectory.js';
import { snapshot } from '../../internal/snapshot.js';
import { firstDifference } from '../marbles/difference.js';
import { tryExperiences, type ExperienceLawsConfig, type TryExperience } from './experience-trial.js';
import { lawsFor, type AddLaw, type Demand } from './law.js';
import { sampleTrajectory } from './sample-trajectory.js';
import { showValue } from '../marbles/show-value.js';
import type { TestRunner } from './test-runner.js';

export type { ExperienceLawsConfig } from './experience-trial.js';

const PURPOSE = 'find the parser';
const UNRELATED = 'brew some coffee';

/** Without a word in common, so that each recalls its own first, however purposes are compared. */
const MANY = [
  'open a red door',
  'calibrate both telescopes',
  'translate this poem',
  'repair my bicycle',
  'prune old roses',
  'sort last invoices',
  'compile one kernel',
  'tune her piano',
];

/**
 * Adds the cases that every experience has to satisfy: it is empty at first, recalls what it recorded whole and again,
 * changes neither what it was given nor what it gave, shares nothing with another one, loses nothing of what is recorded
 * at once, does not mind a purpose that it knows nothing of or a recall that is left, and stops the timers of one that
 * is left, so far as they are of RxJS, on its default scheduler, and begin with the subscription.
 *
 * ```text
 * record(t)              |
 * recall(t.purpose)      (r|)    r: [t]
 * ```
 *
 * `record` and `recall` may be synchronous or give an Observable, a Promise or an async iterable. A law that is broken
 * fails with an `ExpectationError` that says which one it is, what was expected and what was seen.
 *
 * ```ts
 * // mocha, jest, and vitest with globals: describe and it are there. Otherwise it is one of these:
 * // import { describe, it } from 'vitest';
 * // import { describe, it } from 'node:test';
 * describe('sqliteExperience', () => {
 *   itObeysTheExperienceLaws({ describe, it }, { make: () => sqliteExperience(':memory:') });
 * });
 * ```
 *
 * @param runner - The `describe` and `it` of the test runner.
 */
export function itObeysTheExperienceLaws(runner: TestRunner, config: ExperienceLawsConfig): void {
  runner.describe('experience laws', () => {
    const law = lawsFor(runner, 'experience');
    const attempt = tryExperiences(config);
    addRecalling(law, attempt);
    addLeaving(law, attempt);
    addKeeping(law, attempt);
    addSharing(law, attempt);
  });
}

const demandEqual = (demand: Demand, expected: unknown, actual: unknown, what: string): void => {
  const difference = firstDifference(expected, actual);
  demand(difference === undefined, what, `${showValue(actual)}, with a difference at ${difference}`);
};

/** Looks at what is recalled. */
const recalls = (recalled$: Observable<readonly Trajectory[]>, demand: Demand, expected: readonly Trajectory[]): Observable<unknown> =>
  recalled$.pipe(
    tap((recalled) => {
      demandEqual(demand, expected, recalled, expected.length === 0 ? 'nothing recalled' : `${showValue(expected)} recalled`);
    }),
  );

/** What comes back. */
function addRecalling(law: AddLaw, attempt: TryExperience): void {
  law('is empty at first', (demand) => attempt(demand, ({ recall }) => recalls(recall(PURPOSE), demand, [])));

  law('recalls what was recorded for the same purpose, whole', (demand) =>
    attempt(demand, ({ record, recall }) =>
      concat(record(sampleTrajectory(PURPOSE)), recalls(recall(PURPOSE), demand, [sampleTrajectory(PURPOSE)])),
    ),
  );

  law('recalls it again', (demand) =>
    attempt(demand, ({ record, recall }) =>
      concat(record(sampleTrajectory(PURPOSE)), recall(PURPOSE), recalls(recall(PURPOSE), demand, [sampleTrajectory(PURPOSE)])),
    ),
  );

  law('does not fail at a purpose that it knows nothing of', (demand) =>
    attempt(demand, ({ record, recall }) => concat(record(sampleTrajectory(PURPOSE)), recall(UNRELATED))),
  );

  law('takes no harm from a recall that is left', (demand) =>
    attempt(demand, ({ record, recall, leaveRecall }) =>
      concat(record(sampleTrajectory(PURPOSE)), leaveRecall(PURPOSE), recalls(recall(PURPOSE), demand, [sampleTrajectory(PURPOSE)])),
    ),
  );
}

/** What a recall leaves behind. */
function addLeaving(law: AddLaw, attempt: TryExperience): void {
  law('leaves no timer behind when a recall is left', (demand) =>
    attempt(demand, ({ record, recall, timersLeft }) =>
      concat(
        record(sampleTrajectory(PURPOSE)),
        // What an experience begins once, and keeps until it is closed, is there from now on.
        recall(PURPOSE),
        defer(() => {
          const timers = timersLeft(PURPOSE);
          demand(timers.length === 0, 'no timer that is still to come', `timers due in ${timers.join(', ')} ms`);
          return EMPTY;
        }),
      ),
    ),
  );
}

/** What must stay as it is. */
function addKeeping(law: AddLaw, attempt: TryExperience): void {
  law('takes a trajectory that is frozen', (demand) =>
    attempt(demand, ({ record, recall }) => concat(record(snapshot(sampleTrajectory(PURPOSE))), recall(PURPOSE))),
  );

  law('does not change the trajectory that it is given', (demand) => {
    const given = sampleTrajectory(PURPOSE);
    return attempt(demand, ({ record, recall }) =>
      concat(record(given), recall(PURPOSE)).pipe(
        tap(() => {
          demandEqual(demand, sampleTrajectory(PURPOSE), given, 'the trajectory as it was');
        }),
      ),
    );
  });

  law('does not change a list that it gave when more is recorded', (demand) =>
    attempt(demand, ({ record, recall }) =>
      concat(
        record(sampleTrajectory(PURPOSE)),
        recall(PURPOSE).pipe(
          concatMap((given) => {
            const before = snapshot(given);
            return concat(record(sampleTrajectory(PURPOSE, 8)), recall(PURPOSE)).pipe(
              tap(() => {
                demandEqual(demand, before, given, 'the list as it was');
              }),
            );
          }),
        ),
      ),
    ),
  );
}

/** What must not get mixed up or lost. */
function addSharing(law: AddLaw, attempt: TryExperience): void {
  law('shares nothing with another one', (demand) =>
    attempt(demand, ({ record }) =>
      attempt(demand, ({ recall }) => concat(record(sampleTrajectory(PURPOSE)), recalls(recall(PURPOSE), demand, []))),
    ),
  );

  law('loses nothing of what is recorded at once', (demand) =>
    attempt(demand, ({ record, recall }) => {
      const recallOwn = (purpose: string): Observable<unknown> =>
        recall(purpose).pipe(
          tap((recalled) => {
            const own = sampleTrajectory(purpose);
            const isThere = recalled.some((each) => firstDifference(own, each) === undefined);
            demand(isThere, `the trajectory of '${purpose}' among what is recalled for it`, showValue(recalled));
          }),
        );
      const records = MANY.map((purpose) => record(sampleTrajectory(purpose)));
      return concat(merge(...records), ...MANY.map(recallOwn));
    }),
  );
}
