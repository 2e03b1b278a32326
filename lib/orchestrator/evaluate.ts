import type { Observable } from 'rxjs';
import { faultsOf } from '../domain/decode.js';
import type { JsonRecord } from '../domain/json.js';
import { PurposeScore, toPurposeScore } from '../domain/purpose-score.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import { ContractError } from '../errors/contract-error.js';
import { askPort } from '../internal/ask-port.js';
import type { EvaluateContext, PurposeFunction, PurposeSignal } from '../purpose/purpose-function.js';
import { reasoningDraft, speakerAt, type Speaker } from './port-drafts.js';

const speaker: Speaker = { source: 'purpose', channel: 'evidence' };

/** The score with `delta` and `improved` as they follow from it, whatever the purpose function says. */
const toScore = (score: unknown): PurposeScore => {
  if (PurposeScore.is(score)) return toPurposeScore(score);
  throw new ContractError(`The purpose function gave something that is no score. ${faultsOf(PurposeScore, score).join('; ')}`);
};

/** Asks the purpose function: its tokens and usage as events while it weighs, and its score as a `score` event. */
export const evaluate = <Data extends JsonRecord>(
  purposeFunction: PurposeFunction<Data>,
  context: EvaluateContext<Data>,
): Observable<PlainEventDraft> => {
  const { step } = context;
  const speaking = speakerAt(speaker, context.attempt);
  return askPort<PurposeSignal, PlainEventDraft>(
    () => purposeFunction.evaluate(context),
    (signal) => (signal?.type === 'score' ? draft('score', step, toScore(signal.score)) : reasoningDraft(signal, step, speaking)),
  );
};
