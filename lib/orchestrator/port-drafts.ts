import { decode } from '../domain/decode.js';
import { isLeft } from '../domain/either.js';
import type { AttemptDroppedSignal, AttemptStartSignal, TokenSignal, UsageSignal } from '../domain/signal.js';
import { decodeEventData, draft, isStreamEventType, type PlainEventDraft } from '../domain/stream-event.js';
import { Usage } from '../domain/usage.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';

/** Which port speaks, and what it says where it does not name the channel. */
export interface Speaker {
  readonly source: string;
  readonly channel: string;
  /** The attempt that it was asked for, where one before it was dropped: no token of it is of a lower one. */
  readonly attempt?: number | undefined;
}

/** A speaker that is asked for an attempt. */
export const speakerAt = (speaker: Speaker, attempt: number | undefined): Speaker =>
  attempt === undefined ? speaker : { ...speaker, attempt };

/** What an environment may report under the engine's own names. */
const toolEvents: ReadonlySet<string> = new Set(['tool_start', 'tool_progress', 'tool_end']);

const none: ReadonlySet<string> = new Set();

const withoutUndefined = (data: unknown): unknown =>
  typeof data === 'object' && data !== null && Object.values(data).includes(undefined)
    ? Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))
    : data;

/**
 * What a port reports on the way, as an event of the same type and data.
 *
 * @param allowed - Which of the engine's own types it may report.
 * @throws ContractError where the type is another of the engine's own, or the data is not what its type or JSON allows.
 */
export function reportDraft(
  report: { readonly type: unknown; readonly data?: unknown },
  step: number,
  allowed: ReadonlySet<string> = toolEvents,
): PlainEventDraft {
  const { type } = report;
  const data = withoutUndefined(report.data ?? {});
  if (typeof type !== 'string') throw new ContractError(`A port reported something whose type is ${typeof type} and no text.`);
  if (isStreamEventType(type) && !allowed.has(type)) throw new ContractError(`A port reported ${type}, which only the engine may.`);
  const decoded = decodeEventData(type, data);
  if (isLeft(decoded)) throw new ContractError(`A port reported ${type} with data that it cannot have. ${decoded.left.join('; ')}`);
  // The union of events has no member for the types of users; their data has just been decoded as JSON.
  return { type, step, data: decoded.right } as PlainEventDraft;
}

const tokenDraft = ({ token, channel: named, attempt: told = 1 }: TokenSignal, step: number, speaker: Speaker): PlainEventDraft => {
  const channel = named ?? speaker.channel;
  // A port that does not count from the attempt that it was asked for would join its tokens to those that are void.
  const attempt = speaker.attempt !== undefined && told < speaker.attempt ? speaker.attempt : told;
  // By hand and not by codec: this is once a token.
  if (typeof token !== 'string') throw new ContractError(`A port said a token that is no text but ${typeof token}.`);
  if (!Number.isSafeInteger(attempt)) throw new ContractError(`A port said a token of attempt ${attempt}, which is no whole number.`);
  if (typeof channel !== 'string') throw new ContractError(`A port said a token in a channel that is no text but ${typeof channel}.`);
  return draft('token', step, { token, source: speaker.source, channel, attempt });
};

const usageDraft = ({ usage }: UsageSignal, step: number, source: string): PlainEventDraft => {
  const decoded = decode(Usage, usage);
  if (isLeft(decoded)) throw new ContractError(`A port reported a usage that is none. ${decoded.left.join('; ')}`);
  return draft('usage', step, { source, ...decoded.right });
};

const checkAttempt = (attempt: number): number => {
  if (Number.isSafeInteger(attempt)) return attempt;
  throw new ContractError(`A port told of attempt ${String(attempt)}, which is no whole number.`);
};

/** What an actor or a purpose function says while it thinks. */
export type ReasoningSignal = TokenSignal | UsageSignal | AttemptDroppedSignal | AttemptStartSignal;

/**
 * What an actor or a purpose function says while it thinks, as an event.
 *
 * @throws ContractError where it is not what its type says.
 */
export function reasoningDraft(signal: ReasoningSignal, step: number, speaker: Speaker): PlainEventDraft {
  if (typeof signal !== 'object' || signal === null)
    throw new ContractError(`The ${speaker.source} gave ${String(signal)} in place of a signal.`);
  switch (signal.type) {
    case 'token':
      return tokenDraft(signal, step, speaker);
    case 'usage':
      return usageDraft(signal, step, speaker.source);
    case 'attempt_dropped':
      return draft('attempt_dropped', step, {
        source: speaker.source,
        attempt: checkAttempt(signal.attempt),
        reason: errorText(signal.reason),
      });
    case 'attempt_start':
      return draft('attempt_start', step, { source: speaker.source, attempt: checkAttempt(signal.attempt) });
    default:
      return reportDraft(signal, step, none);
  }
}
