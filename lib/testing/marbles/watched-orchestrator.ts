import type { JsonRecord } from '../../domain/json.js';
import { openTools } from './open-tools.js';
import type { Session } from './session.js';
import { testOrchestrator, type SomePorts, type TestOrchestrator } from './test-orchestrator.js';
import type { Part } from './watch-part.js';
import type { WatchedParts } from './watched-parts.js';

/**
 * An orchestrator of one test: its ports are watched, its runs are verified at the end of the test and cancelled.
 *
 * @internal
 */
export function watchedOrchestrator<Data extends JsonRecord>(
  session: Session,
  parts: WatchedParts,
  config: SomePorts<Data>,
): TestOrchestrator<Data> {
  const { actor, purposeFunction, environment, experience, ...rest } = config;
  const watch = <P extends Part>(part: P | undefined): P | undefined => (part === undefined ? undefined : parts.watch(part));
  const orchestrator = testOrchestrator<Data>({
    createId: session.createRunId,
    ...rest,
    actor: watch(actor),
    purposeFunction: watch(purposeFunction),
    environment: watch(environment),
    experience: watch(experience),
  });
  session.verifyAtEnd(orchestrator.verify);
  session.hint(() => {
    const open = orchestrator.runs.flatMap((run) => openTools(orchestrator.eventsOf(run)));
    if (open.length === 0) return undefined;
    return `Tools that were still open at the end: ${open.join(', ')}. What waits for a Promise or a setTimeout does not end in virtual time.`;
  });
  session.release(() => {
    for (const run of orchestrator.runs) run.cancel('The test is over.');
  });
  return orchestrator;
}
