import { isRecord } from '../domain/is-record.js';
import type { JsonRecord } from '../domain/json.js';
import type { RunState } from '../domain/run-state.js';
import { draft, type PlainEventDraft } from '../domain/stream-event.js';
import { ContractError } from '../errors/contract-error.js';
import { errorText } from '../errors/describe-error.js';
import { halt, type Halt } from './run-control.js';
import type { RunClock, StopPolicy, Verdict } from './stop-policy.js';

const asked = <Data extends JsonRecord>(policy: StopPolicy<Data>, run: Readonly<RunState<Data>>, clock: RunClock): unknown => {
  try {
    return policy.check(run, clock);
  } catch (cause) {
    throw new ContractError(`The stop policy ${policy.name} failed: ${errorText(cause)}`, { cause });
  }
};

const isVerdict = (value: unknown): value is Verdict =>
  isRecord(value) &&
  ((value['type'] === 'stop' && typeof value['reason'] === 'string') ||
    (value['type'] === 'nudge' && typeof value['policy'] === 'string' && typeof value['message'] === 'string'));

const verdictOf = <Data extends JsonRecord>(
  policy: StopPolicy<Data>,
  run: Readonly<RunState<Data>>,
  clock: RunClock,
): Verdict | undefined => {
  const verdict = asked(policy, run, clock);
  if (verdict === undefined || isVerdict(verdict)) return verdict;
  throw new ContractError(
    `The stop policy ${policy.name} gave something that is no verdict: it has to give { type: 'stop', reason }, { type: 'nudge', policy, message } or undefined, and at once.`,
  );
};

const wasTold = ({ notices, step }: Readonly<RunState>, policy: string): boolean =>
  notices.some((notice) => notice.policy === policy && notice.step === step);

/**
 * What the policies find after a step: the end of the run where one of them says so, the first of them if several do,
 * and else what the actor is to be told.
 *
 * @throws ContractError where one of them throws, or gives what is no verdict.
 */
export function checkPolicies<Data extends JsonRecord>(
  policies: readonly StopPolicy<Data>[],
  run: Readonly<RunState<Data>>,
  clock: RunClock,
): readonly (PlainEventDraft | Halt)[] {
  const nudges: PlainEventDraft[] = [];
  for (const policy of policies) {
    const verdict = verdictOf(policy, run, clock);
    if (verdict?.type === 'stop') return [halt('stopped', `${policy.name}: ${verdict.reason}`)];
    // Of a run that broke off right after it was told.
    if (verdict === undefined || wasTold(run, verdict.policy)) continue;
    nudges.push(draft('nudge', run.step, { policy: verdict.policy, message: verdict.message }));
  }
  return nudges;
}

const NO_POLICIES = 'stopWhen has to be a list of stop policies, each with a name and a check.';

const isPolicy = (policy: unknown): policy is StopPolicy =>
  isRecord(policy) && typeof policy['name'] === 'string' && policy['name'] !== '' && typeof policy['check'] === 'function';

/**
 * Refuses at the door what no run could go by.
 *
 * @throws ContractError where one is no policy, or two have one name.
 */
export function requirePolicies(policies: readonly StopPolicy[]): void {
  const names = new Set<unknown>();
  if (!Array.isArray(policies)) throw new ContractError(NO_POLICIES);
  for (const policy of policies) {
    if (!isPolicy(policy)) throw new ContractError(NO_POLICIES);
    const { name } = policy;
    if (names.has(name))
      throw new ContractError(`Two stop policies are called ${name}: give one of them a name of its own, as in { ...policy, name: '…' }.`);
    names.add(name);
  }
}
