import { defer, EMPTY, filter, of, type Observable } from 'rxjs';
import type { Action } from '../domain/action.js';
import { isLeft } from '../domain/either.js';
import type { JsonRecord } from '../domain/json.js';
import type { PurposeScore } from '../domain/purpose-score.js';
import { toState, type State } from '../domain/state.js';
import { draft, type EventDraft } from '../domain/stream-event.js';
import type { Environment, ExecuteContext } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { emitThen } from '../internal/emit-then.js';
import { oneThen } from '../internal/one-then.js';
import { verdictOn } from './doubt-verdict.js';
import { isExecuted, type Executed, type Execution } from './execute.js';
import type { Resumption } from './resume.js';
import type { Halt } from './run-control.js';

type Drafts<Data extends JsonRecord> = Observable<EventDraft<Data> | Halt>;

/** The stages of a step, as its loop has them. */
export interface Stages<Data extends JsonRecord> {
  /** Decides, as attempt `attempt`, and goes on. */
  readonly decide: (attempt: number) => Drafts<Data>;
  /** Executes, and goes on. */
  readonly act: (action: Action) => Drafts<Data>;
  /** Executes, and nothing else. */
  readonly execute: (action: Action) => Observable<Execution<Data>>;
  /** Judges, as attempt `attempt`, and goes on. */
  readonly judge: (action: Action, state: State<Data>, attempt: number) => Drafts<Data>;
  /** Ends the step. */
  readonly finish: (state: State<Data>, score: PurposeScore) => Drafts<Data>;
  /** What follows the end of a step that is told already. */
  readonly conclude: (state: State<Data>, score: PurposeScore) => Drafts<Data>;
  /** The state before the step. */
  readonly state: State<Data>;
}

/** What cannot be: the order of the events was checked at the door. */
const lost = (what: string): never => {
  throw new ContractError(`This run cannot be resumed: its log does not hold ${what}.`);
};

const BROKE_OFF = 'the run broke off';

/** Tells that what was said is void, where anything was, and asks anew. */
const anew = <Data extends JsonRecord>(
  { attempt, isDropped, run: { step } }: Resumption<Data>,
  source: string,
  ask: (attempt: number) => Drafts<Data>,
): Drafts<Data> => {
  if (attempt === 0) return ask(1);
  const next = attempt + 1;
  const begin = (): Drafts<Data> => emitThen(draft('attempt_start', step, { source, attempt: next }), () => ask(next));
  return isDropped ? begin() : emitThen(draft('attempt_dropped', step, { source, attempt, reason: BROKE_OFF }), begin);
};

/** The state that the action led to: as it was told, as a failure left it, or as an environment finds it out of its finished calls. */
const stateAfter = <Data extends JsonRecord>(
  { run, failure }: Resumption<Data>,
  { execute, state }: Stages<Data>,
  action: Action,
): Observable<State<Data>> => {
  if (run.executed !== null) return of(run.executed);
  if (failure !== null) return of({ ...state, data: { ...state.data, _error: failure } });
  return execute(action).pipe(
    filter((item): item is Executed<Data> => isExecuted(item)),
    oneThen(({ state: made }) => of(made)),
  );
};

/**
 * The rest of a step that broke off: from the stage that was under way on. What had been said there is void and told to be,
 * and what was finished before is taken from the log.
 *
 * ```text
 * the log            S s t t         broke off while the actor was speaking
 * resumeStep         D A t t t a …   D: attempt_dropped, A: attempt_start
 * ```
 */
export const resumeStep = <Data extends JsonRecord>(resumption: Resumption<Data>, stages: Stages<Data>): Drafts<Data> =>
  defer((): Drafts<Data> => {
    const { run, stage } = resumption;
    const { step, score } = run;
    if (stage === 'deciding') return anew(resumption, 'actor', stages.decide);
    if (stage === 'finishing') return of(draft('done', step, {}));
    if (stage === 'stepped') return stages.conclude(run.state ?? lost('a state'), score ?? lost('a score'));
    const action = run.action ?? lost('an action');
    if (stage === 'working' && run.executed === null) return stages.act(action);
    if (stage === 'working' || stage === 'judging')
      return anew(resumption, 'purpose', (attempt) =>
        stateAfter(resumption, stages, action).pipe(oneThen((state) => stages.judge(action, state, attempt))),
      );
    if (stage === 'scored')
      return stateAfter(resumption, stages, action).pipe(oneThen((state) => stages.finish(state, score ?? lost('a score'))));
    return EMPTY;
  });

/** What an environment is told of the calls that had begun before the run was resumed. */
export const resumedCalls = (resumption: Resumption<JsonRecord>): Pick<ExecuteContext, 'begun' | 'resolveDoubt'> => ({
  // As they were then: the run goes on to fold its own events.
  begun: new Map(resumption.run.calls),
  resolveDoubt: (call) => verdictOn(resumption, call),
});

/**
 * Executes an action that may have been under way: call by call where the environment tells its calls, and where it does
 * not, the action as a whole is in doubt, as a call `<step>.0`. `settled` then has to give a state.
 */
export const executeInDoubt = <Data extends JsonRecord>(
  resumption: Resumption<Data>,
  { tellsCalls }: Pick<Environment<Data>, 'tellsCalls'>,
  { name, params }: Action,
  execution$: Observable<Execution<Data>>,
): Observable<Execution<Data>> => {
  // Nothing has begun while somebody is asked for leave, nor where it was denied.
  const isHeld = [...resumption.run.approvals.values()].some((decided) => decided === null || decided.decision === 'deny');
  if (tellsCalls === true || isHeld) return execution$;
  const call = { callId: `${resumption.run.step}.0`, name, params, isIdempotent: false };
  return verdictOn(resumption, call).pipe(
    oneThen((verdict): Observable<Execution<Data>> => {
      if (verdict.type === 'retry') return execution$;
      if (verdict.type === 'fail') throw new Error(`${name}: ${verdict.reason}`);
      // Whoever settles an action of this environment knows the data of its states.
      const settled = toState(verdict.output as unknown as State<Data>);
      if (isLeft(settled)) throw new Error(`${name} was settled with what is no state: ${settled.left.join('; ')}`);
      return of({ type: 'executed', state: settled.right });
    }),
  );
};
