import { expect } from 'chai';
import { concat, defer, lastValueFrom, map, of, throwError, toArray } from 'rxjs';
import type { Actor } from '../../lib/actor/actor.js';
import { generate } from '../../lib/backend/generate.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { PARALLEL } from '../../lib/domain/action.js';
import { countedEvents } from '../../lib/domain/counted-events.js';
import { foldLedger } from '../../lib/domain/ledger.js';
import { foldRun, runTrajectory } from '../../lib/domain/run-state.js';
import { decided, scored, token } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { DoubtVerdict, Environment } from '../../lib/environment/environment.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { verifyOrder } from '../../lib/operators/verify-order.js';
import { createOrchestrator, type OrchestratorConfig } from '../../lib/orchestrator/orchestrator.js';
import type { ResumeOptions } from '../../lib/orchestrator/resume.js';
import { budget } from '../../lib/policies/budget.js';
import { journalTo } from '../../lib/policies/journal-to.js';
import type { PurposeFunction } from '../../lib/purpose/purpose-function.js';
import { counting } from '../support/ports.js';

const purpose = 'look at everything';
const actions = [
  {
    name: PARALLEL,
    params: {
      calls: [
        { name: 'look', params: { at: 'a' } },
        { name: 'look', params: { at: 'b' } },
      ],
    },
  },
  { name: 'look', params: { at: 'c' } },
  { name: 'DONE', params: { answer: 'seen' } },
];

/** An agent and how often each of its parts was asked. */
const agentOf = (overrides: Partial<OrchestratorConfig> = {}, isIdempotent = true) => {
  const asked: string[] = [];
  const look = tool({
    name: 'look',
    isIdempotent,
    run: ({ at }, { callId, idempotencyKey }) => {
      asked.push(`look ${callId} ${idempotencyKey}`);
      return `seen ${JSON.stringify(at)}`;
    },
  });
  const actor: Actor = {
    decide: ({ step, attempt = 1 }) =>
      defer(() => {
        asked.push(`decide ${step}`);
        return of(token('I ', { attempt }), token('look', { attempt }), decided(actions[step - 1] ?? { name: 'DONE' }));
      }),
  };
  const purposeFunction: PurposeFunction = {
    evaluate: ({ step, attempt = 1 }) =>
      defer(() => {
        asked.push(`judge ${step}`);
        return of(token('near', { attempt }), scored({ phiBefore: step - 1, phiAfter: step, evidence: 'e' }));
      }),
  };
  const orchestrator = createOrchestrator({
    createId: () => 'run-1',
    actor,
    purposeFunction,
    environment: toolEnvironment({ tools: [look] }),
    ...overrides,
  });
  return { asked, orchestrator };
};

/** The log of a run, and what it came to. */
const record = async (overrides: Partial<OrchestratorConfig> = {}) => {
  const kept: StreamEvent[] = [];
  const { orchestrator } = agentOf({ journal: journalTo({ append: (event) => void kept.push(event) }), ...overrides });
  const result = await lastValueFrom(orchestrator.runTask({ purpose }));
  return { log: JSON.parse(JSON.stringify(kept)) as StreamEvent[], result };
};

const resume = async (
  resumeFrom: readonly StreamEvent[],
  options: ResumeOptions = {},
  overrides: Partial<OrchestratorConfig> = {},
  isIdempotent = true,
) => {
  const { orchestrator, asked } = agentOf(overrides, isIdempotent);
  const run = orchestrator.runTaskStream({ purpose, resumeFrom, ...options });
  const whole = lastValueFrom(run.from(0).pipe(verifyOrder(), toArray()));
  const result = await lastValueFrom(run.result$);
  return { asked, result, whole: await whole };
};

const trajectoryOf = (events: readonly StreamEvent[]) => runTrajectory(foldRun(events));

const refusal = (resumeFrom: unknown, options: object = {}) => {
  const task = { purpose, resumeFrom: resumeFrom as StreamEvent[], ...options };
  expect(() => agentOf().orchestrator.runTaskStream(task)).to.throw(ContractError, /This run cannot be resumed/);
};

/** Denies the first call, and no other. */
const approve = {
  ask: ({ callId }: { readonly callId: string }) =>
    callId === '1.1' ? ({ decision: 'deny', reason: 'not today' } as const) : ({ decision: 'approve' } as const),
};

/** An actor that asks a model what to do next. */
const asking = () => {
  const backend = scriptedBackend(['I look', 'I look on', 'Enough']);
  const actor: Actor = {
    decide: ({ step, meter }) =>
      generate(backend, { messages: [{ role: 'user', content: 'What next?' }], ...(meter && { meter }) }).pipe(
        map(() => decided(actions[step - 1] ?? { name: 'DONE' })),
      ),
  };
  return actor;
};

/** The log of a run whose environment tells no calls, up to the first event of a type. */
const stopAfter = async (type: StreamEvent['type']) => {
  const { log } = await record({ environment: counting() });
  return log.slice(0, log.findIndex((event) => event.type === type) + 1);
};
const countingExecutions = () => {
  let executions = 0;
  const environment: Environment = counting({
    execute: (_action, { data }) => {
      executions += 1;
      return { data: { ...data, n: Number(data['n']) + 1 } };
    },
  });
  return { environment, executions: () => executions };
};

const broken = async () => {
  const { log } = await record();
  return log.slice(0, log.findIndex(({ type }) => type === 'tool_start') + 1);
};

const endOf = (events: readonly StreamEvent[], callId: string) =>
  events.flatMap((event) => (event.type === 'tool_end' && event.data.callId === callId ? [event.data] : []));

describe('resumeFrom', () => {
  it('goes on from every prefix of a log: nothing that was finished is asked or run again, and it comes to the same', async () => {
    const { log, result } = await record();
    const { asked: all } = await resume(log.slice(0, 1));
    for (let length = 1; length <= log.length; length += 1) {
      const prefix = log.slice(0, length);
      const at = `after ${prefix.at(-1)?.type} (${length - 1})`;
      const { asked, result: resumed, whole } = await resume(prefix, { inDoubt: 'retry' });
      expect(resumed, at).to.deep.equal(result);
      expect(whole.slice(0, length), at).to.deep.equal(prefix);
      expect(trajectoryOf(whole), at).to.deep.equal(result.trajectory);
      const finished = new Set(
        prefix.flatMap((event) => {
          if (event.type === 'action') return [`decide ${event.step}`];
          if (event.type === 'score') return [`judge ${event.step}`];
          return event.type === 'tool_end' ? [`look ${event.data.callId} run-1:${event.data.callId}`] : [];
        }),
      );
      expect(asked, at).to.deep.equal(all.filter((part) => !finished.has(part)));
    }
  });

  it('goes on from every prefix without a journal, too, as its environment finds out what came of finished calls', async () => {
    const { log, result } = await record({ journal: undefined });
    expect(log).to.deep.equal([]);
    const { orchestrator } = agentOf();
    const told = await lastValueFrom(orchestrator.runTaskStream({ purpose }).pipe(toArray()));
    expect(told.map(({ type }) => type)).to.not.include('executed');
    for (let length = 1; length <= told.length; length += 1) {
      const { result: resumed } = await resume(told.slice(0, length), { inDoubt: 'retry' });
      expect(resumed, `after ${told[length - 1]?.type} (${length - 1})`).to.deep.equal(result);
    }
  });

  it('tells first that it was resumed, then that what was said is void', async () => {
    const { log } = await record();
    const spoken = log.findIndex(({ type }) => type === 'token') + 1;
    const { whole } = await resume(log.slice(0, spoken));
    expect(whole.slice(spoken, spoken + 4).map(({ type, data }) => ({ type, data }))).to.deep.equal([
      { type: 'run_resumed', data: { after: spoken - 1, inDoubt: [] } },
      { type: 'attempt_dropped', data: { source: 'actor', attempt: 1, reason: 'the run broke off' } },
      { type: 'attempt_start', data: { source: 'actor', attempt: 2 } },
      { type: 'token', data: { token: 'I ', source: 'actor', channel: 'thought', attempt: 2 } },
    ]);
  });

  describe('a call in doubt', () => {
    it('is named, and fails by default, whatever its tool says; the run goes on', async () => {
      const { whole, asked, result } = await resume(await broken());
      expect(whole.find((event) => event.type === 'run_resumed')?.data).to.have.deep.property('inDoubt', ['1.1']);
      const [end, ...more] = endOf(whole, '1.1');
      expect(more).to.deep.equal([]);
      expect(end).to.include({ ok: false }).and.have.property('error').that.contains('whether it was done is not known');
      expect(asked.filter((part) => part.startsWith('look 1.1'))).to.deep.equal([]);
      expect(result.stopReason).to.equal('done');
    });

    it('is run again with the same key where it is idempotent, and fails where it is not', async () => {
      const again = await resume(await broken(), { inDoubt: 'retry' });
      expect(again.asked.filter((part) => part.startsWith('look 1.1'))).to.deep.equal(['look 1.1 run-1:1.1']);
      const failed = await resume(await broken(), { inDoubt: 'retry' }, {}, false);
      expect(failed.asked.filter((part) => part.startsWith('look 1.1'))).to.deep.equal([]);
      expect(endOf(failed.whole, '1.1')[0]).to.include({ ok: false });
    });

    it('fails where what somebody says of it is no verdict: nothing is made up', async () => {
      for (const said of ['retry', null, undefined, { type: 'done' }]) {
        const { whole, asked } = await resume(await broken(), { inDoubt: () => said as unknown as DoubtVerdict });
        const [end, ...more] = endOf(whole, '1.1');
        expect(more).to.deep.equal([]);
        expect(end).to.include({ ok: false }).and.have.property('error').that.contains('is not known').and.contains('is no verdict');
        expect(asked.filter((part) => part.startsWith('look 1.1'))).to.deep.equal([]);
      }
    });

    it('is what somebody says it is', async () => {
      const calls: unknown[] = [];
      const settled = await resume(await broken(), {
        inDoubt: (call) => {
          calls.push(call);
          return Promise.resolve({ type: 'settled', output: 'it was done' });
        },
      });
      expect(calls).to.deep.equal([{ callId: '1.1', name: 'look', params: { at: 'a' }, isIdempotent: true }]);
      expect(endOf(settled.whole, '1.1')[0]).to.include({ ok: true, output: 'it was done' });
      const failing = await resume(await broken(), { inDoubt: () => throwError(() => new Error('nobody is there')) });
      expect(endOf(failing.whole, '1.1')[0]).to.have.property('error').that.contains('nobody is there');
    });
  });

  describe('an environment that tells no calls', () => {
    it('has its action in doubt as a whole', async () => {
      const { environment, executions } = countingExecutions();
      const { whole } = await resume(await stopAfter('action'), {}, { environment });
      expect(whole.find((event) => event.type === 'error')?.data)
        .to.have.property('error')
        .that.contains('whether it was done is not known');
      expect(executions()).to.equal(1);
    });

    it('executes again, or takes a state, where somebody says so', async () => {
      const again = countingExecutions();
      await resume(await stopAfter('action'), { inDoubt: () => ({ type: 'retry' }) }, { environment: again.environment });
      expect(again.executions()).to.equal(2);
      const settled = await resume(
        await stopAfter('action'),
        { inDoubt: ({ callId }) => of({ type: 'settled', output: { data: { n: 7, callId } } }) },
        { environment: counting() },
      );
      expect(settled.result.trajectory.steps[0]?.stateAfter).to.deep.equal({ data: { n: 7, callId: '1.0' } });
    });

    it('executes nothing again once its state was kept', async () => {
      const { environment, executions } = countingExecutions();
      const { result } = await resume(await stopAfter('executed'), {}, { environment });
      expect(executions()).to.equal(1);
      expect(result.finalState).to.deep.equal({ data: { n: 2 } });
    });

    it('cannot go on from a log that does not hold it', async () => {
      const events = (await stopAfter('score')).filter(({ type }) => type !== 'executed').map((event, seq) => ({ ...event, seq }));
      expect(() => agentOf({ environment: counting() }).orchestrator.runTaskStream({ purpose, resumeFrom: events })).to.throw(
        ContractError,
        /does not hold what the environment made/,
      );
    });
  });

  it('lets an interrupt that came while an action was judged take effect at the next decision', async () => {
    const { orchestrator } = agentOf();
    const told = await lastValueFrom(orchestrator.runTaskStream({ purpose }).pipe(toArray()));
    const judging = told.findIndex((event) => event.type === 'token' && event.data.source === 'purpose') + 1;
    const said = { id: 'i1', mode: 'interrupt', message: 'wait' };
    const heard = { ...told[0], type: 'input_received', seq: judging, step: 1, data: said } as unknown as StreamEvent;
    const { whole, result } = await resume([...told.slice(0, judging), heard]);
    expect(result.stopReason).to.equal('done');
    expect(whole.filter(({ type }) => type === 'input_applied').map(({ step }) => step)).to.deep.equal([2]);
  });

  it('asks for a judgement above the attempts that were told of, though nothing was said in them and no state was kept', async () => {
    const { log } = await record();
    const ended = log.findIndex((event) => event.type === 'tool_end' && event.data.callId === '1.2');
    const started = { ...log[ended], type: 'attempt_start', seq: ended + 1, data: { source: 'purpose', attempt: 2 } } as StreamEvent;
    const { whole, result } = await resume([...log.slice(0, ended + 1), started]);
    const judged = whole.filter((event) => event.type === 'token' && event.data.source === 'purpose' && event.step === 1);
    expect(judged.map(({ data }) => data)).to.deep.equal([{ token: 'near', source: 'purpose', channel: 'evidence', attempt: 3 }]);
    expect(result.stopReason).to.equal('done');
  });

  describe('an action that was denied', () => {
    it('is in no doubt: nobody is asked about it, and it is told why', async () => {
      const approve = { ask: () => ({ decision: 'deny', reason: 'not today' }) as const };
      const { log } = await record({ environment: counting(), approve });
      const cut = log.slice(0, log.findIndex(({ type }) => type === 'approval_decision') + 1);
      const { environment, executions } = countingExecutions();
      const { whole } = await resume(cut, { inDoubt: () => throwError(() => new Error('somebody was asked')) }, { environment, approve });
      expect(whole.find((event) => event.type === 'error')?.data)
        .to.have.property('error')
        .that.contains('not today');
      expect(executions()).to.equal(0);
    });
  });

  describe('a call that was denied and whose end was lost', () => {
    it('is in no doubt: nobody is asked about it, and it ends as the undisturbed one does', async () => {
      const { log, result: undisturbed } = await record({ approve });
      const cut = log.slice(0, log.findIndex((event) => event.type === 'tool_start' && event.data.callId === '1.1') + 1);
      const calls: unknown[] = [];
      const inDoubt = (call: unknown): DoubtVerdict => {
        calls.push(call);
        return { type: 'settled', output: 'it was done' };
      };
      const { whole, result } = await resume(cut, { inDoubt }, { approve });
      expect(whole.find((event) => event.type === 'run_resumed')?.data).to.have.deep.property('inDoubt', []);
      expect(endOf(whole, '1.1')).to.have.lengthOf(1);
      expect(result.trajectory).to.deep.equal(undisturbed.trajectory);
      expect(calls).to.deep.equal([]);
    });
  });

  describe('a log with an end', () => {
    it('goes on where the run was cut short, with the number of its end', async () => {
      const { log, result } = await record();
      const kept: StreamEvent[] = [];
      const journal = journalTo({ append: (event) => void kept.push(event) });
      const { orchestrator } = agentOf({ journal });
      const run = orchestrator.runTaskStream({ purpose });
      run.subscribe(({ type }) => {
        if (type === 'tool_progress' || type === 'score') run.cancel('enough');
      });
      expect(kept.at(-1)).to.have.property('type', 'task_end');
      const cut = kept.length;
      const { result: resumed, whole } = await resume(kept, {}, { journal });
      expect(resumed.trajectory).to.deep.equal(result.trajectory);
      expect(kept[cut]).to.include({ type: 'run_resumed', seq: cut - 1 });
      expect(countedEvents(kept)).to.deep.equal(whole);
      expect(log[0]?.type).to.equal(whole[0]?.type);
    });

    it('comes to the same at once where the run was finished, and asks nothing', async () => {
      const { log, result } = await record();
      const { asked, result: resumed, whole } = await resume(log);
      expect({ asked, resumed, whole }).to.deep.equal({ asked: [], resumed: result, whole: log });
    });

    it('is finished, too, where something was told after the end', async () => {
      const { log, result } = await record();
      const data = { callId: '1.1', name: 'look', ok: true, output: 'late' };
      const late = { ...log[0], type: 'tool_late_result', seq: log.length, step: 2, data } as unknown as StreamEvent;
      const { asked, result: resumed, whole } = await resume([...log, late]);
      expect({ asked, resumed, whole }).to.deep.equal({ asked: [], resumed: result, whole: log });
    });

    it('begins anew where there was no state yet', async () => {
      const failing: Environment = counting({ reset: () => throwError(() => new Error('no')) });
      const told: StreamEvent[] = [];
      const { orchestrator } = agentOf({ environment: failing });
      orchestrator.events$.subscribe((event) => told.push(event));
      orchestrator.runTaskStream({ purpose }).subscribe({ error: () => undefined });
      expect(told.map(({ type }) => type)).to.deep.equal(['task_start', 'task_end']);
      const { whole } = await resume(told, {}, { createId: () => 'run-2' });
      expect(whole[0]).to.include({ type: 'task_start', runId: 'run-2' });
    });
  });

  describe('at the door', () => {
    it('refuses what is no beginning of a run, another purpose, and a policy that is none', async () => {
      const { log } = await record();
      refusal(log.slice(1));
      refusal([log[0], log[0]]);
      refusal([{ type: 'task_start' }]);
      refusal([...log.slice(0, 3), ...log.slice(4)]);
      refusal(log, { purpose: 'another' });
      refusal(log, { inDoubt: 'perhaps' });
      for (const none of [null, 'log', new Set(log)]) refusal(none);
    });

    it('takes of an event what its codec takes, and no more', async () => {
      const { log } = await record();
      const [first, ...rest] = log.slice(0, 3);
      const planted = Object.assign({ planted: 'by somebody' }, first);
      const { whole } = await resume([planted, ...rest]);
      expect(whole[0]).to.deep.equal(first);
    });

    it('is a new run where there is nothing to go on from', async () => {
      const { whole } = await resume([]);
      expect(whole.map(({ type }) => type)).to.not.include('run_resumed');
    });
  });

  it('holds what came before for late subscribers, as far as events are held, and tells live ones what is new', async () => {
    const { log } = await record();
    const { orchestrator } = agentOf({ retainEvents: 4 });
    const run = orchestrator.runTaskStream({ purpose, resumeFrom: log.slice(0, 10) });
    const live = await lastValueFrom(concat(run).pipe(toArray()));
    expect(live[0]).to.include({ type: 'run_resumed', seq: 10 });
    let error: unknown;
    run.from(0).subscribe({ error: (failure: unknown) => (error = failure) });
    expect(error).to.have.property('_tag', 'EventsNotHeldError');
  });

  it('holds to what somebody had allowed beyond the budget before, and asks nobody for it again', async () => {
    let asked = 0;
    const ask = () => {
      asked += 1;
      return { decision: 'continue', more: { requests: 2 } } as const;
    };
    const generous = { actor: asking(), budget: budget({ requests: 1, policy: { ask } }) };
    const { log, result } = await record(generous);
    expect(asked).to.equal(1);
    const cut = log.slice(0, log.findIndex((event) => event.type === 'request_end' && event.data.request === 2) + 1);
    const { result: resumed, whole } = await resume(cut, {}, { ...generous, actor: asking() });
    // The decision that broke off is asked for again: that is one request more than were allowed.
    expect(whole.filter(({ type }) => type === 'budget_exceeded').map(({ seq }) => seq > cut.length)).to.deep.equal([false, true]);
    expect(asked).to.equal(2);
    expect(resumed.trajectory).to.deep.equal(result.trajectory);
    const later = log.slice(0, log.findLastIndex(({ type }) => type === 'step_start') + 1);
    const rest = await resume(later, {}, { ...generous, actor: asking() });
    expect(rest.result).to.deep.equal(result);
    expect(asked).to.equal(2);
  });

  it('counts what was spent before, and numbers requests after those', async () => {
    const { log } = await record({ actor: asking(), ledger: true });
    const { entries, totals } = foldLedger(log);
    expect(entries.map(({ request }) => request)).to.deep.equal([1, 2, 3]);
    const cut = log.slice(0, log.findIndex((event) => event.type === 'request_end' && event.data.request === 2) + 1);
    const { whole } = await resume(cut, { inDoubt: 'retry' }, { actor: asking(), ledger: true });
    expect(foldLedger(whole).entries.map(({ request }) => request)).to.deep.equal([1, 2, 3, 4]);
    const spent = budget({ tokens: totals.inputTokens + totals.outputTokens - 1 });
    const { result } = await resume(cut, { inDoubt: 'retry' }, { actor: asking(), budget: spent });
    expect(result.stopReason).to.equal('budget');
    const calls = await resume(
      log.slice(
        0,
        log.findLastIndex(({ type }) => type === 'step_start'),
      ),
      {},
      { budget: budget({ toolCalls: 2 }) },
    );
    expect(calls.result.stopReason).to.equal('budget');
  });
});
