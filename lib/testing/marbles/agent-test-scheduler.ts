import type { SchedulerAction, Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { ScriptError } from '../../errors/script-error.js';

/** How two lists of frames are compared; TestScheduler asks for one. */
type Compare = (actual: unknown, expected: unknown) => void;

/** How much may be scheduled within one frame before it is taken for endless. */
const MOST_IN_A_FRAME = 1_000_000;

/**
 * A `TestScheduler` that tells the timers of what is tested from those of the test itself, and comes to an end where
 * what is tested does not.
 *
 * @internal
 */
export class AgentTestScheduler extends TestScheduler {
  readonly #afterFlush: () => void;
  readonly #ofTest = new WeakSet<Subscription>();
  #isTest = false;
  #busy = { frame: -1, count: 0 };

  constructor(compare: Compare, afterFlush: () => void) {
    super(compare);
    this.#afterFlush = afterFlush;
  }

  /** The times at which timers of what is tested are due, in milliseconds. */
  get pending(): readonly number[] {
    return this.actions.filter((action) => !this.#ofTest.has(action)).map(({ delay }) => delay);
  }

  /** The time at which anything at all is due, the test's own doings among it; `undefined` where nothing is. */
  get next(): number | undefined {
    return this.actions[0]?.delay;
  }

  /** What is scheduled in `act` belongs to the test. */
  asTest<T>(act: () => T): T {
    const before = this.#isTest;
    this.#isTest = true;
    try {
      return act();
    } finally {
      this.#isTest = before;
    }
  }

  override schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    this.#count();
    const isTest = this.#isTest;
    const action = super.schedule<T>(work, delay, state);
    if (isTest) this.#ofTest.add(action);
    return action;
  }

  override flush(): void {
    // By the scheduler itself they would count as timers of what is tested.
    this.asTest(() => {
      for (let hot = this.hotObservables.shift(); hot !== undefined; hot = this.hotObservables.shift()) hot.setup();
    });
    super.flush();
    this.#afterFlush();
  }

  /** Virtual time that stands still would never come to the longest that may pass. */
  #count(): void {
    if (this.frame !== this.#busy.frame) this.#busy = { frame: this.frame, count: 0 };
    this.#busy.count += 1;
    if (this.#busy.count > MOST_IN_A_FRAME)
      throw new ScriptError(`At ${this.frame} ms, time stands still: timers of 0 ms follow each other without an end.`);
  }
}
