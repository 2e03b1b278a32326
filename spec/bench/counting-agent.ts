import { decided, scored, token, type ActorSignal, type PurposeSignal } from 'purpose-rx';

/** The data of an agent that counts. */
export type Count = { readonly n: number };

/** What it thinks and sees in each step: so many tokens, and half as many. */
export const scriptOf = (tokens: number) => ({
  thought: Array.from({ length: tokens }, (_, index) => ` word ${index}`),
  evidence: Array.from({ length: tokens >> 1 }, (_, index) => ` sight ${index}`),
});

type Script = ReturnType<typeof scriptOf>;

/** A decision, without waiting. */
export function* decide({ thought }: Script): Generator<ActorSignal> {
  for (const word of thought) yield token(word);
  yield decided({ name: 'count', params: { by: 1 }, thought: 'I count.', expectedDelta: 'One more.' });
}

/** A judgement, without waiting. */
export function* evaluate({ evidence }: Script): Generator<PurposeSignal> {
  for (const sight of evidence) yield token(sight);
  yield scored({ phiBefore: 0, phiAfter: 1, evidence: 'It is one more.' });
}

/** How many events so many steps are, the start and the end of the task included. */
export const eventsOf = (steps: number, { thought, evidence }: Script): number => 2 + steps * (4 + thought.length + evidence.length);
