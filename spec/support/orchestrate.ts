import { expect } from 'chai';
import { isLeft } from 'fp-ts/lib/Either.js';
import { from } from 'rxjs';
import { decode } from '../../lib/domain/decode.js';
import type { JsonRecord } from '../../lib/domain/json.js';
import { StreamEvent } from '../../lib/domain/stream-event.js';
import type { Task, TaskResult } from '../../lib/domain/task.js';
import type { Trajectory } from '../../lib/domain/trajectory.js';
import { toTrajectory } from '../../lib/operators/to-trajectory.js';
import { verifyOrder } from '../../lib/operators/verify-order.js';
import type { AgentRun } from '../../lib/orchestrator/agent-run.js';
import { createOrchestrator, type Orchestrator, type OrchestratorConfig } from '../../lib/orchestrator/orchestrator.js';

/** A run of a test and everything it told. */
interface Recording {
  readonly run: AgentRun;
  readonly events: StreamEvent[];
}

let recordings: Recording[] = [];

/**
 * As `createOrchestrator`, with every run watched: after the test, {@link verifyRecordings} holds the events of each
 * against the grammar, the codec and the result of the run itself. Runs are called `run-1`, `run-2`, …
 */
export function orchestrate<Data extends JsonRecord = JsonRecord>(config: OrchestratorConfig<Data>): Orchestrator<Data> {
  let created = 0;
  const orchestrator = createOrchestrator<Data>({
    createId: () => {
      created += 1;
      return `run-${created}`;
    },
    ...config,
  });
  const byId = new Map<string, StreamEvent[]>();
  orchestrator.events$.subscribe((event) => byId.get(event.runId)?.push(event));
  const runTaskStream = (task: Task<Data>): AgentRun<Data> => {
    const run = orchestrator.runTaskStream(task);
    const events: StreamEvent[] = [];
    byId.set(run.runId, events);
    recordings.push({ run, events });
    return run;
  };
  return { ...orchestrator, runTaskStream, runTask: (task) => runTaskStream(task).result$ };
}

/** What `toTrajectory` makes of the events, and what it fails with. */
const folded = (events: readonly StreamEvent[]): { readonly trajectory?: Trajectory; readonly error?: unknown } => {
  let outcome: { trajectory?: Trajectory; error?: unknown } = {};
  from(events)
    .pipe(verifyOrder(), toTrajectory())
    .subscribe({
      next: (trajectory) => {
        outcome = { trajectory };
      },
      error: (error: unknown) => {
        outcome = { error };
      },
    });
  return outcome;
};

const verify = ({ run, events }: Recording): void => {
  const end = events.findIndex(({ type }) => type === 'task_end');
  // A run that is still under way when its test ends has nothing to be held against yet.
  if (end < 0) return;
  const told = events.slice(0, end + 1);
  // All that may be told after the end is that a recording failed.
  expect(
    events.slice(end + 1).filter(({ type }) => type !== 'experience_error'),
    'events after task_end',
  ).to.deep.equal([]);
  for (const event of told) {
    const decoded = decode(StreamEvent, JSON.parse(JSON.stringify(event)));
    if (isLeft(decoded)) expect.fail(`${event.type} does not survive its codec: ${decoded.left.join('; ')}`);
    expect(decoded.right, 'an event after JSON and its codec').to.deep.equal(event);
  }
  const { trajectory, error } = folded(told);
  if (error !== undefined) throw error;
  let result: TaskResult | undefined;
  run.result$.subscribe({ next: (value) => (result = value), error: () => undefined });
  if (result !== undefined) expect(trajectory, 'toTrajectory over the events of the run').to.deep.equal(result.trajectory);
};

/** Verifies all runs that {@link orchestrate} has seen since the last call, and says how many those were. */
export function verifyRecordings(): number {
  const seen = recordings;
  recordings = [];
  seen.forEach(verify);
  return seen.length;
}
