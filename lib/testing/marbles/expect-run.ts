import { filter, type Observable } from 'rxjs';
import type { StreamEvent, StreamEventOf, StreamEventType } from '../../domain/stream-event.js';
import { ScriptError } from '../../errors/script-error.js';
import { ofType } from '../../operators/of-type.js';
import { AgentRun } from '../../orchestrator/agent-run.js';
import { eventAlphabet, type EventPatterns } from './event-alphabet.js';
import { checkValuesUsed, expectMarbles } from './expect-marbles.js';
import { parseSpan, recordNotices } from './record-marks.js';
import type { Session } from './session.js';
import { wholeValues } from './whole-values.js';

/** What a run, or some of its events, is expected to be. */
export interface RunExpectation {
  /**
   * Expects the diagram at the end of the test.
   *
   * @param marbles - As in RxJS, a character a millisecond. The letters are those of `eventLetters`, or keys of `values`.
   * @param values - What letters stand for: a text is a token of that text; of an event only what is named is compared.
   * @param error - What `#` stands for: an error, or a plain object of what it holds. Left out: any error.
   */
  toBe(marbles: string, values?: EventPatterns, error?: unknown): void;
}

/** What the tokens of a run are expected to be. */
export interface TokensExpectation {
  /** As {@link RunExpectation.toBe}: a letter stands for the text in `values`, or for itself. */
  toBe(marbles: string, values?: Readonly<Record<string, string>>, error?: unknown): void;
}

/** Which tokens of a run are looked at. Defaults to all. */
export interface TokensFilter {
  /** `thought`, `evidence`, `reasoning`, … */
  readonly channel?: string;
  /** `actor` or `purpose`. */
  readonly source?: string;
}

/** Types of events: the engine's, or an environment's own. */
export type EventTypes = EventType | readonly EventType[];

/** Known names are offered, others allowed. */
type EventType = StreamEventType | (string & Record<never, never>);

/** A run, or any other stream of events. */
export type Events = Observable<StreamEvent>;

/**
 * The events of a run from its beginning, whoever subscribed first in this frame: what is told at once would be missed
 * otherwise. From later on, what a late subscriber sees.
 *
 * @internal
 */
export const wholeRun = (run: Events, from = 0): Events => (run instanceof AgentRun && from === 0 ? run.from(0) : run);

const expectEventsOf = (
  session: Session,
  what: string,
  run: Events,
  subscription: string | undefined,
  pass: (events: Events) => Events,
) => {
  const span = parseSpan(subscription);
  const { toBe } = expectMarbles({ session, what }, recordNotices(session, pass(wholeRun(run, span.from)), span));
  return {
    toBe: (marbles: string, values?: EventPatterns, error?: unknown) => {
      checkValuesUsed(marbles, values);
      toBe(marbles, eventAlphabet(values), error);
    },
  };
};

/** @internal */
export const expectRun = (session: Session, run: Events, subscription?: string): RunExpectation =>
  expectEventsOf(session, 'The run', run, subscription, (events) => events);

/** @internal */
export const expectEvents = (session: Session, run: Events, types: EventTypes, subscription?: string): RunExpectation => {
  const wanted: readonly string[] = typeof types === 'string' ? [types] : types;
  if (wanted.length === 0) throw new ScriptError('expectEvents was given no types: there is nothing that it could expect.');
  const isWanted = ({ type }: StreamEvent): boolean => wanted.includes(type);
  return expectEventsOf(session, `What the run tells of ${wanted.join(', ')}`, run, subscription, (events) =>
    events.pipe(filter(isWanted)),
  );
};

const isOf =
  ({ channel, source }: TokensFilter) =>
  ({ data }: StreamEventOf<'token'>): boolean =>
    (channel === undefined || data.channel === channel) && (source === undefined || data.source === source);

/** @internal */
export const expectTokens = (session: Session, run: Events, tokens: TokensFilter = {}, subscription?: string): TokensExpectation => {
  const span = parseSpan(subscription);
  const text$ = wholeRun(run, span.from).pipe(ofType('token'), filter(isOf(tokens)));
  const { toBe } = expectMarbles(
    { session, what: tokens.channel === undefined ? 'What the run says' : `The ${tokens.channel} of the run` },
    recordNotices(session, text$, span),
  );
  return {
    toBe: (marbles, values, error) => {
      checkValuesUsed(marbles, values);
      const texts = wholeValues(values ?? {}, (letter) => letter);
      toBe(
        marbles,
        {
          ...texts,
          differ: (letter, { data }) => texts.differ(letter, data.token),
          letterOf: ({ data }) => texts.letterOf(data.token),
          explain: ({ data }) => texts.explain(data.token),
        },
        error,
      );
    },
  };
};
