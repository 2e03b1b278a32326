import { catchError, concat, concatMap, defer, EMPTY, of, take, throwError, type Observable } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { PurposeScore } from '../domain/purpose-score.js';
import { summarizeState, type State } from '../domain/state.js';
import { draft, type EventDraft } from '../domain/stream-event.js';
import type { Environment } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { fromOne } from '../internal/from-input.js';

/** Configuration of {@link finishStep}. */
export interface FinishStepConfig<Data extends JsonRecord> {
  readonly environment: Environment<Data>;
  readonly earlyStopPhi: number | null;
  readonly step: number;
}

const terminal = <Data extends JsonRecord>(
  environment: Environment<Data>,
  state: State<Data>,
  step: number,
): Observable<EventDraft<Data>> =>
  defer(() => fromOne<boolean>(environment.isTerminal(state))).pipe(
    take(1),
    catchError((cause: unknown) => throwError(() => new ContractError(`environment.isTerminal() failed: ${errorText(cause)}`, { cause }))),
    concatMap((isTerminal) => (isTerminal ? of(draft('terminal', step, {})) : EMPTY)),
  );

/** Ends a step: `step_end`, then `early_stop` if Φ is high enough, else `terminal` if the environment says so. */
export const finishStep = <Data extends JsonRecord>(
  { environment, earlyStopPhi, step }: FinishStepConfig<Data>,
  state: State<Data>,
  { phiAfter }: PurposeScore,
): Observable<EventDraft<Data>> =>
  concat(
    of(draft('step_end', step, { stateSummary: summarizeState(state), state })),
    earlyStopPhi !== null && phiAfter >= earlyStopPhi
      ? of(draft('early_stop', step, { phi: phiAfter }))
      : terminal(environment, state, step),
  );
