import type { JsonRecord } from '../../domain/json.js';
import { countedEvents } from '../../domain/counted-events.js';
import type { StreamEvent } from '../../domain/stream-event.js';
import type { Task } from '../../domain/task.js';
import { ExpectationError } from '../../errors/expectation-error.js';
import type { AgentRun } from '../../orchestrator/agent-run.js';
import { createOrchestrator, type Orchestrator, type OrchestratorConfig } from '../../orchestrator/orchestrator.js';
import type { ResumeOptions } from '../../orchestrator/resume.js';
import { quietPorts } from './quiet-ports.js';
import { runFault } from './run-fault.js';

/** Ports of which a test cares for some only; the others are quiet: DONE at once, a Φ of 0, a state that stays `{}`. */
export type SomePorts<Data extends JsonRecord = JsonRecord> = {
  readonly [Key in keyof OrchestratorConfig<Data>]?: OrchestratorConfig<Data>[Key] | undefined;
};

/** An orchestrator whose runs are held against the grammar of events. */
export interface TestOrchestrator<Data extends JsonRecord = JsonRecord> extends Orchestrator<Data> {
  /** Its runs so far, oldest first. The list grows. */
  readonly runs: readonly AgentRun<Data>[];
  /** What one of its runs has told so far. The list grows. */
  readonly eventsOf: (run: AgentRun<Data>) => readonly StreamEvent<Data>[];
  /**
   * Holds the events of each run against the order of events, their codec and JSON, and where it has ended against the
   * result of the run itself.
   *
   * @throws `ExpectationError` that says which event of which run is not as it must be.
   */
  readonly verify: () => void;
}

/**
 * As `createOrchestrator`, with runs called `run-1`, `run-2`, …, all of which {@link TestOrchestrator.verify} looks at.
 *
 * ```ts
 * const orchestrator = testOrchestrator({ actor });
 * orchestrator.runTask({ purpose: 'Find the key.' }).subscribe();
 * orchestrator.verify();
 * ```
 *
 * It keeps all events of all its runs.
 */
export function testOrchestrator<Data extends JsonRecord = JsonRecord>(config: SomePorts<Data> = {}): TestOrchestrator<Data> {
  const recordings: { readonly run: AgentRun<Data>; readonly events: StreamEvent<Data>[] }[] = [];
  const runs: AgentRun<Data>[] = [];
  const orchestrator = createOrchestrator<Data>({
    createId: () => `run-${runs.length + 1}`,
    ...quietPorts<Data>(),
    ...given(config),
  });
  // The newest first: ids of one's own may come again.
  orchestrator.events$.subscribe((event) => {
    const events = recordings.findLast(({ run }) => run.runId === event.runId)?.events;
    // A run that goes on where it was cut short takes the number of its end.
    if (event.type === 'run_resumed' && events !== undefined) events.length = event.seq;
    events?.push(event);
  });
  const runTaskStream = (task: Task<Data> & ResumeOptions<Data>): AgentRun<Data> => {
    const run = orchestrator.runTaskStream(task);
    // A run that is resumed has had its first events before.
    recordings.push({ run, events: task.resumeFrom?.[0]?.runId === run.runId ? countedEvents(task.resumeFrom) : [] });
    runs.push(run);
    return run;
  };
  return {
    events$: orchestrator.events$,
    flush: () => orchestrator.flush(),
    runTaskStream,
    runTask: (task) => runTaskStream(task).result$,
    runs,
    eventsOf: (run) => recordings.find((recording) => recording.run === run)?.events ?? [],
    verify: () => {
      for (const { run, events } of recordings) {
        const fault = runFault(run, events);
        if (fault !== undefined) throw new ExpectationError(`${run.runId}: ${fault}`);
      }
    },
  };
}

/** Without what is `undefined`, which would take the place of a default. */
const given = <Data extends JsonRecord>(config: SomePorts<Data>): Partial<OrchestratorConfig<Data>> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
