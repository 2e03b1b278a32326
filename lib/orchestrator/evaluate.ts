import { isLeft } from 'fp-ts/lib/Either.js';
import { defer, map, type Observable } from 'rxjs';
import { decode } from '../domain/decode.js';
import type { JsonRecord } from '../domain/json.js';
import { PurposeScore, toPurposeScore } from '../domain/purpose-score.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import { ContractError } from '../errors/contract-error.js';
import { fromMany } from '../internal/from-input.js';
import type { EvaluateContext, PurposeFunction, PurposeSignal } from '../purpose/purpose-function.js';
import { reasoningDraft, type Speaker } from './port-drafts.js';

const speaker: Speaker = { source: 'purpose', channel: 'evidence' };

/** The score with `delta` and `improved` as they follow from it, whatever the purpose function says. */
const toScore = (score: unknown): PurposeScore => {
  const decoded = decode(PurposeScore, score);
  if (isLeft(decoded)) throw new ContractError(`The purpose function gave something that is no score. ${decoded.left.join('; ')}`);
  return toPurposeScore(decoded.right);
};

/** Asks the purpose function: its tokens and usage as events while it weighs, and its score as a `score` event. */
export const evaluate = <Data extends JsonRecord>(
  purposeFunction: PurposeFunction<Data>,
  context: EvaluateContext<Data>,
): Observable<PlainEventDraft> =>
  defer(() => fromMany<PurposeSignal>(purposeFunction.evaluate(context))).pipe(
    map((signal) =>
      signal?.type === 'score' ? draft('score', context.step, toScore(signal.score)) : reasoningDraft(signal, context.step, speaker),
    ),
  );
