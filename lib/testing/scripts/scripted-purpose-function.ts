import { defer, type Observable } from 'rxjs';
import type { JsonRecord } from '../../domain/json.js';
import { createScript } from '../../internal/script.js';
import type { EvaluateContext, PurposeFunction, PurposeSignal } from '../../purpose/purpose-function.js';
import type { Play, ScriptedPortConfig } from './port-script.js';
import { createContextCopier } from './copy-context.js';
import { playPurposeStep, type PurposeStep, type ScoresSoFar } from './purpose-script.js';

/** A purpose function that plays a script. */
export interface ScriptedPurposeFunction<Data extends JsonRecord = JsonRecord> extends PurposeFunction<Data> {
  /** What it was asked so far, oldest first: frozen copies as it came in. The list grows. */
  readonly calls: readonly EvaluateContext<Data>[];
  /** Throws a `ScriptError` where steps were not used, or evaluations were asked for that there was no step for; it says which. */
  verify(): void;
  /** Cold: a subscription takes the next step. */
  evaluate(context: EvaluateContext<Data>): Observable<PurposeSignal>;
}

/**
 * A purpose function that plays its steps, one an evaluation, so that agents run without a model and, in marble tests,
 * in virtual time. Where a step does not say its `phiBefore`, that is the `phiAfter` of the run's last score, 0 at first.
 *
 * ```text
 * 3                                              (3|)            3: the score 0 → 3
 * ['x', 3]                                       (x3|)
 * { tokens: ['x', 'y'], interval: 3, score: 3 }  ---x--(y3|)
 * { marbles: '--x-(3|)' }                        --x-(3|)
 * new Error('down')                              #
 * ```
 *
 * Cold: a subscription takes the next step and is noted in `calls`; runs that share it take their steps from one list.
 * Unsubscribing stops the step, which counts as used. It keeps a copy of every context.
 *
 * ```ts
 * const purposeFunction = scriptedPurposeFunction([3, { phiAfter: 9, evidence: 'the door is open' }]);
 * const orchestrator = createOrchestrator({
 *   actor: scriptedActor(['look', 'open']),
 *   purposeFunction,
 *   environment: scriptedEnvironment([{ data: {} }, { data: { open: true } }]),
 * });
 * orchestrator.runTask({ purpose: 'open the door' }).subscribe(({ stopReason, trajectory }) => {
 *   console.log(stopReason, trajectory.steps.map(({ score }) => score.delta)); // early_stop [ 3, 6 ]
 *   purposeFunction.verify(); // throws where the run took fewer or more evaluations
 * });
 * ```
 *
 * @param steps - What each evaluation is; see {@link PurposeStep}.
 * @throws `ScriptError` in the stream at an evaluation that has no step; when it is made, at marbles that make no sense.
 */
export function scriptedPurposeFunction<Data extends JsonRecord = JsonRecord>(
  steps: readonly PurposeStep[],
  { scheduler }: ScriptedPortConfig = {},
): ScriptedPurposeFunction<Data> {
  const script = createScript<PurposeStep, EvaluateContext<Data>, Play<ScoresSoFar, PurposeSignal>>({
    steps,
    play: (step) => playPurposeStep(step, scheduler),
    whose: 'purpose function',
    call: 'evaluation',
    copy: createContextCopier(),
  });
  return { calls: script.calls, evaluate: (context) => defer(() => script.take(context)(context)), verify: script.verify };
}
