import { expect } from 'chai';
import * as t from 'io-ts';
import { filter, map, take } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { tool, toolProgress } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { coalesceTokens } from '../../lib/operators/coalesce-tokens.js';
import { ofType } from '../../lib/operators/of-type.js';
import { toTokens } from '../../lib/operators/to-tokens.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import type { AgentHelpers } from '../../lib/testing/marbles/agent-helpers.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const calls = [
  { name: 'search', params: { text: 'door' } },
  { name: 'list', params: { folder: '.' } },
];
const usage = (inputTokens: number, outputTokens: number) => ({ type: 'usage', usage: { inputTokens, outputTokens } }) as const;
const finish = { type: 'finish', reason: 'stop' } as const;

const decisions = ['10ms a 4ms b 4ms (cuf|)', '5ms (df|)'];
const evaluations = ['100ms a 49ms (buf|)'];

/** An agent of two models and two tools, all of whose time is virtual, and which asks exactly as often as it is said. */
const agent = (m: AgentHelpers, asks = { decisions: 2, evaluations: 1 }) => {
  const actorModel = m.backend(decisions.slice(0, asks.decisions), {
    a: '{"thought":"I loo',
    b: 'k around."',
    c: `,"name":"parallel","params":{"calls":${JSON.stringify(calls)}},"expectedDelta":"I know more"}`,
    u: usage(100, 20),
    d: '{"thought":"Found.","name":"DONE","params":{"answer":"door.ts:3"},"expectedDelta":""}',
    f: finish,
  });
  const judgeModel = m.backend(evaluations.slice(0, asks.evaluations), {
    a: '{"evidence":"door.ts',
    b: ':3","phiBefore":0,"phiAfter":6,"confidence":0.9}',
    u: usage(50, 5),
    f: finish,
  });
  const search = m.watch(
    tool({
      name: 'search',
      params: t.strict({ text: t.string }),
      run: ({ text }) => m.cold('10ms p 19ms (r|)', { p: toolProgress(0.5), r: [`${text}.ts:3`] }),
    }),
  );
  const list = m.watch(tool({ name: 'list', params: t.strict({ folder: t.string }), run: () => m.cold('20ms (r|)', { r: ['door.ts'] }) }));
  const environment = m.watch(toolEnvironment({ tools: [search, list] }));
  const run = m.run({
    purpose: 'find the door',
    actor: llmActor({ backend: actorModel, tools: environment.tools }),
    purposeFunction: llmPurposeFunction({ backend: judgeModel }),
    environment,
  });
  return { run, actorModel, judgeModel, search, list };
};

const said = (channel: string, token: string) => ({ type: 'token', data: { channel, token } });
const called = (type: string, name: string, data: object = {}) => ({ type, data: { ...data, name } });

/** What is told while a model answers or tools run; at all other events nothing is under way. */
const atWork: ReadonlySet<string> = new Set(['token', 'usage', 'tool_start', 'tool_progress', 'tool_end']);

const WHOLE = '(Ss) @10ms h @15ms k @20ms (uabc) @30ms p @40ms q @50ms r @150ms i @200ms (jwves) @205ms (fadE|)';

describe('a whole model-driven agent in virtual time', () => {
  it('thinks, runs two tools side by side and waits for a slow judge, frame by frame', () => {
    agentMarbles((m) => {
      const { run, actorModel, judgeModel, search, list } = agent(m);
      m.expectRun(run).toBe(WHOLE, {
        h: said('thought', 'I loo'),
        k: said('thought', 'k around.'),
        u: { data: { source: 'actor', inputTokens: 100, outputTokens: 20 } },
        b: called('tool_start', 'search'),
        c: called('tool_start', 'list'),
        p: called('tool_progress', 'search', { value: 0.5 }),
        q: called('tool_end', 'list', { output: ['door.ts'] }),
        r: called('tool_end', 'search', { output: ['door.ts:3'] }),
        i: said('evidence', 'door.ts'),
        j: said('evidence', ':3'),
        w: { type: 'usage', data: { source: 'purpose', inputTokens: 50, outputTokens: 5 } },
        v: { step: 1, data: { phiAfter: 6 } },
        f: said('thought', 'Found.'),
        E: { data: { stopReason: 'done', totalSteps: 1 } },
      });
      // Every event says the time at which it comes.
      m.expectRun(run.from(0).pipe(filter(({ timestamp }) => timestamp !== m.scheduler.now()))).toBe('205ms |');
      m.expectResult(run).toMatch({ answer: 'door.ts:3', usage: { inputTokens: 150, outputTokens: 25 } });
      m.expectRequests(actorModel).toBe('^ 19ms |', '200ms ^----|');
      m.expectRequests(judgeModel).toBe('50ms ^ 149ms |');
      m.expectCalls(search).toBe('20ms ^ 29ms |');
      m.expectCalls(list).toBe('20ms ^ 19ms |');
    });
  });

  it('is a diagram like any other Observable', () => {
    agentMarbles((m) => {
      const { run } = agent(m);
      const thought = '10ms a @15ms b @205ms (c|)';
      const tools = '  20ms (st) @30ms p @40ms l @50ms k @205ms |';
      const phi = '    200ms p @205ms |';
      const texts = { a: 'I loo', b: 'k around.', c: 'Found.' };

      m.expectTokens(run, { channel: 'thought' }).toBe(thought, texts);
      m.expectEvents(run, ['tool_start', 'tool_progress', 'tool_end']).toBe(tools, {
        s: called('tool_start', 'search'),
        t: called('tool_start', 'list'),
        p: called('tool_progress', 'search'),
        l: called('tool_end', 'list'),
        k: called('tool_end', 'search'),
      });
      m.expectObservable(run.pipe(toTokens({ channel: 'thought' }))).toBe(thought, texts);
      const phi$ = run.pipe(
        ofType('score'),
        map(({ data }) => data.phiAfter),
      );
      m.expectObservable(phi$).toBe(phi, { p: 6 });
    });
  });

  it('asks each model once a decision and once an evaluation for ten subscribers and three derived views', () => {
    agentMarbles((m) => {
      const { run, actorModel, judgeModel } = agent(m);
      const seen: number[] = [];
      for (let subscriber = 0; subscriber < 10; subscriber += 1) run.subscribe(({ seq }) => seen.push(seq));
      const paced$ = run.pipe(coalesceTokens({ maxDelay: 16 }));
      m.expectEvents(paced$, 'token').toBe('20ms t @166ms t @200ms t @205ms (t|)');
      m.expectTokens(run).toBe('10ms a 4ms b @150ms c @200ms d @205ms (e|)', {
        a: 'I loo',
        b: 'k around.',
        c: 'door.ts',
        d: ':3',
        e: 'Found.',
      });
      m.expectResult(run).toMatch({ stopReason: 'done' });
      m.flush();
      run.subscribe();
      run.result$.subscribe();
      run.from(0).subscribe();
      m.expectRequests(actorModel).toBe('^ 19ms |', '200ms ^----|');
      m.expectRequests(judgeModel).toBe('50ms ^ 149ms |');
      m.flush();
      // Those who came after the first had already missed what happens at once: task_start and step_start.
      expect(seen).to.have.length(21 + 9 * 19);
    });
  });

  it('leaves no timer and no request behind, at whichever event it is left', () => {
    const whole: StreamEvent[] = [];
    agentMarbles((m) => {
      agent(m).run.subscribe((event) => whole.push(event));
    });
    expect(whole).to.have.length(21);
    const timersLeft: number[] = [];
    for (const { seq, type, timestamp } of whole) {
      const before = whole.slice(0, seq);
      const count = (wanted: string): number => before.filter((event) => event.type === wanted).length;
      agentMarbles((m) => {
        // Nothing is asked that had not been asked by then: the scripts are strict.
        const { run } = agent(m, { decisions: count('step_start'), evaluations: Math.floor(count('tool_end') / 2) });
        const watching = run.pipe(take(seq + 1)).subscribe();
        m.expectTeardown().toBe(atWork.has(type) ? `${timestamp}ms !` : '');
        // In the same frame, but after the timer that is firing has been put away.
        watching.add(() => m.at(timestamp, () => timersLeft.push(m.pendingTimers().length)));
      });
    }
    expect(timersLeft).to.deep.equal(whole.map(() => 0));
  });
});
