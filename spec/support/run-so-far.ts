import type { Json, JsonRecord } from '../../lib/domain/json.js';
import { foldRun, type RunState } from '../../lib/domain/run-state.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { eventOf } from './events.js';

/** A finished step, as far as a test cares. */
export interface StepSoFar {
  /** Φ after it. Defaults to what it was. */
  readonly phi?: number;
  readonly name?: string;
  readonly params?: JsonRecord;
  /** The data of the state after it. Defaults to what it was. */
  readonly data?: JsonRecord;
  /** What its one tool call gave; without it, the environment tells of no calls. */
  readonly output?: Json;
  /** A nudge after it, by a policy of this name. */
  readonly nudge?: string;
}

/** A run that has come as far as these steps. */
export function runSoFar(...steps: readonly StepSoFar[]): Readonly<RunState> {
  let phiBefore = 0;
  let data: JsonRecord = {};
  const events: StreamEvent[] = [eventOf('task_start', 0, { purpose: 'p', maxSteps: 99, earlyStopPhi: 9, initialState: { data } })];
  steps.forEach(({ phi = phiBefore, name = 'look', params = {}, data: after = data, output, nudge }, index) => {
    const step = index + 1;
    const called = { callId: `${step}.1`, name };
    const delta = phi - phiBefore;
    events.push(
      eventOf('step_start', step, { step }),
      eventOf('action', step, { name, params, thought: `step ${step}`, expectedDelta: '' }),
      ...(output === undefined
        ? []
        : [eventOf('tool_start', step, { ...called, params }), eventOf('tool_end', step, { ...called, ok: true, output })]),
      eventOf('score', step, { phiBefore, phiAfter: phi, delta, confidence: 1, evidence: '', improved: delta > 0 }),
      eventOf('step_end', step, { stateSummary: '', state: { data: after } }),
      ...(nudge === undefined ? [] : [eventOf('nudge', step, { policy: nudge, message: 'm' })]),
    );
    phiBefore = phi;
    data = after;
  });
  return foldRun(events);
}

/** The same at each of its steps: all prefixes from the first step on. */
export const runsSoFar = (...steps: readonly StepSoFar[]): readonly Readonly<RunState>[] =>
  steps.map((_step, index) => runSoFar(...steps.slice(0, index + 1)));
