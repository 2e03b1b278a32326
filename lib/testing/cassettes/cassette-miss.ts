import type { LLMRequest } from '../../backend/backend.js';
import { truncate } from '../../domain/text.js';
import type { RecordedExchange } from './cassette-exchange.js';
import { differenceText, requestDifferences, type RequestDifference } from './request-differences.js';
import { sharedEnds } from './shared-ends.js';

/**
 * An exchange as requests are compared with it.
 *
 * @internal
 */
export interface Candidate {
  readonly exchange: RecordedExchange;
  /** From 1, in the order of asking. */
  readonly position: number;
  /** As the redaction of today leaves it. */
  readonly request: LLMRequest;
}

const AGAIN = 'Delete the cassette and record it again';

const ADVICE = `${AGAIN}, match by order, or let redact take out what changes from run to run.`;

/** The longest excerpt of a request in a message, in UTF-16 code units. */
const EXCERPT = 60;

/** The most of a kind that a message names. */
const MOST = 5;

/**
 * A number of things in words.
 *
 * @internal
 */
export const countOf = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

/**
 * The first few of a list in words, and how many more there are.
 *
 * @internal
 */
export function fewOf<T>(items: readonly T[], show: (item: T) => string, separator: string): string {
  const more = items.length - MOST;
  return [...items.slice(0, MOST).map(show), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}

/**
 * Where in the cassette an exchange is.
 *
 * @internal
 */
export const placeOf = ({ position, exchange }: Candidate): string => `exchange ${position} (line ${exchange.line})`;

/**
 * An exchange as a person finds it: its place and the end of what was asked.
 *
 * @internal
 */
export const nameOf = (candidate: Candidate): string => {
  const said = candidate.request.messages.at(-1)?.content ?? '';
  return `${placeOf(candidate)}, ${JSON.stringify(said.length > EXCERPT ? `${truncate(said, EXCERPT)}…` : said)}`;
};

interface Comparison {
  readonly candidate: Candidate;
  readonly differences: readonly RequestDifference[];
  readonly isUsed: boolean;
}

const likenessOf = ({ differences }: Comparison): number =>
  differences.reduce((sum, { recorded, asked }) => {
    if (typeof recorded !== 'string' || typeof asked !== 'string') return sum;
    const { start, end } = sharedEnds(recorded, asked);
    return sum + start + end;
  }, 0);

/** Fewer differences are nearer; of as many, the answer that is not used yet; then the one whose texts have more in common. */
const nearer = (one: Comparison, other: Comparison): Comparison => {
  const more = other.differences.length - one.differences.length || Number(other.isUsed) - Number(one.isUsed);
  if (more !== 0) return more < 0 ? other : one;
  return likenessOf(other) > likenessOf(one) ? other : one;
};

/**
 * What is said where no recorded request is the one that is asked: how it differs from the one with the fewest differences.
 *
 * @internal
 */
export function missText(number: number, asked: LLMRequest, candidates: readonly Candidate[], used: ReadonlySet<Candidate>): string {
  const [first, ...others] = candidates.map((candidate): Comparison => {
    const differences = requestDifferences(candidate.request, asked);
    return { candidate, differences, isUsed: used.has(candidate) };
  });
  if (first === undefined) return `Request ${number} is not in the cassette, which holds no exchange. ${AGAIN}.`;
  const { candidate, differences } = others.reduce(nearer, first);
  const list = fewOf(differences, differenceText, '\n  ');
  return `Request ${number} is not in the cassette. It is nearest to ${placeOf(candidate)}, but for ${countOf(differences.length, 'difference')}:\n  ${list}\n${ADVICE}`;
}

/**
 * What is said where a request is asked more often than it was recorded.
 *
 * @internal
 */
export const usedUpText = (number: number, candidates: readonly Candidate[]): string =>
  `Request ${number} was recorded ${countOf(candidates.length, 'time')}, as ${fewOf(candidates, placeOf, candidates.length > MOST ? ', ' : ' and ')}, and is asked once more. ${AGAIN}, or ask it less often.`;

/**
 * What is said where there are more requests than exchanges, whatever they ask.
 *
 * @internal
 */
export const unexpectedText = (number: number, held: number): string =>
  `Request ${number} was not expected: the cassette holds ${countOf(held, 'exchange')}. ${AGAIN}.`;
