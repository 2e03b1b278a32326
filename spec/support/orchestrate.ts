import type { JsonRecord } from '../../lib/domain/json.js';
import { testOrchestrator, type SomePorts, type TestOrchestrator } from '../../lib/testing/marbles/test-orchestrator.js';
import { verifyAfterTest } from './recordings.js';

/** `testOrchestrator` for tests without virtual time: the root hook verifies its runs after the test. */
export function orchestrate<Data extends JsonRecord = JsonRecord>(config: SomePorts<Data> = {}): TestOrchestrator<Data> {
  const orchestrator = testOrchestrator<Data>(config);
  verifyAfterTest(orchestrator.verify);
  return orchestrator;
}
