import { expect } from 'chai';
import * as t from 'io-ts';
import { concat, map, merge, take, timer } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { tool, toolProgress } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { coalesceTokens } from '../../lib/operators/coalesce-tokens.js';
import { ofType } from '../../lib/operators/of-type.js';
import { toTokens } from '../../lib/operators/to-tokens.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { marbles } from '../support/marbles.js';
import { orchestrate } from '../support/orchestrate.js';

const calls = [
  { name: 'search', params: { text: 'door' } },
  { name: 'list', params: { folder: '.' } },
];
const parallel = `,"name":"parallel","params":{"calls":${JSON.stringify(calls)}},"expectedDelta":"I know more"}`;
const usage = (inputTokens: number, outputTokens: number) => ({ type: 'usage', usage: { inputTokens, outputTokens } }) as const;
const finish = { type: 'finish', reason: 'stop' } as const;

/** An agent of two scripted models and two tools, all of whose time is virtual. */
const agent = () => {
  const actorModel = scriptedBackend([
    {
      marbles: '10ms a 4ms b 4ms (cuf|)',
      values: { a: '{"thought":"I loo', b: 'k around."', c: parallel, u: usage(100, 20), f: finish },
    },
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
  const orchestrator = orchestrate({
    actor: llmActor({ backend: actorModel, tools: environment.tools }),
    purposeFunction: llmPurposeFunction({ backend: judgeModel }),
    environment,
  });
  return { run: orchestrator.runTaskStream({ purpose: 'find the door' }), actorModel, judgeModel };
};

/** When what happened: `12 token door`. */
const telling = map((event: StreamEvent): string => {
  const { timestamp, type } = event;
  if (event.type === 'token') return `${timestamp} token ${event.data.channel} ${event.data.token}`;
  if (event.type === 'tool_start' || event.type === 'tool_progress') return `${timestamp} ${type} ${event.data.name}`;
  if (event.type === 'tool_end') return `${timestamp} ${type} ${event.data.name} ${JSON.stringify(event.data.output)}`;
  if (event.type === 'score') return `${timestamp} score ${event.data.phiAfter}`;
  return `${timestamp} ${type}`;
});

describe('a whole model-driven agent in virtual time', () => {
  it(
    'thinks, runs two tools side by side and waits for a slow judge, frame by frame',
    marbles(({ flush }) => {
      const { run, actorModel, judgeModel } = agent();
      const told: string[] = [];
      run.pipe(telling).subscribe((line) => told.push(line));
      flush();
      expect(told).to.deep.equal([
        '0 task_start',
        '0 step_start',
        '10 token thought I loo',
        '15 token thought k around.',
        '20 usage',
        '20 action',
        '20 tool_start search',
        '20 tool_start list',
        '30 tool_progress search',
        '40 tool_end list ["door.ts"]',
        '50 tool_end search ["door.ts:3"]',
        '150 token evidence door.ts',
        '200 token evidence :3',
        '200 usage',
        '200 score 6',
        '200 step_end',
        '200 step_start',
        '205 token thought Found.',
        '205 action',
        '205 done',
        '205 task_end',
      ]);
      actorModel.verify();
      judgeModel.verify();
    }),
  );

  it(
    'is a diagram like any other Observable',
    marbles(({ expectObservable }) => {
      const { run } = agent();
      const thought = '10ms a 4ms b  189ms       (c|)';
      const tools = '  20ms (st) 6ms p 9ms l 9ms k 154ms |';
      const phi = '    200ms                     p 4ms |';

      expectObservable(run.pipe(toTokens({ channel: 'thought' }))).toBe(thought, { a: 'I loo', b: 'k around.', c: 'Found.' });
      expectObservable(
        run.pipe(
          ofType('tool_start', 'tool_progress', 'tool_end'),
          map(({ type, data }) => `${type} ${data.name}`),
        ),
      ).toBe(tools, { s: 'tool_start search', t: 'tool_start list', p: 'tool_progress search', l: 'tool_end list', k: 'tool_end search' });
      expectObservable(
        run.pipe(
          ofType('score'),
          map(({ data }) => data.phiAfter),
        ),
      ).toBe(phi, { p: 6 });
    }),
  );

  it(
    'asks each model once a decision and once an evaluation for ten subscribers and three derived views',
    marbles(({ flush }) => {
      const { run, actorModel, judgeModel } = agent();
      const seen: number[] = [];
      for (let subscriber = 0; subscriber < 10; subscriber += 1) run.subscribe(({ seq }) => seen.push(seq));
      run.pipe(toTokens()).subscribe();
      run.pipe(coalesceTokens({ maxDelay: 16 })).subscribe();
      merge(run.result$, run.from(0)).subscribe();
      flush();
      run.subscribe();
      run.result$.subscribe();
      run.from(0).subscribe();
      flush();
      expect([actorModel.requests.length, judgeModel.requests.length]).to.deep.equal([2, 1]);
      // Those who came after the first had already missed what happens at once: task_start and step_start.
      expect(seen).to.have.length(21 + 9 * 19);
    }),
  );

  it(
    'leaves no timer and no request behind, at whichever event it is left',
    marbles(({ flush }, scheduler) => {
      const whole: StreamEvent[] = [];
      agent().run.subscribe((event) => whole.push(event));
      flush();
      const pending = whole.map((_event, index) => {
        const timers: number[] = [];
        const watching = agent()
          .run.pipe(take(index + 1))
          .subscribe();
        // In the same frame, but after the timer that is firing has been put away.
        watching.add(() => scheduler.schedule(() => timers.push(scheduler.actions.filter(({ closed }) => !closed).length)));
        flush();
        return timers;
      });
      expect(pending).to.deep.equal(whole.map(() => [0]));
    }),
  );
});
