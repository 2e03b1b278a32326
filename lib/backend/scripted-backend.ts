import { defer, type Observable, type SchedulerLike } from 'rxjs';
import { ScriptError } from '../errors/script-error.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';
import { playStep, type ScriptStep } from './script-step.js';

/** Configuration of {@link scriptedBackend}. */
export interface ScriptedBackendConfig {
  /** What the times of the steps run on. Defaults to the async scheduler, which is virtual in `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

/** A backend that plays a script. */
export interface ScriptedBackend extends LLMBackend {
  /** The requests so far, oldest first: frozen copies as they came in. The list grows. */
  readonly requests: readonly LLMRequest[];
  /** Throws a `ScriptError` where steps were not used. */
  verify(): void;
}

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
};

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

/**
 * A backend that plays its steps, one a request, so that agents run without a model and, in marble tests, in virtual
 * time.
 *
 * ```text
 * { marbles: '--a-(b|)' }                       --a-(b|)
 * { tokens: ['x', 'y'], interval: 3 }           ---x--(yf|)    f: finish 'stop'
 * ['x', 'y']                                    (xyf|)
 * ```
 *
 * Cold: a subscription takes the next step and is noted in `requests`. Unsubscribing stops the step, which counts as
 * used.
 *
 * ```ts
 * const backend = scriptedBackend(['Hello', { tokens: ['a', 'b'], interval: 20 }, new Error('no more')]);
 * generate(backend, { messages: [] }).subscribe(console.log); // Hello
 * backend.verify(); // throws: 2 of the script's 3 steps were not used
 * ```
 *
 * @param steps - A text, tokens, chunks, marbles, tokens with an interval, or an error each; see {@link ScriptStep}.
 * @throws `ScriptError` in the stream at a request that has no step; when it is made, at marbles that make no sense.
 */
export function scriptedBackend(steps: readonly ScriptStep[], { scheduler }: ScriptedBackendConfig = {}): ScriptedBackend {
  const answers = steps.map((step) => playStep(step, scheduler));
  const requests: LLMRequest[] = [];

  const answerNext = (request: LLMRequest): Observable<LLMChunk> => {
    requests.push(freeze(structuredClone(request)));
    const answer$ = answers[requests.length - 1];
    if (answer$ !== undefined) return answer$;
    throw new ScriptError(`Request ${requests.length} was not expected: the script has ${count(steps.length, 'step')}.`);
  };

  return {
    requests,
    stream: (request) => defer(() => answerNext(request)),
    verify: () => {
      const unused = steps.length - requests.length;
      if (unused <= 0) return;
      throw new ScriptError(`${unused} of the script's ${count(steps.length, 'step')} ${unused === 1 ? 'was' : 'were'} not used.`);
    },
  };
}
