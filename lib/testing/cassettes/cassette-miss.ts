import type { LLMRequest } from '../../backend/backend.js';
import type { Json } from '../../domain/json.js';
import { truncate } from '../../domain/text.js';
import type { RecordedExchange } from './cassette-exchange.js';
import { differenceText, requestDifferences, type RequestDifference } from './request-differences.js';

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

const ADVICE = 'Record the cassette again, match by order, or let redact take out what changes from run to run.';

/** The longest excerpt of a request in a message, in UTF-16 code units. */
const EXCERPT = 60;

/** The most differences in a message. */
const MOST_DIFFERENCES = 5;

/**
 * A number of things in words.
 *
 * @internal
 */
export const countOf = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

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
}

const compare =
  (asked: LLMRequest) =>
  (candidate: Candidate): Comparison => ({
    candidate,
    differences: requestDifferences(candidate.request as unknown as Json, asked as unknown as Json),
  });

const nearer = (one: Comparison, other: Comparison): Comparison => (other.differences.length < one.differences.length ? other : one);

/** The differences line by line. */
const listOf = (differences: readonly RequestDifference[]): string => {
  const more = differences.length - MOST_DIFFERENCES;
  const lines = differences.slice(0, MOST_DIFFERENCES).map(differenceText);
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `\n  ${line}`).join('');
};

/**
 * What is said where no recorded request is the one that is asked: how it differs from the one with the fewest differences.
 *
 * @internal
 */
export function missText(number: number, asked: LLMRequest, candidates: readonly Candidate[]): string {
  const [first, ...others] = candidates.map(compare(asked));
  if (first === undefined) return `Request ${number} is not in the cassette, which holds no exchange. Record the cassette again.`;
  const { candidate, differences } = others.reduce(nearer, first);
  return `Request ${number} is not in the cassette. It is nearest to ${placeOf(candidate)}, but for ${countOf(differences.length, 'difference')}:${listOf(differences)}\n${ADVICE}`;
}

/**
 * What is said where a request is asked more often than it was recorded.
 *
 * @internal
 */
export const usedUpText = (number: number, candidates: readonly Candidate[]): string =>
  `Request ${number} was recorded ${countOf(candidates.length, 'time')}, as ${candidates.map(placeOf).join(' and ')}, and is asked once more. Record the cassette again, or ask it less often.`;

/**
 * What is said where there are more requests than exchanges, whatever they ask.
 *
 * @internal
 */
export const unexpectedText = (number: number, held: number): string =>
  `Request ${number} was not expected: the cassette holds ${countOf(held, 'exchange')}. Record the cassette again.`;
