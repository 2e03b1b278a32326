import type { Caller, Session } from './session.js';

/** What an expectation is finished by: `toBe`, `toMatch`, … */
type Finish = (...given: readonly unknown[]) => unknown;

/**
 * The same expectation: a failure of it names the line of the test that finished it, and to finish it is not forgotten.
 *
 * @internal
 * @param name - What it is called in a test: `expectRun`.
 * @param caller - What the test called to begin it.
 */
export function located<E extends object>(session: Session, name: string, caller: Caller, expectation: E): E {
  const finished = session.begin(name, caller);
  const finishes = Object.entries(expectation).map(([method, finish]: readonly [string, Finish]): [string, Finish] => {
    const call: Finish = (...given) => {
      finished();
      return session.asLineOf(call, () => finish(...given));
    };
    return [method, call];
  });
  // Each method has the type of the one that it calls.
  return Object.fromEntries(finishes) as E;
}
