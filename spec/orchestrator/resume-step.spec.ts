import { expect } from 'chai';
import { lastValueFrom, NEVER, of, Subject, throwError, toArray } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { Actor } from '../../lib/actor/actor.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { PARALLEL } from '../../lib/domain/action.js';
import type { JsonRecord } from '../../lib/domain/json.js';
import { foldRun } from '../../lib/domain/run-state.js';
import { decided, scored, token } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { StopReason, Task } from '../../lib/domain/task.js';
import type { UserInput } from '../../lib/domain/user-input.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import type { OrchestratorConfig } from '../../lib/orchestrator/orchestrator.js';
import type { StopPolicy } from '../../lib/orchestrator/stop-policy.js';
import { budget } from '../../lib/policies/budget.js';
import { journalTo } from '../../lib/policies/journal-to.js';
import type { PurposeFunction } from '../../lib/purpose/purpose-function.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { orchestrate } from '../support/orchestrate.js';
import { counting } from '../support/ports.js';
import { nudge, stop } from '../support/verdicts.js';

type Config = Partial<OrchestratorConfig>;
interface Situation {
  readonly choices: readonly Choice[];
  readonly config?: Config;
  readonly task?: Partial<Task>;
  /** Defaults to `done`. */
  readonly ends?: StopReason;
}
type Choice = { readonly name: string; readonly params?: JsonRecord };

const purpose = 'look at everything';
const look = (at: string): Choice => ({ name: 'look', params: { at } });
const both: Choice = { name: PARALLEL, params: { calls: [look('a'), look('b')] } };
const end: Choice = { name: 'DONE', params: { answer: 'seen' } };

const tools = [tool({ name: 'look', isIdempotent: true, run: ({ at }) => `seen ${JSON.stringify(at)}` })];

const actorOf = (choices: readonly Choice[]): Actor => ({
  decide: ({ step, attempt = 1 }) => of(token('I ', { attempt }), decided(choices[step - 1] ?? end)),
});
const purposeFunction: PurposeFunction = {
  evaluate: ({ step, attempt = 1 }) => of(token('near', { attempt }), scored({ phiBefore: step - 1, phiAfter: step, evidence: 'e' })),
};

/** What a run tells that goes on from a log, and what comes of it. */
const go = async (config: Config, task: Partial<Task> = {}, resumeFrom: readonly StreamEvent[] = []) => {
  const kept: StreamEvent[] = [];
  const environment = toolEnvironment({ tools });
  const journal = journalTo({ append: (event) => void kept.push(event) });
  const orchestrator = orchestrate({ createId: () => 'run', purposeFunction, environment, journal, ...config });
  const run = orchestrator.runTaskStream({ purpose, ...task, resumeFrom, inDoubt: () => ({ type: 'retry' }) });
  const whole = lastValueFrom(run.from(0).pipe(toArray()));
  const result = await lastValueFrom(run.result$);
  return { log: await whole, result };
};

const countOf = (events: readonly StreamEvent[], type: StreamEvent['type']): number => events.filter((event) => event.type === type).length;

/** That each call of a finished step has one result, and that no call is told to begin or to end twice. */
const expectLegal = (events: readonly StreamEvent[], at: string): void => {
  for (const { calls } of foldRun(events).turns) for (const { result } of calls) expect(result, at).to.not.equal(undefined);
  for (const type of ['tool_start', 'tool_end'] as const) {
    const ids = events.flatMap((event) => (event.type === type ? [event.data.callId] : []));
    expect(new Set(ids).size, `${type}, ${at}`).to.equal(ids.length);
  }
};

const policy = (name: string, findings: Readonly<Record<number, ReturnType<StopPolicy['check']>>>): StopPolicy => ({
  name,
  check: ({ steps }) => findings[steps.length],
});

const failing = { recall: () => throwError(() => new Error('gone')), record: () => throwError(() => new Error('full')) };

const situations: Readonly<Record<string, Situation>> = {
  'a budget of just the calls that it makes': { choices: [both], config: { budget: budget({ toolCalls: 2 }) } },
  'experience that fails': { choices: [both], config: { experience: failing } },
  'experience that fails after a policy has stopped it': {
    choices: [both, look('c')],
    config: { experience: failing, stopWhen: [policy('enough', { 2: stop('that will do') })] },
    ends: 'stopped',
  },
  'policies that nudge': {
    choices: [both, look('c')],
    config: { stopWhen: [policy('slow', { 1: nudge('slow'), 2: nudge('slow') }), policy('dull', { 1: nudge('dull') })] },
  },
  'leave that is given, refused and given for something else': {
    choices: [both, look('c')],
    config: {
      approve: {
        ask: ({ callId }) =>
          callId === '1.1'
            ? { decision: 'edit', params: { at: 'z' } }
            : { decision: callId === '1.2' ? 'deny' : 'approve', reason: 'asked' },
      },
    },
  },
  'calls that cannot be made': { choices: [{ name: 'fly' }, { name: PARALLEL, params: { calls: [] } }, look('c')] },
  'an end by its score': { choices: [both, look('c')], task: { earlyStopPhi: 2 }, ends: 'early_stop' },
  'an end by its steps': { choices: [both, look('c')], task: { maxSteps: 2 }, ends: 'max_steps' },
  'an end by its environment': {
    choices: [both, look('c')],
    config: { environment: toolEnvironment({ tools, isTerminal: ({ data }) => JSON.stringify(data).includes('2.1') }) },
    ends: 'terminal',
  },
  'an environment that fails and tells no calls': {
    choices: [look('a'), look('b')],
    config: {
      environment: counting({
        execute: (action, { data }) =>
          action.params['at'] === 'a' ? throwError(() => new Error('dark')) : { data: { ...data, n: Number(data['n']) + 1 } },
      }),
    },
  },
};

describe('resumeStep', () => {
  for (const [what, { choices, config, task, ends = 'done' }] of Object.entries(situations)) {
    it(`comes to the same from every prefix of the log of a run with ${what}`, async () => {
      const agent = { actor: actorOf(choices), ...config };
      const { log, result } = await go(agent, task);
      expect(result.stopReason).to.equal(ends);
      for (let length = 1; length <= log.length; length += 1) {
        const at = `after ${log[length - 1]?.type} (${length - 1})`;
        const { log: whole, result: resumed } = await go(agent, task, log.slice(0, length));
        expect(resumed, at).to.deep.equal(result);
        expect(whole.at(-1)?.data, at).to.deep.equal(log.at(-1)?.data);
        for (const type of ['nudge', 'error', 'tool_start', 'tool_end', 'approval_decision'] as const)
          expect(countOf(whole, type), `${type}, ${at}`).to.equal(countOf(log, type));
        expectLegal(whole, at);
      }
    });
  }

  it('asks models for what was not finished, and for nothing else', async () => {
    const answers = { actor: [both, look('c'), end], purpose: [3, 5] };
    const modelsAfter = (log: readonly StreamEvent[]) => {
      const actor = scriptedBackend(
        answers.actor
          .slice(countOf(log, 'action'))
          .map((choice) => JSON.stringify({ thought: 'I look.', ...choice, expectedDelta: 'more' })),
      );
      const judge = scriptedBackend(
        answers.purpose
          .slice(countOf(log, 'score'))
          .map((phiAfter) => JSON.stringify({ evidence: 'it was seen', phiBefore: 0, phiAfter, confidence: 1 })),
      );
      return { actor, judge };
    };
    const resumed = async (log: readonly StreamEvent[]) => {
      const { actor, judge } = modelsAfter(log);
      const ports = { actor: llmActor({ backend: actor, tools }), purposeFunction: llmPurposeFunction({ backend: judge }) };
      const ended = await go(ports, {}, log);
      actor.verify();
      judge.verify();
      return ended;
    };
    const { log, result } = await resumed([]);
    expect(result).to.include({ stopReason: 'done', answer: 'seen' });
    for (let length = 1; length <= log.length; length += 1) {
      const { result: same } = await resumed(log.slice(0, length));
      expect(same.trajectory, `after ${log[length - 1]?.type} (${length - 1})`).to.deep.equal(result.trajectory);
    }
  });

  it('begins nothing of an action that a user had interrupted, wherever that broke off', async () => {
    const input$ = new Subject<UserInput>();
    const begun: string[] = [];
    const wait = tool({
      name: 'look',
      isIdempotent: true,
      run: (_params, { callId }) => {
        begun.push(callId);
        return NEVER;
      },
    });
    const agent = {
      actor: actorOf([both]),
      approve: { when: ({ callId }: { readonly callId: string }) => callId === '1.2', ask: () => NEVER },
    };
    for (const concurrency of [1, 2]) {
      const log: StreamEvent[] = [];
      const environment = toolEnvironment({ tools: [wait], concurrency });
      orchestrate({ createId: () => 'run', purposeFunction, ...agent, environment })
        .runTaskStream({ purpose, input$ })
        .subscribe((event) => log.push(event));
      input$.next({ mode: 'interrupt', message: 'stop' });
      const result = log.filter(({ type }) => type === 'error').map(({ data }) => data);
      expect(result).to.deep.equal([{ error: 'interrupted: stop' }]);
      const [heard, told] = (['input_received', 'error'] as const).map((type) => log.findIndex((event) => event.type === type)) as [
        number,
        number,
      ];
      begun.length = 0;
      for (let length = heard + 1; length <= told + 1; length += 1) {
        const at = `after ${log[length - 1]?.type} (${length - 1}), ${concurrency} at a time`;
        const { log: whole } = await go({ ...agent, environment }, {}, log.slice(0, length));
        expect(begun, at).to.deep.equal([]);
        expect(countOf(whole, 'input_applied'), at).to.equal(1);
        expect(countOf(whole, 'error'), at).to.equal(1);
        expect([...foldRun(whole).approvals.values()], at).to.not.include(null);
        expectLegal(whole, at);
        expect(whole.at(-1)?.data, at).to.have.property('stopReason', 'done');
      }
    }
  });

  it('lets take effect what users had said and nobody had heeded, once', async () => {
    const input$ = new Subject<UserInput>();
    const messages: (readonly string[])[] = [];
    const choices = [both, look('c')];
    const actor: Actor = {
      decide: (context) => {
        messages[context.step] = (context.notices ?? []).map(({ message }) => message);
        return actorOf(choices).decide(context);
      },
    };
    const orchestrator = orchestrate({ createId: () => 'run', actor, purposeFunction, environment: toolEnvironment({ tools }) });
    const log: StreamEvent[] = [];
    orchestrator.runTaskStream({ purpose, input$ }).subscribe((event) => {
      log.push(event);
      if (event.type !== 'tool_start' || event.data.callId !== '1.1') return;
      input$.next({ mode: 'queue', message: 'then tell me' });
      input$.next({ mode: 'steer', message: 'look left' });
    });
    expect(countOf(log, 'input_applied')).to.equal(2);
    const heard = log.findIndex(({ type }) => type === 'input_received') + 2;
    for (let length = heard; length < log.length; length += 1) {
      const at = `after ${log[length - 1]?.type} (${length - 1})`;
      const { log: whole } = await go({ actor }, {}, log.slice(0, length));
      expect(countOf(whole, 'input_applied'), at).to.equal(2);
      expect(countOf(whole, 'input_dropped'), at).to.equal(0);
      expect(messages[3], at).to.deep.equal(['look left', 'then tell me']);
    }
  });
});
