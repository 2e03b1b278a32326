import { isLeft } from 'fp-ts/lib/Either.js';
import { defer, map, type Observable } from 'rxjs';
import type { Actor, ActorSignal, DecideContext } from '../actor/actor.js';
import { Action } from '../domain/action.js';
import { decode } from '../domain/decode.js';
import type { JsonRecord } from '../domain/json.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import { ContractError } from '../errors/contract-error.js';
import { fromMany } from '../internal/from-input.js';
import { reasoningDraft, type Speaker } from './port-drafts.js';

const speaker: Speaker = { source: 'actor', channel: 'thought' };

const toAction = (action: unknown): Action => {
  const decoded = decode(Action, action);
  if (isLeft(decoded)) throw new ContractError(`The actor decided on something that is no action. ${decoded.left.join('; ')}`);
  return decoded.right;
};

/** Asks the actor: its tokens and usage as events while it reasons, and its action as an `action` event. */
export const decide = <Data extends JsonRecord>(actor: Actor<Data>, context: DecideContext<Data>): Observable<PlainEventDraft> =>
  defer(() => fromMany<ActorSignal>(actor.decide(context))).pipe(
    map((signal) =>
      signal?.type === 'action' ? draft('action', context.step, toAction(signal.action)) : reasoningDraft(signal, context.step, speaker),
    ),
  );
