import { ExpectationError } from '../../errors/expectation-error.js';
import { errorText } from '../../errors/describe-error.js';
import { ScriptError } from '../../errors/script-error.js';
import { AgentTestScheduler } from './agent-test-scheduler.js';
import { firstDifference } from './difference.js';
import { stackFromCaller } from './stack-from-caller.js';

/** What is wrong, and the error that led to it, if one did. */
export interface Finding {
  readonly page: string;
  readonly cause: unknown;
}

/** Says what is wrong, once virtual time has passed; `undefined` where nothing is. */
export type Check = () => string | Finding | undefined;

/** A function of the kit that a test has called. */
export type Caller = (...given: never[]) => unknown;

/** Something that is wrong, and where in the test it was asked for. */
interface Fault {
  readonly page: string;
  readonly cause?: unknown;
  readonly line?: string | undefined;
}

/** Where a line of a stack is, in brackets: `(spec/agent.spec.ts:12:5)`. */
const placeOf = (line: string | undefined): string => {
  const place = line === undefined ? undefined : (/\(([^()]+)\)\s*$/.exec(line)?.[1] ?? /at (?:async )?(\S+)\s*$/.exec(line)?.[1]);
  return place === undefined ? '' : ` (${place.replace(/^file:\/\//, '')})`;
};

/** The frames of a stack, without what was thrown. */
const framesOf = ({ stack = '', message }: Error): string => stack.slice(stack.indexOf(message) + message.length);

/** The line of the test that called `caller`: what is below it are frames of the kit. */
const lineOf = (caller: Caller): string | undefined => framesOf(stackFromCaller(new Error('line'), caller)).split('\n')[1];

/**
 * What one test is made of beside its body: its clock, and what is to be looked at when its time is over.
 *
 * @internal
 */
export class Session {
  readonly scheduler: AgentTestScheduler;
  readonly #faults: Fault[] = [];
  readonly #verifications: (() => void)[] = [];
  /** The expectations that have been begun and not finished, and where. */
  readonly #begun = new Map<object, Fault>();
  readonly #releases: (() => void)[] = [];
  /** What may help where something is wrong. */
  readonly #hints: (() => string | undefined)[] = [];
  #checks: { readonly check: Check; readonly line: string | undefined }[] = [];
  #line: string | undefined;
  #runs = 0;
  #isOver = false;

  constructor() {
    this.scheduler = new AgentTestScheduler(
      // For who asks the scheduler itself to expect something.
      (actual, expected) => {
        this.#note(firstDifference(expected, actual));
      },
      () => {
        this.#look();
      },
    );
  }

  /** `run-1`, `run-2`, … */
  readonly createRunId = (): string => {
    this.#runs += 1;
    return `run-${this.#runs}`;
  };

  /** Looks at something at the next flush. */
  check(check: Check): void {
    this.#checks.push({ check, line: this.#line });
  }

  /** Calls something that throws where it is not content, at the end of the test. */
  verifyAtEnd(verify: () => void): void {
    this.#verifications.push(verify);
  }

  /** Something is wrong, whatever is expected. */
  fault(page: string): void {
    this.#note(page);
  }

  /** Says something at the end of the page, where something is wrong. */
  hint(hint: () => string | undefined): void {
    this.#hints.push(hint);
  }

  /** Lets go of something at the end of the test. */
  release(release: () => void): void {
    this.#releases.push(release);
  }

  /**
   * Notes an expectation, begun by the caller of `caller`; what it gives is to be called when it is finished.
   *
   * @throws `ScriptError` where the test is over: nobody would look at it.
   */
  begin(name: string, caller: Caller): () => void {
    if (this.#isOver) throw new ScriptError(`${name} was called after its test: nothing of it would be looked at.`);
    const page = `${name} was called, but nothing was expected of it: finish it by toBe, toMatch or toEqual.`;
    const key = {};
    this.#begun.set(key, { page, line: lineOf(caller) });
    return () => void this.#begun.delete(key);
  }

  /** What is checked in `act` is asked for by the caller of `caller`. */
  asLineOf<T>(caller: Caller, act: () => T): T {
    this.#line = lineOf(caller);
    try {
      return act();
    } finally {
      this.#line = undefined;
    }
  }

  /** Takes a last look, at what is to be verified and at what was not finished. */
  finish(): void {
    for (const verify of this.#verifications) {
      try {
        verify();
      } catch (error) {
        this.#note(errorText(error));
      }
    }
    this.#faults.push(...this.#begun.values());
    const [first, ...rest] = this.#faults;
    if (first === undefined) return;
    const hints = this.#hints.flatMap((hint) => hint() ?? []);
    // At the end of them all, which is that of the only one where there is one.
    const last = rest.pop() ?? first;
    this.#faults.splice(-1, 1, { ...last, page: [last.page, ...hints].join('\n\n') });
  }

  /** Lets go of all that the test has begun. */
  close(): void {
    this.#isOver = true;
    for (const release of this.#releases) release();
  }

  /** Throws what went wrong, all of it, in the order in which it was expected; as of `caller` where no line asked for it. */
  throwFaults(caller: Caller): void {
    const [first] = this.#faults;
    if (first === undefined) return;
    const pages = this.#faults.map(({ page, line }, index) => `${index + 1}.${placeOf(line)} ${page}`);
    const message = pages.length === 1 ? first.page : [`${pages.length} things are not as expected.`, ...pages].join('\n\n');
    const error = stackFromCaller(new ExpectationError(message, { cause: first.cause }), caller);
    if (first.line !== undefined) error.stack = `${error.name}: ${error.message}\n${first.line}${framesOf(error)}`;
    throw error;
  }

  #look(): void {
    const checks = this.#checks;
    this.#checks = [];
    for (const { check, line } of checks) this.#note(check(), line);
  }

  #note(found: string | Finding | undefined, line?: string): void {
    if (found !== undefined) this.#faults.push({ ...(typeof found === 'string' ? { page: found } : found), line });
  }
}
