import { catchError, defer, EMPTY, ignoreElements, lastValueFrom, throwError, type Observable } from 'rxjs';
import { ExpectationError } from '../../errors/expectation-error.js';
import { showValue } from '../marbles/show-value.js';
import type { TestRunner } from './test-runner.js';

/** Fails the law unless it is met: what was expected, and what was seen in its place. */
export type Demand = (isMet: boolean, expected: string, seen: string) => void;

/** What a law does to a part. It is over when it returns, or when the Observable that it gives has completed. */
export type LawBody = (demand: Demand) => Observable<unknown> | undefined;

/** Adds a law to a test runner, by what is true of a part that keeps it. */
export type AddLaw = (law: string, body: LawBody) => void;

/**
 * Makes what adds laws of one kind of part to a test runner. A case always gives a Promise: that is what the types of
 * every runner take.
 *
 * @internal
 * @param part - What the laws are for, in a word: it stands in the messages.
 */
export const lawsFor =
  (runner: TestRunner, part: string): AddLaw =>
  (law, body) => {
    const broken = (expected: string, seen: string, cause?: unknown): ExpectationError =>
      new ExpectationError(`The ${part} breaks the law that it ${law}.\nExpected: ${expected}.\nSeen: ${seen}.`, { cause });

    const demand: Demand = (isMet, expected, seen) => {
      if (!isMet) throw broken(expected, seen);
    };

    /** What the part itself throws breaks the law that it is thrown under. */
    const named = (error: unknown): ExpectationError =>
      error instanceof ExpectationError ? error : broken('no failure', `the failure ${showValue(error)}`, error);

    runner.it(law, () =>
      lastValueFrom(
        defer(() => body(demand) ?? EMPTY).pipe(
          ignoreElements(),
          catchError((error: unknown) => throwError(() => named(error))),
        ),
        { defaultValue: undefined },
      ),
    );
  };
