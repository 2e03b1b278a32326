import type { Observable } from 'rxjs';
import type { LLMBackend, LLMRequest } from '../backend/backend.js';
import { concludeStructured } from '../backend/generate-structured.js';
import type { JsonRecord } from '../domain/json.js';
import { ActionAnswer, settleAction, type DescribedTool } from './action-answer.js';
import type { ActorSignal } from './actor.js';

/** What a decision in JSON is made with. */
export interface JsonDecisionConfig {
  readonly backend: LLMBackend;
  readonly request: LLMRequest;
  readonly repairs: number;
  readonly schema: JsonRecord;
  readonly tools: readonly DescribedTool[];
  /** The attempt that it begins with. Defaults to 1. */
  readonly attempt?: number | undefined;
}

/** The name and the expected change are text fields as well, but nothing that anybody reads as it forms. */
const CHANNELS = ['thought'];

/** Asks for an action as a JSON object: its thought as it forms, then the action. */
export const decideByJson = ({ backend, request, repairs, schema, tools, attempt }: JsonDecisionConfig): Observable<ActorSignal> =>
  concludeStructured<ActionAnswer, ActorSignal>(backend, request, ActionAnswer, {
    repairs,
    schema,
    name: 'action',
    channels: CHANNELS,
    attempt,
    tellAttempt: (signal) => signal,
    conclude: (answer) => ({ type: 'action', action: settleAction(tools, answer) }),
  });
