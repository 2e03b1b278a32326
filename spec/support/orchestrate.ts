import type { JsonRecord } from '../../lib/domain/json.js';
import { testOrchestrator, type SomePorts, type TestOrchestrator } from '../../lib/testing/marbles/test-orchestrator.js';

let orchestrators: { readonly verify: () => void }[] = [];

/** `testOrchestrator` for tests without virtual time: the root hook verifies its runs after the test. */
export function orchestrate<Data extends JsonRecord = JsonRecord>(config: SomePorts<Data> = {}): TestOrchestrator<Data> {
  const orchestrator = testOrchestrator<Data>(config);
  orchestrators.push(orchestrator);
  return orchestrator;
}

/** Verifies the runs of all orchestrators that were made since the last call. */
export function verifyRecordings(): void {
  const made = orchestrators;
  orchestrators = [];
  for (const { verify } of made) verify();
}
