import type { Observable } from 'rxjs';
import type { Actor, ActorSignal, DecideContext } from '../actor/actor.js';
import { Action } from '../domain/action.js';
import { faultsOf } from '../domain/decode.js';
import type { JsonRecord } from '../domain/json.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import { ContractError } from '../errors/contract-error.js';
import { askPort } from '../internal/ask-port.js';
import { reasoningDraft, speakerAt, type Speaker } from './port-drafts.js';

const speaker: Speaker = { source: 'actor', channel: 'thought' };

const toAction = (action: unknown): Action => {
  // What is asked is whether it fits: decoding, which also keeps account of where it is, costs three times as much.
  if (Action.is(action)) return { name: action.name, params: action.params, thought: action.thought, expectedDelta: action.expectedDelta };
  throw new ContractError(`The actor decided on something that is no action. ${faultsOf(Action, action).join('; ')}`);
};

/** Asks the actor: its tokens and usage as events while it reasons, and its action as an `action` event. */
export const decide = <Data extends JsonRecord>(actor: Actor<Data>, context: DecideContext<Data>): Observable<PlainEventDraft> => {
  const { step } = context;
  const speaking = speakerAt(speaker, context.attempt);
  return askPort<ActorSignal, PlainEventDraft>(
    () => actor.decide(context),
    (signal) => (signal?.type === 'action' ? draft('action', step, toAction(signal.action)) : reasoningDraft(signal, step, speaking)),
  );
};
