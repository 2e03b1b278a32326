import { isLeft } from 'fp-ts/lib/Either.js';
import { decode } from '../../domain/decode.js';
import { readInOrder, startOfOrder } from '../../domain/event-order.js';
import { foldRun, runTrajectory } from '../../domain/run-state.js';
import { Json } from '../../domain/json.js';
import { StreamEvent } from '../../domain/stream-event.js';
import type { TaskResult } from '../../domain/task.js';
import type { AgentRun } from '../../orchestrator/agent-run.js';
import { firstDifference } from './difference.js';

/**
 * What is wrong with the events that a run told: their order, how they survive JSON and their codec, and whether they
 * make the trajectory of the run's own result, where it has ended. `undefined` where nothing is.
 *
 * @internal
 */
export function runFault(run: Pick<AgentRun, 'result$'>, events: readonly StreamEvent[]): string | undefined {
  const end = events.findIndex(({ type }) => type === 'task_end');
  if (end < 0) return orderFault(events) ?? codecFault(events);
  const told = events.slice(0, end + 1);
  return lateFault(events.slice(end + 1)) ?? orderFault(told) ?? codecFault(told) ?? resultFault(run, told);
}

/** All that may be told after the end is that a recording failed, and what a tool delivered all the same. */
const lateFault = (late: readonly StreamEvent[]): string | undefined => {
  const first = late.find(({ type }) => type !== 'experience_error' && type !== 'tool_late_result');
  return first && `${first.type} (seq ${first.seq}) came after task_end.`;
};

const orderFault = (events: readonly StreamEvent[]): string | undefined => {
  let order = startOfOrder;
  for (const event of events) {
    const read = readInOrder(order, event);
    if (isLeft(read)) return `${read.left}.`;
    order = read.right;
  }
  return undefined;
};

const codecFault = (events: readonly StreamEvent[]): string | undefined => {
  for (const event of events) {
    const text = JSON.stringify(event);
    const decoded = decode(StreamEvent, JSON.parse(text));
    // Nearly always the same text again, which is quick to see in a long run.
    if (!isLeft(decoded) && JSON.stringify(decoded.right) === text && Json.is(event)) continue;
    const difference = isLeft(decoded) ? decoded.left.join('; ') : firstDifference(event, decoded.right);
    if (difference !== undefined) return `${event.type} (seq ${event.seq}) does not survive JSON and its codec. ${difference}`;
  }
  return undefined;
};

const resultFault = (run: Pick<AgentRun, 'result$'>, events: readonly StreamEvent[]): string | undefined => {
  const told: TaskResult[] = [];
  run.result$.subscribe({ next: (value) => told.push(value), error: () => undefined });
  const [result] = told;
  const difference = result && firstDifference(result.trajectory, runTrajectory(foldRun(events)));
  return difference && `the trajectory of its events is not that of its result. ${difference}`;
};
