import * as t from 'io-ts';
import { checkedCodec } from './checked-codec.js';
import { Finite } from './finite.js';
import { withSchema } from './json-schema.js';
import { objectCodec } from './object-codec.js';

const within = /* @__NO_SIDE_EFFECTS__ */ (name: string, least: number, most: number): t.Type<number> =>
  checkedCodec(
    name,
    (value): value is number => typeof value === 'number' && value >= least && value <= most,
    (value) => `expected a number from ${least} to ${most}, got ${JSON.stringify(value) ?? 'nothing'}`,
  );

/** Codec of Φ: how near a state is to the purpose, from 0 to 10. Nothing is clamped. */
export const Phi = withSchema(within('Phi', 0, 10), { type: 'number', description: 'from 0 to 10' });

/** Codec of a confidence, from 0 to 1. Nothing is clamped. */
export const Confidence = withSchema(within('Confidence', 0, 1), { type: 'number', description: 'from 0 to 1' });

/** How much nearer to the purpose one state is than another, and what in the state shows it. */
export interface PurposeScore extends t.TypeOf<typeof PurposeScore> {}
/** Codec of {@link PurposeScore}. */
export const PurposeScore = objectCodec('PurposeScore', {
  phiBefore: Phi,
  phiAfter: Phi,
  delta: Finite,
  confidence: Confidence,
  evidence: t.string,
  improved: t.boolean,
});

/** What a purpose score is made from; `delta` and `improved` follow from it. */
export interface PurposeScoreInit {
  readonly phiBefore: number;
  readonly phiAfter: number;
  /** From 0 to 1. Defaults to 1. */
  readonly confidence?: number | undefined;
  /** What in the state shows it. Defaults to the empty string. */
  readonly evidence?: string | undefined;
}

/** Makes a whole score: `delta` is after − before, `improved` whether that is above 0. */
export function toPurposeScore({ phiBefore, phiAfter, confidence = 1, evidence = '' }: PurposeScoreInit): PurposeScore {
  const delta = phiAfter - phiBefore;
  return { phiBefore, phiAfter, delta, confidence, evidence, improved: delta > 0 };
}
