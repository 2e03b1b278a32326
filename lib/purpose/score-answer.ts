import * as t from 'io-ts';
import { isLeft } from '../domain/either.js';
import type { JsonRecord } from '../domain/json.js';
import { objectCodec } from '../domain/object-codec.js';
import { Confidence, Phi } from '../domain/purpose-score.js';

/** What a model answers when it is asked for a score. Nothing is clamped: a number out of its range does not decode. */
export interface ScoreAnswer extends t.TypeOf<typeof FirstAnswer> {}

/** Of the first step of a run: nobody has judged the state before yet. */
const FirstAnswer = objectCodec('ScoreAnswer', { evidence: t.string, phiBefore: Phi, phiAfter: Phi, confidence: Confidence });

/** Of any later step: Φ of the state before is settled. */
const LaterAnswer = objectCodec('ScoreAnswer', { evidence: t.string, phiAfter: Phi, confidence: Confidence });

const withPhiBefore = (value: unknown, context: t.Context, phiBefore: number | undefined): t.Validation<ScoreAnswer> => {
  if (phiBefore === undefined) return FirstAnswer.validate(value, context);
  const later = LaterAnswer.validate(value, context);
  return isLeft(later) ? later : t.success({ ...later.right, phiBefore });
};

/** Φ may rise on evidence alone, so that a judge has to say what in the state it has seen. */
const isUnfounded = ({ evidence, phiBefore, phiAfter }: ScoreAnswer): boolean => phiAfter > phiBefore && evidence.trim() === '';

/**
 * Codec of a {@link ScoreAnswer}. With a settled `phiBefore` the answer need not have one, and has this one whatever it
 * says. A Φ that rises without evidence is refused.
 */
export const scoreAnswer = (phiBefore: number | undefined): t.Type<ScoreAnswer> =>
  new t.Type<ScoreAnswer>(
    'ScoreAnswer',
    (value): value is ScoreAnswer => FirstAnswer.is(value) && !isUnfounded(value),
    (value, context) => {
      const decoded = withPhiBefore(value, context, phiBefore);
      if (isLeft(decoded) || !isUnfounded(decoded.right)) return decoded;
      const { evidence, phiBefore: before, phiAfter } = decoded.right;
      const rise = `phiAfter ${phiAfter} is above phiBefore ${before}`;
      return t.failure(evidence, t.appendContext(context, 'evidence', t.string, evidence), `${rise}: expected what in the state shows it`);
    },
    t.identity,
  );

// The ranges are told in words: some servers refuse a schema with `minimum` and `maximum` altogether.
const EVIDENCE: JsonRecord = { type: 'string', description: 'What in the state after shows it. Required where Φ rises.' };
const PHI: JsonRecord = { type: 'number', description: 'From 0 to 10.' };
const CONFIDENCE: JsonRecord = { type: 'number', description: 'From 0 to 1.' };

/** The JSON Schema of a {@link ScoreAnswer}. The evidence comes first: it streams, and is weighed before the numbers. */
export const scoreSchema = (phiBefore: number | undefined): JsonRecord => {
  const properties: JsonRecord = {
    evidence: EVIDENCE,
    ...(phiBefore === undefined ? { phiBefore: PHI } : {}),
    phiAfter: PHI,
    confidence: CONFIDENCE,
  };
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
};
