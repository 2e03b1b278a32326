import { concatMap, take, tap, type Observable } from 'rxjs';
import type { BackendTrial, Try } from './backend-trial.js';
import { endOf, tellHeard, valuesOf } from './heard.js';
import type { AddLaw, Demand } from './law.js';

/**
 * Its transport is closed in time, and stays closed: a moment later, no request has come after the one that was left.
 */
const demandClosed = (demand: Demand, { tested, later, waitFor }: BackendTrial): Observable<unknown> =>
  waitFor(() => tested.open() === 0).pipe(
    tap(() => {
      demand(tested.open() === 0, 'open() to become 0', `${tested.open()}`);
    }),
    later,
    tap(() => {
      demand(tested.open() === 0, 'open() to stay 0 once it is left', `${tested.open()}`);
      demand(tested.opened() <= 1, 'no request more once it is left', `${tested.opened()} requests`);
    }),
  );

/**
 * What comes of a backend that is left.
 *
 * @internal
 */
export function addLeaving(law: AddLaw, attempt: Try): void {
  law('closes its transport when it is left before the first chunk', (demand) =>
    attempt(demand, 'held', (trial) =>
      trial.probe$.pipe(
        take(1),
        // The transport may still be on its way to being open.
        (left$) => trial.later(left$),
        concatMap(() => demandClosed(demand, trial)),
      ),
    ),
  );

  law('closes its transport when it is left after the first chunk', (demand) =>
    attempt(demand, 'held', (trial) => trial.left$.pipe(concatMap(() => demandClosed(demand, trial)))),
  );

  law('keeps its transport open while its answer is held back, and closes it then', (demand) =>
    attempt(demand, 'held', (trial) =>
      trial.probe$.pipe(
        concatMap(({ heard }) => {
          const isOpen = (): boolean => heard.length > 0 && trial.tested.open() > 0;
          // One that answers at once may be over already.
          const isOver = (): boolean => endOf(heard) !== undefined;
          return trial
            .waitFor(() => isOpen() || isOver())
            .pipe(
              tap(() => {
                demand(heard.length > 0, 'a first chunk', tellHeard(heard));
                demand(isOpen() || isOver(), 'open() to be above 0 while the answer is held back', `${trial.tested.open()}`);
              }),
            );
        }),
        take(1),
        concatMap(() => demandClosed(demand, trial)),
      ),
    ),
  );

  law('stops a burst when it is left', (demand) =>
    attempt(demand, 'whole', ({ left$, later }) =>
      later(left$).pipe(
        tap((heard) => {
          demand(valuesOf(heard).length === 1, 'no chunk after the one at which its subscriber left', tellHeard(heard));
        }),
      ),
    ),
  );
}
