import type { Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { firstDifference } from './difference.js';
import { expectMarbles } from './expect-marbles.js';
import { drawnInnerMessages, withInnerMessages } from './inner-messages.js';
import { marksOf, parseLifetime } from './lifetimes.js';
import type { Mark } from './mark.js';
import { describeMismatch } from './mismatch.js';
import { parseSpan, recordNotices } from './record-marks.js';
import type { Session } from './session.js';
import { wholeValues } from './whole-values.js';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/**
 * `expectObservable` of RxJS, with the page of `agentMarbles` where it fails.
 *
 * @internal
 */
export const expectObservable =
  (session: Session): RunHelpers['expectObservable'] =>
  <T>(observable: Observable<T>, subscription?: string | null) => {
    const span = parseSpan(subscription ?? undefined);
    const notices = recordNotices(session, withInnerMessages(session, observable), span);
    return {
      toBe: (marbles: string, values?: unknown, error?: unknown) => {
        // As RxJS has it: among values a letter without one is undefined, and an error that is not told is the text `error`.
        const letters = isRecord(values) ? wholeValues(drawnInnerMessages(values), () => undefined) : wholeValues({}, (letter) => letter);
        expectMarbles({ session, what: 'The Observable' }, notices).toBe(marbles, letters, error ?? 'error');
      },
      toEqual: (other: Observable<T>) => {
        const others = recordNotices(session, withInnerMessages(session, other), span);
        session.check(() => {
          const difference = firstDifference(others, notices);
          return difference && `The Observable is not like the other one: ${difference}.`;
        });
      },
    };
  };

const differ = (one: Mark, other: Mark): string | undefined => (one.letter === other.letter ? undefined : '');
const explain = ({ letter }: Mark): string => (letter === '^' ? 'subscribed' : 'unsubscribed');

/**
 * `expectSubscriptions` of RxJS, with the page of `agentMarbles` where it fails.
 *
 * @internal
 */
export const expectSubscriptions =
  (session: Session): RunHelpers['expectSubscriptions'] =>
  (logs) => ({
    toBe: (marbles) => {
      const expected = (typeof marbles === 'string' ? [marbles] : marbles).map(parseLifetime).filter((marks) => marks.length > 0);
      session.check(() => {
        const actual = logs.map(({ subscribedFrame: from, unsubscribedFrame: to }): readonly Mark[] =>
          marksOf({ from, to, outcome: to === Infinity ? 'open' : 'left' }),
        );
        const pages = Array.from({ length: Math.max(expected.length, actual.length) }, (_, index) =>
          describeMismatch({
            what: `Subscription ${index + 1}`,
            expected: expected[index] ?? [],
            actual: actual[index] ?? [],
            differ,
            explain,
          }),
        );
        return pages.find((page) => page !== undefined);
      });
    },
  });
