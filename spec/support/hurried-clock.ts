import { asyncScheduler, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs';

/** The real clock, whose timers can be let go off early: a test need neither wait for them nor make them short. */
export interface HurriedClock extends SchedulerLike {
  /** Lets whatever is waited for just now happen at once. */
  readonly hurry: () => void;
}

const isAction = (scheduled: Subscription): scheduled is SchedulerAction<unknown> => 'schedule' in scheduled;

/** A clock of its own, whose timers hold the process as any do. */
export const hurriedClock = (): HurriedClock => {
  const waiting: SchedulerAction<unknown>[] = [];
  return {
    now: () => asyncScheduler.now(),
    schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T): Subscription => {
      const scheduled = asyncScheduler.schedule(work, delay, state);
      if (isAction(scheduled)) waiting.push(scheduled);
      return scheduled;
    },
    hurry: () => {
      for (const action of waiting.splice(0)) if (!action.closed) action.schedule(undefined, 0);
    },
  };
};
