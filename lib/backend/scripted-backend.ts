import { defer, type Observable, type SchedulerLike } from 'rxjs';
import { createScript } from '../internal/script.js';
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
  /** Throws a `ScriptError` where steps were not used, or requests came that there was no step for; it says which. */
  verify(): void;
}

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
 * backend.verify(); // throws: 2 of the 3 steps of the backend's script were not used: step 2, …
 * ```
 *
 * @param steps - A text, tokens, chunks, marbles, tokens with an interval, or an error each; see {@link ScriptStep}.
 * @throws `ScriptError` in the stream at a request that has no step; when it is made, at marbles that make no sense.
 */
export function scriptedBackend(steps: readonly ScriptStep[], { scheduler }: ScriptedBackendConfig = {}): ScriptedBackend {
  const script = createScript<ScriptStep, LLMRequest, Observable<LLMChunk>>({
    steps,
    play: (step) => playStep(step, scheduler),
    whose: 'backend',
    call: 'request',
  });
  return { requests: script.calls, stream: (request) => defer(() => script.take(request)), verify: script.verify };
}
