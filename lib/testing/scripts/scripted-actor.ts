import { defer, type Observable } from 'rxjs';
import type { Actor, ActorSignal, DecideContext } from '../../actor/actor.js';
import type { JsonRecord } from '../../domain/json.js';
import { createScript } from '../../internal/script.js';
import { createContextCopier } from './copy-context.js';
import { playActorStep, type ActorStep } from './actor-script.js';
import type { Play, ScriptedPortConfig } from './port-script.js';

/** An actor that plays a script. */
export interface ScriptedActor<Data extends JsonRecord = JsonRecord> extends Actor<Data> {
  /** What it was asked so far, oldest first: frozen copies as it came in. The list grows. */
  readonly calls: readonly DecideContext<Data>[];
  /** Throws a `ScriptError` where steps were not used, or decisions were asked for that there was no step for; it says which. */
  verify(): void;
  /** Cold: a subscription takes the next step. */
  decide(context: DecideContext<Data>): Observable<ActorSignal>;
}

/**
 * An actor that plays its steps, one a decision, so that agents run without a model and, in marble tests, in virtual
 * time.
 *
 * ```text
 * 'look'                                                    (a|)            a: the action look
 * ['x', decided({ name: 'look' })]                          (xa|)
 * { tokens: ['x', 'y'], interval: 3, action: 'look' }       ---x--(ya|)
 * { marbles: '--x-(a|)' }                                   --x-(b|)        b: the action act
 * new Error('down')                                         #
 * ```
 *
 * Cold: a subscription takes the next step and is noted in `calls`; runs that share it take their steps from one list.
 * Unsubscribing stops the step, which counts as used. It keeps a copy of every context.
 *
 * ```ts
 * const actor = scriptedActor(['look', { tokens: ['I ', 'see.'], interval: 20, action: { name: 'DONE', params: { answer: 42 } } }]);
 * const orchestrator = createOrchestrator({ actor, purposeFunction: scriptedPurposeFunction([3]), environment: scriptedEnvironment([{ data: {} }]) });
 * orchestrator.runTask({ purpose: 'find it' }).subscribe(({ answer }) => {
 *   console.log(answer, actor.calls.length); // 42 2
 *   actor.verify(); // throws where the run took fewer or more decisions
 * });
 * ```
 *
 * @param steps - What each decision is; see {@link ActorStep}.
 * @throws `ScriptError` in the stream at a decision that has no step; when it is made, at marbles that make no sense.
 */
export function scriptedActor<Data extends JsonRecord = JsonRecord>(
  steps: readonly ActorStep[],
  { scheduler }: ScriptedPortConfig = {},
): ScriptedActor<Data> {
  const script = createScript<ActorStep, DecideContext<Data>, Play<unknown, ActorSignal>>({
    steps,
    play: (step) => playActorStep(step, scheduler),
    whose: 'actor',
    call: 'decision',
    copy: createContextCopier(),
  });
  return { calls: script.calls, decide: (context) => defer(() => script.take(context)(context)), verify: script.verify };
}
