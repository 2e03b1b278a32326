import * as t from 'io-ts';
import { concat, map, NEVER, throwError, timer } from 'rxjs';
import { llmActor } from '../../../lib/actor/llm-actor.js';
import type { LLMChunk } from '../../../lib/backend/backend.js';
import { scriptedBackend } from '../../../lib/backend/scripted-backend.js';
import { decided, scored, signal, token } from '../../../lib/domain/signal.js';
import type { StreamEvent } from '../../../lib/domain/stream-event.js';
import type { Environment } from '../../../lib/environment/environment.js';
import { tool, toolProgress } from '../../../lib/environment/tool.js';
import { toolEnvironment } from '../../../lib/environment/tool-environment.js';
import type { AgentRun } from '../../../lib/orchestrator/agent-run.js';
import { llmPurposeFunction } from '../../../lib/purpose/llm-purpose-function.js';
import { faulty } from '../../../lib/testing/faults/faulty.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import { orchestrate } from '../../support/orchestrate.js';

const usage = (inputTokens: number, outputTokens: number): LLMChunk => ({ type: 'usage', usage: { inputTokens, outputTokens } });
const finish: LLMChunk = { type: 'finish', reason: 'stop' };

const calls = [
  { name: 'search', params: { text: 'door' } },
  { name: 'list', params: { folder: '.' } },
];
const parallel = `,"name":"parallel","params":{"calls":${JSON.stringify(calls)}},"expectedDelta":"I know more"}`;

/** The agent of spec/acceptance/whole-agent.spec.ts: two models and two tools, all of whose time is virtual. */
const whole = (): AgentRun => {
  const actorModel = scriptedBackend([
    { marbles: '10ms a 4ms b 4ms (cuf|)', values: { a: '{"thought":"I loo', b: 'k around."', c: parallel, u: usage(100, 20), f: finish } },
    {
      marbles: '5ms (df|)',
      values: { d: '{"thought":"Found.","name":"DONE","params":{"answer":"door.ts:3"},"expectedDelta":""}', f: finish },
    },
  ]);
  const judgeModel = scriptedBackend([
    {
      marbles: '100ms a 49ms (buf|)',
      values: { a: '{"evidence":"door.ts', b: ':3","phiBefore":0,"phiAfter":6,"confidence":0.9}', u: usage(50, 5), f: finish },
    },
  ]);
  const search = tool({
    name: 'search',
    params: t.strict({ text: t.string }),
    run: ({ text }) => concat(timer(10).pipe(map(() => toolProgress(0.5))), timer(20).pipe(map(() => [`${text}.ts:3`]))),
  });
  const list = tool({ name: 'list', params: t.strict({ folder: t.string }), run: () => timer(20).pipe(map(() => ['door.ts'])) });
  const environment = toolEnvironment({ tools: [search, list] });
  return orchestrate({
    actor: llmActor({ backend: actorModel, tools: environment.tools }),
    purposeFunction: llmPurposeFunction({ backend: judgeModel }),
    environment,
  }).runTaskStream({ purpose: 'find the door' });
};

/** An agent with ports of its own, whose model breaks in its second step. */
const failed = (): AgentRun => {
  const model = faulty(
    scriptedBackend([
      {
        tokens: [
          '{"thought":"The door is locked, so I try the key',
          ' that hangs beside it.","name":"unlock",',
          '"params":{},"expectedDelta":"It opens"}',
        ],
        interval: 40,
      },
      { tokens: ['{"thought":"Now I', ' push.","name":"push","params":{},"expectedDelta":""}'], interval: 40 },
    ]),
    [{ request: 2, fault: 'error', at: 1 }],
  );
  const environment: Environment = {
    reset: () => ({ data: { door: 'locked', turns: 0 } }),
    execute: () => timer(300).pipe(map(() => ({ data: { door: 'unlocked', turns: 1 } }))),
    isTerminal: () => false,
  };
  return orchestrate({
    actor: llmActor({ backend: model }),
    purposeFunction: {
      evaluate: () => scored({ phiBefore: 2.5, phiAfter: 4, confidence: 0.8, evidence: 'door is "unlocked"; nobody is through it.' }),
    },
    environment,
    experience: { recall: () => throwError(() => new Error('the memory is on fire')), record: () => undefined },
  }).runTaskStream({ purpose: 'get through the door', maxSteps: 1000, earlyStopPhi: null });
};

/** An agent whose model needs a second attempt, in a world that reports in its own words and then breaks. */
const repaired = (): AgentRun => {
  const model = scriptedBackend([
    {
      marbles: '5ms r 5ms s 9ms a 9ms (uf|)',
      values: {
        r: { type: 'reasoning', text: 'The user wants' },
        s: { type: 'reasoning', text: ' the page. I must not forget the params.' },
        a: '{"thought":"I open the wrong","name":"open"}',
        u: usage(90, 12),
        f: finish,
      },
    },
    {
      marbles: '8ms b 8ms (cuf|)',
      values: {
        b: '{"thought":"I open the page.",',
        c: '"name":"open","params":{"url":"https://example.org/a/long/path?with=a&query=string","depth":2},"expectedDelta":"The page is there"}',
        u: usage(140, 30),
        f: finish,
      },
    },
  ]);
  const environment: Environment = {
    reset: () => ({ data: { page: null }, summary: 'No page is open.' }),
    execute: () =>
      concat(
        timer(20).pipe(map(() => signal('page_loading', { url: 'https://example.org/a/long/path', bytes: 12_345 }))),
        timer(20).pipe(map(() => signal('tool_start', { callId: 'c1', name: 'scroll', params: { to: 'end' } }))),
        timer(5).pipe(map(() => signal('tool_end', { callId: 'c1', name: 'scroll', ok: false, error: 'there is no end' }))),
        throwError(() => new Error('the browser crashed')),
      ),
    isTerminal: () => true,
  };
  return orchestrate({
    actor: llmActor({ backend: model }),
    purposeFunction: {
      evaluate: () =>
        concat(
          timer(30).pipe(map(() => token('Nothing', { channel: 'evidence' }))),
          timer(30).pipe(map(() => token(' is open.', { channel: 'evidence' }))),
          timer(1).pipe(map(() => scored({ phiBefore: 1, phiAfter: 0.25, confidence: 1, evidence: 'Nothing is open.' }))),
        ),
    },
    environment,
  }).runTaskStream({ purpose: 'read the page', maxSteps: 5 });
};

/** A run that is cancelled while one tool is stuck and another is done. */
const cutShort = (): AgentRun => {
  const environment = toolEnvironment({
    tools: [
      tool({ name: 'wait', run: () => concat(timer(7).pipe(map(() => toolProgress({ percent: 10, of: 'the wait' }))), NEVER) }),
      tool({ name: 'quick', run: () => 'at once' }),
      tool({ name: 'slow', run: () => timer(15).pipe(map(() => 'at last')) }),
    ],
  });
  const both = { calls: [{ name: 'wait', params: {} }, { name: 'quick', params: { a: [1, 2] } }, { name: 'slow' }, { name: 'open' }] };
  return orchestrate({
    actor: { decide: () => decided({ name: 'parallel', params: both, thought: 'All at once.' }) },
    purposeFunction: { evaluate: () => scored({ phiBefore: 0, phiAfter: 0 }) },
    environment,
  }).runTaskStream({ purpose: 'wait for something that never comes' });
};

/** Runs an agent in virtual time to its end, and gives what it told; it is cancelled after a while. */
const record = (begin: () => AgentRun, cancelAfter = 10_000): readonly StreamEvent[] => {
  const events: StreamEvent[] = [];
  agentMarbles(({ flush, scheduler }) => {
    const run = begin();
    run.subscribe({ next: (event) => events.push(event), error: () => undefined });
    scheduler.schedule(() => run.cancel('Nobody waits any longer.'), cancelAfter);
    flush();
  });
  return events;
};

/** Runs of agents by the name of their golden file: what they tell. */
export const timelineRuns: Readonly<Record<string, () => readonly StreamEvent[]>> = {
  'whole-agent': () => record(whole),
  failed: () => record(failed),
  repaired: () => record(repaired),
  'cut-short': () => record(cutShort, 42),
};
