import { catchError, concatMap, EMPTY, of, take, throwError, type Observable, type ObservableInput } from 'rxjs';
import type { JsonRecord } from '../domain/json.js';
import type { PurposeScore } from '../domain/purpose-score.js';
import { summarizeState, type State } from '../domain/state.js';
import { draft, type EventDraft, type PlainEventDraft } from '../domain/stream-event.js';
import type { Environment } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { emitThen } from '../internal/emit-then.js';
import { fromOne } from '../internal/from-input.js';

/** Configuration of {@link finishStep}. */
export interface FinishStepConfig<Data extends JsonRecord> {
  readonly environment: Environment<Data>;
  readonly earlyStopPhi: number | null;
  readonly step: number;
}

const contractError = (cause: unknown): ContractError =>
  new ContractError(`environment.isTerminal() failed: ${errorText(cause)}`, { cause });

const told = (isTerminal: boolean, step: number): Observable<PlainEventDraft> => (isTerminal ? of(draft('terminal', step, {})) : EMPTY);

const ask = <Data extends JsonRecord>(environment: Environment<Data>, state: State<Data>): boolean | ObservableInput<boolean> => {
  try {
    return environment.isTerminal(state);
  } catch (cause) {
    throw contractError(cause);
  }
};

/** Whether the state is terminal, looked at when it is called: nearly always known at once, without a stream. */
const terminal = <Data extends JsonRecord>(
  environment: Environment<Data>,
  state: State<Data>,
  step: number,
): Observable<EventDraft<Data>> => {
  const answer = ask(environment, state);
  if (typeof answer === 'boolean') return told(answer, step);
  return fromOne<boolean>(answer).pipe(
    take(1),
    catchError((cause: unknown) => throwError(() => contractError(cause))),
    concatMap((isTerminal) => told(isTerminal, step)),
  );
};

/** What follows the end of a step: `early_stop` if Φ is high enough, else `terminal` if the environment says so. */
export const concludeStep = <Data extends JsonRecord>(
  { environment, earlyStopPhi, step }: FinishStepConfig<Data>,
  state: State<Data>,
  { phiAfter }: PurposeScore,
): Observable<EventDraft<Data>> =>
  earlyStopPhi !== null && phiAfter >= earlyStopPhi ? of(draft('early_stop', step, { phi: phiAfter })) : terminal(environment, state, step);

/** Ends a step: `step_end`, then `early_stop` if Φ is high enough, else `terminal` if the environment says so. */
export const finishStep = <Data extends JsonRecord>(
  config: FinishStepConfig<Data>,
  state: State<Data>,
  score: PurposeScore,
): Observable<EventDraft<Data>> =>
  emitThen(draft('step_end', config.step, { stateSummary: summarizeState(state), state }), () => concludeStep(config, state, score));
