import { Subscriber, type ObservableNotification } from 'rxjs';

/**
 * A subscriber that hears what RxJS hides: an error after the end, and values after the end or after it left. Handed to
 * `subscribe`, it reaches the producer as it is. It closes like any other, so that a producer that looks at `closed`,
 * or stops in its teardown, is found sound.
 *
 * A class, because RxJS takes for its own only what is a `Subscriber`.
 *
 * @internal
 */
export class ProbeSubscriber<T> extends Subscriber<T> {
  /** All that it was told, oldest first. The list grows. */
  readonly heard: ObservableNotification<T>[] = [];
  readonly #leaveAfter: number;
  #isCompleting = false;

  /** @param leaveAfter - It leaves inside the value of this number, from 1. Defaults to never. */
  constructor(leaveAfter = Infinity) {
    super();
    this.#leaveAfter = leaveAfter;
  }

  override next(value: T): void {
    this.heard.push({ kind: 'N', value });
    if (this.heard.length >= this.#leaveAfter) this.unsubscribe();
  }

  override error(error: unknown): void {
    this.heard.push({ kind: 'E', error });
    this.unsubscribe();
  }

  /**
   * To be called when what was under way at the end has returned. Until then a completion once more is not heard:
   * `concat` and its like of RxJS say it twice themselves where a part ends at once, and nothing can be lost by it.
   */
  endTurn(): void {
    this.#isCompleting = false;
  }

  override complete(): void {
    if (!this.#isCompleting) this.heard.push({ kind: 'C' });
    this.#isCompleting = !this.heard.some(({ kind }) => kind === 'E');
    this.unsubscribe();
  }
}
