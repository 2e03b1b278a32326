import { EMPTY, NEVER, Observable, of, takeUntil, throwError, timer } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { LLMBackend } from '../../lib/backend/backend.js';
import type { UserInput } from '../../lib/domain/user-input.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import type { Experience } from '../../lib/experience/experience.js';
import { inMemoryExperience } from '../../lib/experience/in-memory-experience.js';
import type { ApprovalDecision, ApproveConfig } from '../../lib/orchestrator/approval.js';
import type { OrchestratorConfig } from '../../lib/orchestrator/orchestrator.js';
import type { StopPolicy } from '../../lib/orchestrator/stop-policy.js';
import type { BudgetDecision } from '../../lib/policies/budget-decision.js';
import { budget } from '../../lib/policies/budget.js';
import { deadline } from '../../lib/policies/deadline.js';
import { noProgress } from '../../lib/policies/no-progress.js';
import { nudgeFirst } from '../../lib/policies/nudge-first.js';
import { plateau } from '../../lib/policies/plateau.js';
import { repeatedAction } from '../../lib/policies/repeated-action.js';
import { steps } from '../../lib/policies/steps.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { decorated } from './fault-layers.js';
import type { BudgetPlan, InputPlan, LeavePlan, Scenario } from './fault-scenario.js';
import { FaultyModel } from './faulty-model.js';
import { faultyTools, type SeenRun } from './faulty-tools.js';

/** What a scenario comes down to: the parts of an agent, and what they saw. */
export interface FaultWorld {
  readonly config: OrchestratorConfig;
  readonly input$: Observable<UserInput> | undefined;
  readonly model: FaultyModel;
  readonly runs: readonly SeenRun[];
  /** How many questions to people, and ears to users, are open. */
  readonly open: () => number;
  /** Who was asked for leave, and what they were let decide. */
  readonly leaves: ReadonlyMap<string, LeavePlan>;
}

/** When a question that nothing else bounds is given up, in milliseconds. */
const EXPIRY = 700;

const policies: Readonly<Record<string, () => StopPolicy>> = {
  plateau: () => plateau({ window: 2 }),
  noProgress: () => noProgress({ steps: 2 }),
  repeatedAction: () => repeatedAction({ times: 2 }),
  steps: () => steps(2),
  deadline: () => deadline(1500),
  nudge: () => nudgeFirst({ ...noProgress({ steps: 1 }), name: 'nudge' }, { patience: 1 }),
};

const experiences: Readonly<Record<Exclude<Scenario['experience'], 'none'>, () => Experience>> = {
  memory: () => inMemoryExperience(),
  hangs: () => ({ recall: () => NEVER, record: () => NEVER }),
  fails: () => ({
    recall: () => throwError(() => new Error('The disk is full.')),
    record: () => {
      throw new Error('The disk is full.');
    },
  }),
};

const decisions: Readonly<Record<LeavePlan['decision'], () => Observable<ApprovalDecision>>> = {
  approve: () => of({ decision: 'approve' }),
  deny: () => of({ decision: 'deny', reason: 'not today' }),
  edit: () => of({ decision: 'edit', params: { mark: 'edited' } }),
  nonsense: () => of({ decision: 'perhaps' } as unknown as ApprovalDecision),
  fails: () => throwError(() => new Error('Nobody is in.')),
  nobody: () => EMPTY,
};

const later = <T>(after: number | null, make: () => Observable<T>): Observable<T> => {
  if (after === null) return NEVER;
  return after === 0 ? make() : new Observable((subscriber) => timer(after).subscribe(() => subscriber.add(make().subscribe(subscriber))));
};

const says = ({ mode }: InputPlan, index: number): Observable<UserInput> => {
  if (mode === 'fails') return throwError(() => new Error('The line is dead.'));
  return of((mode === 'nonsense' ? { mode: 'shout' } : { mode, message: `input ${index}` }) as UserInput);
};

const talk = (plans: readonly InputPlan[]): Observable<UserInput> =>
  new Observable((subscriber) => {
    for (const [index, plan] of plans.entries())
      subscriber.add(
        later(plan.at, () => says(plan, index)).subscribe({
          next: (value) => {
            subscriber.next(value);
          },
          error: (error: unknown) => {
            subscriber.error(error);
          },
        }),
      );
  });

const budgetOf = ({ limit, amount, asked }: BudgetPlan, watch: <T>(source: Observable<T>) => Observable<T>) => {
  const left = [...asked];
  const answers: Readonly<Record<(typeof asked)[number]['decision'], () => Observable<BudgetDecision>>> = {
    continue: () => of({ decision: 'continue', more: { [limit]: amount } }),
    stop: () => of({ decision: 'stop', reason: 'enough' }),
    nonsense: () => of('what?' as unknown as BudgetDecision),
    fails: () => throwError(() => new Error('Nobody is in.')),
  };
  const ask = (): Observable<BudgetDecision> => {
    const { decision, after } = left.shift() ?? { decision: 'stop', after: 0 };
    return watch(later(after, answers[decision]).pipe(takeUntil(timer(EXPIRY))));
  };
  return budget({
    [limit]: amount,
    ...(limit === 'cost' && { price: { input: 10_000, output: 50_000 } }),
    policy: asked.length === 0 ? 'stop' : { ask },
  });
};

/** Makes the agent of a scenario. `later` does something by a timer that is none of the run's. */
export const faultWorld = (scenario: Scenario, actions: 'json' | 'tools', later$: (after: number, act: () => void) => void): FaultWorld => {
  const { bound, repairs } = scenario;
  let open = 0;
  const watch = <T>(source: Observable<T>): Observable<T> =>
    new Observable((subscriber) => {
      open += 1;
      subscriber.add(() => (open -= 1));
      source.subscribe(subscriber);
    });
  const model = new FaultyModel(scenario.answers);
  const backend: LLMBackend = decorated(scenario, model);
  const runs: SeenRun[] = [];
  const environment = toolEnvironment({
    tools: faultyTools({ plans: scenario.tools, backend, later: later$, runs }),
    timeout: scenario.toolTimeout,
    settleWithin: 30,
    concurrency: 2,
  });
  const plans = [...scenario.leaves];
  const leaves = new Map<string, LeavePlan>();
  const approve: ApproveConfig = {
    when: () => plans.length > 0,
    ask: ({ callId }) => {
      const plan = plans.shift() ?? { decision: 'approve', after: 0 };
      leaves.set(callId, plan);
      // What is decided after the first time changes nothing.
      return watch(later(plan.after, decisions[plan.decision]));
    },
    ...(bound.by === 'run' ? {} : { within: EXPIRY }),
  };
  const common = { backend, repairs, tools: environment.tools };
  const config: OrchestratorConfig = {
    actor: actions === 'tools' ? llmActor({ ...common, actions: 'tools' }) : llmActor(common),
    purposeFunction: llmPurposeFunction({ backend, repairs }),
    environment,
    ...(scenario.experience !== 'none' && { experience: experiences[scenario.experience]() }),
    stopWhen: scenario.policies.flatMap((name) => policies[name]?.() ?? []),
    ...(bound.by === 'run' && { runTimeout: bound.within }),
    ...(bound.by === 'step' && { stepTimeout: bound.within }),
    ledger: true,
    ...(scenario.budget !== null && { budget: budgetOf(scenario.budget, watch) }),
    ...(plans.length > 0 && { approve }),
  };
  return { config, input$: scenario.inputs.length > 0 ? watch(talk(scenario.inputs)) : undefined, model, runs, open: () => open, leaves };
};
