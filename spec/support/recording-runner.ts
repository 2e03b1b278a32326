import type { TestRunner } from '../../lib/testing/laws/test-runner.js';

/** What became of some cases: the error of each that failed, by its name. */
export type Failures = Readonly<Record<string, unknown>>;

/** A case as it was added. */
export interface RecordedCase {
  readonly name: string;
  readonly body: () => void | PromiseLike<void>;
}

/** A test runner that runs nothing before it is told to. */
export interface RecordingRunner extends TestRunner {
  /** The cases so far, in their order. */
  readonly cases: readonly RecordedCase[];
  /** Runs the cases, each to its end before the next. */
  readonly run: () => Promise<Failures>;
}

/**
 * Makes a runner that collects cases.
 *
 * @param afterStart - Done as soon as a case has started, such as flushing virtual time.
 */
export function recordingRunner(afterStart: () => void = () => undefined): RecordingRunner {
  const cases: RecordedCase[] = [];
  return {
    cases,
    describe: (_name, body) => {
      body();
    },
    it: (name, body) => {
      cases.push({ name, body });
    },
    run: async () => {
      const failures: Record<string, unknown> = {};
      for (const { name, body } of cases) {
        try {
          const outcome = body();
          afterStart();
          await outcome;
        } catch (error) {
          failures[name] = error;
        }
      }
      return failures;
    },
  };
}
