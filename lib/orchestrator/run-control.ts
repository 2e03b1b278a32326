import type { Observable } from 'rxjs';
import type { Meter } from '../domain/meter.js';
import type { PlainEventDraft } from '../domain/stream-event.js';
import type { StopReason } from '../domain/task.js';

/** Makes something once everybody has what was handed out before: at once where they do. To be called when it is to be subscribed. */
export type WhenIdle = <T>(project: () => Observable<T>) => Observable<T>;

/** What a run lets its stages do, beside the events that they give. */
export interface RunControl {
  readonly runId: string;
  readonly whenIdle: WhenIdle;
  /** Tells what happens beside the loop; after the end of the run it is told on `events$` alone. */
  readonly tell: (event: PlainEventDraft) => void;
  /** Completes when everything that was told so far is kept; absent where nothing is. */
  readonly whenKept?: () => Observable<never>;
  /** Makes what counts one call of a port, where anything is counted. */
  readonly meter?: (source: string) => Meter;
  /** Gives the end where something outside of the loop ends the run; absent where nothing may. */
  readonly halt$?: Observable<Halt>;
}

/** The last that a loop gives where something ends the run that is no part of its steps. No event of its own. */
export interface Halt {
  readonly type: 'halt';
  readonly stopReason: StopReason;
  readonly reason: string;
}

/** Makes a {@link Halt}. */
export const halt = (stopReason: StopReason, reason: string): Halt => ({ type: 'halt', stopReason, reason });
