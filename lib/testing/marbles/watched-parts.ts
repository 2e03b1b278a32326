import { ScriptError } from '../../errors/script-error.js';
import { drawMarbles } from './draw-marbles.js';
import { logLifetimes, marksOf, parseLifetime, type Lifetime } from './lifetimes.js';
import type { Mark } from './mark.js';
import { describeMismatch } from './mismatch.js';
import type { Session } from './session.js';
import { teardownFault } from './teardown-fault.js';
import { mainMethods, partName, watchPart, type Part } from './watch-part.js';

/** What the calls of a part are expected to be. */
export interface CallsExpectation {
  /**
   * Expects these calls, one diagram each, in the order in which they began: `^--|` for one that completed, `^--#` for
   * one that failed, `^--!` for one that was left before it had ended by itself, `^` for one that is still open. What
   * gives one final value is left with it, before it can complete: `^--!` for an actor of `--(a|)`. A value that is
   * given at once is `(^|)`.
   */
  readonly toBe: (...marbles: readonly string[]) => void;
}

/** What is expected to have been torn down. */
export interface TeardownExpectation {
  /**
   * Expects that what was under way at the frame of `!` was left in it: at least one call was, and none goes on, begins
   * or ends later. `'20ms !'`. With nothing drawn: that there were calls, and none is open at the end.
   */
  readonly toBe: (marbles: string) => void;
}

/** The calls of one part. */
interface Log {
  readonly name: string;
  /** Those that it is there for. */
  readonly main: Lifetime[];
  /** Those of its other methods, such as `reset` of an environment. */
  readonly others: Lifetime[];
}

/** The most calls that are drawn. */
const DRAWN = 20;

const sameLetter = (expected: Mark, actual: Mark): string | undefined => (expected.letter === actual.letter ? undefined : '');

const meanings: Readonly<Record<string, string>> = { '^': 'began', '|': 'completed', '#': 'failed', '!': 'left before it ended' };
const meaningOf = ({ letter }: Mark): string => meanings[letter] ?? letter;

const drawCalls = (logs: readonly { readonly name: string; readonly calls: readonly Lifetime[] }[]): readonly string[] => {
  const calls = logs.flatMap(({ name, calls: made }) => made.map((lifetime) => ({ name, marks: marksOf(lifetime) })));
  if (calls.length === 0) return ['(no calls)'];
  const shown = calls.slice(0, DRAWN);
  const { rows } = drawMarbles(shown.map(({ marks }) => marks));
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines = rows.map((row, index) => `${(shown[index]?.name ?? '').padEnd(width)}  ${row}`);
  return calls.length > DRAWN ? [...lines, `… and ${calls.length - DRAWN} more`] : lines;
};

/**
 * The parts of one test whose calls are watched.
 *
 * @internal
 */
export class WatchedParts {
  readonly #session: Session;
  /** By the part itself and by what watches it. */
  readonly #logs = new Map<object, Log>();
  readonly #watched = new Map<object, Part>();
  /** When timers that are still running are due, by the frame in which something was left. */
  readonly #pending = new Map<number, readonly number[]>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The same part, watched; always the same for the same part. What can be verified is, at the end of the test. */
  watch<P extends Part>(part: P): P {
    const known = this.#logs.has(part) ? (this.#watched.get(part) ?? part) : undefined;
    // What is known of a part was made from it.
    if (known !== undefined) return known as P;
    const log: Log = { name: partName(part), main: [], others: [] };
    const main = mainMethods(part);
    const logOf = (method: string): Lifetime[] => (main.includes(method) ? log.main : log.others);
    const { scheduler } = this.#session;
    const now = (): number => scheduler.now();
    const onLeft = (): void => {
      // In the same frame, but after all that is torn down with it.
      scheduler.asTest(() => scheduler.schedule(() => this.#pending.set(scheduler.frame, scheduler.pending)));
    };
    const watched = watchPart(part, {
      onStream: (method) => logLifetimes({ log: logOf(method), now, onLeft }),
      onValue: (method) => logOf(method).push({ from: now(), to: now(), outcome: 'completed' }),
      onDeferred: (method) => {
        this.#session.fault(
          `${method} of the ${log.name} gave a Promise or an async iterable. Virtual time does not wait for those: give an Observable.`,
        );
      },
    });
    if ('verify' in part && typeof part.verify === 'function') {
      const { verify } = part;
      this.#session.verifyAtEnd(() => void Reflect.apply(verify, part, []));
    }
    this.#logs.set(part, log);
    this.#logs.set(watched, log);
    this.#watched.set(part, watched);
    return watched;
  }

  expectCalls(part: Part): CallsExpectation {
    const { name, main } = this.#logOf(part);
    return {
      toBe: (...diagrams) => {
        const expected = diagrams.map(parseLifetime);
        this.#session.check(() => {
          const actual = main.map(marksOf);
          for (let index = 0; index < Math.max(expected.length, actual.length); index += 1) {
            const what = `Call ${index + 1} of the ${name}`;
            const sides = { expected: expected[index] ?? [], actual: actual[index] ?? [] };
            const page = describeMismatch({ what, ...sides, differ: sameLetter, explain: meaningOf });
            if (page !== undefined) return [page, '', `All calls of the ${name}:`, ...drawCalls([{ name, calls: main }])].join('\n');
          }
          return undefined;
        });
      },
    };
  }

  expectTeardown(...parts: readonly Part[]): TeardownExpectation {
    const some = parts.map((part) => this.#logOf(part));
    return {
      toBe: (marbles) => {
        const marks = parseLifetime(marbles);
        const [left] = marks;
        if (marks.length > 1 || (left !== undefined && left.letter !== '!'))
          throw new ScriptError(`'${marbles}' is no teardown: it has one '!' where everything is left, or nothing.`);
        this.#session.check(() => {
          const looked = parts.length === 0 ? [...new Set(this.#logs.values())] : some;
          const calls = looked.flatMap(({ main, others }) => [...main, ...others]);
          const pending = left === undefined || parts.length > 0 ? [] : (this.#pending.get(left.frame) ?? []);
          const fault = teardownFault(calls, left?.frame, pending);
          const drawn = looked.map(({ name, main, others }) => ({ name, calls: [...main, ...others] }));
          return fault && [`The teardown is not what was expected: ${fault}`, '', ...drawCalls(drawn)].join('\n');
        });
      },
    };
  }

  #logOf(part: Part): Log {
    const found = this.#logs.get(part);
    if (found !== undefined) return found;
    throw new ScriptError(
      `This ${partName(part)} is not watched: make it with a helper of agentMarbles, or hand it to watch() and use what that returns.`,
    );
  }
}
