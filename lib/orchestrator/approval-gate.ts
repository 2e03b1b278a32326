import { catchError, defer, forkJoin, map, merge, Observable, of, throwIfEmpty, timer, type SchedulerLike } from 'rxjs';
import type { Action } from '../domain/action.js';
import { callsOf } from '../domain/calls-of.js';
import type { RunState } from '../domain/run-state.js';
import { draft } from '../domain/stream-event.js';
import type { Approval, CallRequest, Environment, ExecuteContext } from '../environment/environment.js';
import { errorText } from '../errors/describe-error.js';
import { fromOne } from '../internal/from-input.js';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import { oneThen } from '../internal/one-then.js';
import type { ApprovalRequest, ApproveConfig } from './approval.js';
import { approvalOf, denial, readDecision, type Decided } from './approval-decision.js';
import type { RunControl } from './run-control.js';

/** Where a call is gated. */
export interface GateContext {
  readonly config: ApproveConfig;
  readonly run: Readonly<RunState>;
  readonly control: RunControl;
  readonly step: number;
  readonly scheduler: SchedulerLike;
}

/** The decision about a call; never fails, and emits once or is left. Cold: each subscription asks. */
const decisionOf = ({ config, scheduler }: GateContext, request: ApprovalRequest): Observable<Decided> => {
  const { ask, within } = config;
  const asked$ = defer(() => fromOne<unknown>(ask(request))).pipe(
    throwIfEmpty(() => new Error('nobody decided: what was asked ended without a decision')),
    map(readDecision),
    catchError((error: unknown) => of(denial(error))),
  );
  if (within === undefined) return asked$;
  return merge(asked$, timer(within, scheduler).pipe(map(() => denial(`nobody decided within ${within} ms`))));
};

/** Whether a call needs leave. What that cannot be told of is denied. */
const isGated = ({ when }: ApproveConfig, request: ApprovalRequest): boolean | Decided => {
  if (when === undefined) return true;
  try {
    const isNeeded: unknown = when(request);
    // A Promise, say, of whatever: nobody waits for it, and nothing may be taken for leave.
    return typeof isNeeded === 'boolean' ? isNeeded : denial('approve.when has to give true or false, and at once');
  } catch (error) {
    return denial(`approve.when failed: ${errorText(error)}`);
  }
};

/**
 * Asks about one call and goes on with what is decided, once everybody has heard of it. Whoever is asked is subscribed
 * before the request is told: who answers while they take that event is heard.
 */
const askAbout = (context: GateContext, request: ApprovalRequest, decision$: Observable<Decided>): Observable<Approval> =>
  new Observable((subscriber) => {
    // `forkJoin` asks about the next call even where somebody stopped the run while they heard of the one before.
    if (subscriber.closed) return;
    const { control, step } = context;
    const { callId, name, params, expiresAt } = request;
    let isTold = false;
    let early: Decided | undefined;

    const goOn = (decided: Decided): void => {
      control.tell(draft('approval_decision', step, { callId, ...decided }));
      if (!subscriber.closed) control.whenIdle(() => of(approvalOf(decided, request))).subscribe(subscriber);
    };
    const asked = new LinkedSubscriber<Decided>(subscriber, {
      next: (decided) => {
        // The first counts, and lets go of the others and of the time.
        asked.unsubscribe();
        if (isTold) goOn(decided);
        else early = decided;
      },
      complete: () => undefined,
    });
    decision$.subscribe(asked);
    if (subscriber.closed) return;
    control.tell(draft('approval_request', step, { callId, name, params, ...(expiresAt === undefined ? {} : { expiresAt }) }));
    isTold = true;
    if (early !== undefined && !subscriber.closed) goOn(early);
  });

/**
 * Whether a call may run, once: at once where it needs no leave or has been decided on before. Cold; never fails.
 *
 * ```text
 * ask                  --n-y       n: deny, y: too late
 * approveCall          --(n|)
 * approveCall, within  --(n|)      nothing by then: denied
 * ask is held          ^-!
 * ```
 */
export const approveCall = (context: GateContext, call: CallRequest): Observable<Approval> =>
  defer(() => {
    const { config, run, control, step, scheduler } = context;
    const decided = run.approvals.get(call.callId);
    // Of a run that was resumed.
    if (decided !== undefined && decided !== null) return of(approvalOf(decided, call));
    const expiry = config.within === undefined ? {} : { expiresAt: scheduler.now() + config.within };
    const { callId, name, params } = call;
    const request: ApprovalRequest = { runId: control.runId, step, callId, name, params, ...expiry };
    const gated = isGated(config, request);
    if (gated === false) return of<Approval>({ isApproved: true, params });
    return askAbout(context, request, gated === true ? decisionOf(context, request) : of(gated));
  });

/**
 * The action as it may be executed, once all of its calls have leave: for an environment that does not ask by itself.
 * Errors with why it is denied.
 */
export const approveAction = (context: GateContext, action: Action): Observable<Action> =>
  defer(() => {
    const calls = callsOf(action).map((call, index) => ({ ...call, callId: `${context.step}.${index + 1}` }));
    const approvals = calls.map((call) =>
      // What makes no sense cannot be asked about.
      'fault' in call ? of<Approval>({ isApproved: false, reason: call.fault }) : approveCall(context, call),
    );
    return forkJoin(approvals).pipe(
      map((decided) => {
        const denials = decided.flatMap((approval, index) => {
          if (approval.isApproved) return [];
          return calls.length === 1 ? [approval.reason] : [`${calls[index]?.name} (${calls[index]?.callId}): ${approval.reason}`];
        });
        if (denials.length > 0) throw new Error(`denied: ${denials.join('; ')}`);
        // As it was edited, by the fold of what has been told.
        return context.run.action ?? action;
      }),
    );
  });

/**
 * What is made of an action once it may be: with the question of leave in its hands where the environment asks for each
 * call by itself, when all calls have leave where it does not, and at once where nothing needs leave.
 */
export const gated = <T>(
  gate: GateContext | undefined,
  { asksApproval }: Pick<Environment, 'asksApproval'>,
  action: Action,
  project: (action: Action, context?: Pick<ExecuteContext, 'approve'>) => Observable<T>,
): Observable<T> => {
  if (gate === undefined) return project(action);
  if (asksApproval === true) return project(action, { approve: (call) => approveCall(gate, call) });
  return approveAction(gate, action).pipe(oneThen((allowed) => project(allowed)));
};
