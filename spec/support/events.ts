import { draft, type StreamEvent, type StreamEventData, type StreamEventType } from '../../lib/domain/stream-event.js';

/** An event of the run `r`, as it would be after a run has numbered it. */
export const eventOf = <Type extends StreamEventType>(
  type: Type,
  step: number,
  data: StreamEventData<Type>,
  envelope: Partial<Pick<StreamEvent, 'runId' | 'seq' | 'timestamp'>> = {},
): StreamEvent => ({ runId: 'r', seq: 0, timestamp: 0, ...draft(type, step, data), ...envelope }) as StreamEvent;

/** Numbers events from 0. */
export const numbered = (...events: readonly StreamEvent[]): StreamEvent[] => events.map((event, seq) => ({ ...event, seq }));

/** A token of the actor's thought in step 1. */
export const tokenOf = (token: string, parts: Partial<StreamEventData<'token'>> = {}, step = 1): StreamEvent =>
  eventOf('token', step, { token, source: 'actor', channel: 'thought', attempt: 1, ...parts });

export const taskStart = eventOf('task_start', 0, { purpose: 'p', maxSteps: 3, earlyStopPhi: 9, initialState: { data: { n: 0 } } });
export const stepStart = (step: number): StreamEvent => eventOf('step_start', step, { step });
export const actionOf = (name: string, step: number): StreamEvent =>
  eventOf('action', step, { name, params: {}, thought: '', expectedDelta: '' });
export const scoreOf = (phiAfter: number, step: number): StreamEvent =>
  eventOf('score', step, { phiBefore: 0, phiAfter, delta: phiAfter, confidence: 1, evidence: '', improved: phiAfter > 0 });
export const stepEnd = (step: number): StreamEvent =>
  eventOf('step_end', step, { stateSummary: `n is ${step}`, state: { data: { n: step } } });
export const taskEnd = (stopReason: StreamEventData<'task_end'>['stopReason'] = 'max_steps'): StreamEvent =>
  eventOf('task_end', 0, { totalSteps: 0, cumulativeReward: 0, successRate: 0, finalPhi: 0, stopReason });
