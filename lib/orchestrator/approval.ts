import type { ObservableInput } from 'rxjs';
import { isRecord } from '../domain/is-record.js';
import type { JsonRecord } from '../domain/json.js';
import type { CallRequest } from '../environment/environment.js';
import { ContractError } from '../errors/contract-error.js';
import { LONGEST_DELAY } from '../internal/longest-delay.js';

/** A call that somebody is asked about. */
export interface ApprovalRequest extends CallRequest {
  /** The run; with `callId` it names the call among all runs. */
  readonly runId: string;
  /** From 1. */
  readonly step: number;
  /** When it is denied for want of a decision, in milliseconds since the epoch. Absent: never. */
  readonly expiresAt?: number;
}

/** What somebody decides. */
export type ApprovalDecision =
  | { readonly decision: 'approve' }
  /** The reason is told to the agent. */
  | { readonly decision: 'deny'; readonly reason?: string | undefined }
  /** Approved with other parameters; they stand in the action from then on. */
  | { readonly decision: 'edit'; readonly params: JsonRecord };

/**
 * Which calls need leave, and who gives it. It stands between the decision of an actor and its execution.
 *
 * ```text
 * ask          -----y
 * tool              --r
 * the run      (ag)-(Gb)-r    a: action, g: approval_request, G: approval_decision, b and r: tool_start and tool_end
 * ```
 *
 * Each call is told by `approval_request` when somebody is asked, and by `approval_decision` when there is a decision. The
 * first counts: whoever was asked is let go of then, and what comes later changes nothing. A call that is denied is not
 * run, and the agent is told why. The calls of a `parallel` are asked for side by side; where the environment asks for each
 * by itself, as `toolEnvironment` does, those that need not wait go on, else the action waits for all of them, and is not
 * executed where one is denied. DONE needs no leave.
 *
 * What fails, ends without a decision, or decides on something that is none, denies, with what was wrong as the reason.
 * Leaving the run lets go of whoever is asked and of the timer; an interrupt denies what is asked. It keeps no state but that
 * of the run, so that one value may serve many orchestrators, and a call that was decided is not asked for again where the
 * run is resumed.
 *
 * ```ts
 * const decisions$ = new Subject<ApprovalDecision & { callId: string }>();
 * const orchestrator = createOrchestrator({
 *   actor,
 *   purposeFunction,
 *   environment,
 *   approve: {
 *     when: ({ name }) => name === 'delete_file',
 *     ask: ({ callId }) => decisions$.pipe(filter((decision) => decision.callId === callId)),
 *     within: 60_000,
 *   },
 * });
 * orchestrator.events$.pipe(ofType('approval_request')).subscribe(({ data }) => {
 *   decisions$.next({ callId: data.callId, decision: 'deny', reason: 'not on a Friday' });
 * });
 * ```
 */
export interface ApproveConfig {
  /**
   * Whether a call needs leave, at once; one about which it throws, or gives neither true nor false, is denied. Defaults to
   * every call.
   */
  readonly when?: ((call: ApprovalRequest) => boolean) | undefined;
  /** Asks, and gives one decision, now or later. Subscribed before the request is told, so that an answer to that is heard. */
  readonly ask: (request: ApprovalRequest) => ApprovalDecision | ObservableInput<ApprovalDecision>;
  /** The longest that is waited for a decision, in milliseconds, above 0 and at most 2³¹ − 1. Defaults to no limit. */
  readonly within?: number | undefined;
}

/**
 * Refuses at the door what no call could be approved by.
 *
 * @throws ContractError where it makes no sense.
 */
export function requireApprove(approve: ApproveConfig): void {
  if (!isRecord(approve)) throw new ContractError('approve has to be { ask }, with when and within if need be, or left out.');
  const { ask, when, within }: ApproveConfig = approve;
  if (typeof ask !== 'function') throw new ContractError('approve.ask has to be a function of the request that gives a decision.');
  if (when !== undefined && typeof when !== 'function')
    throw new ContractError('approve.when has to be a function of the call, or left out.');
  if (within !== undefined && !(within > 0 && within <= LONGEST_DELAY))
    throw new ContractError(`approve.within is ${String(within)}, but must be milliseconds above 0, at most ${LONGEST_DELAY}.`);
}
