import { catchError, concat, defer, of, switchMap, timeout, timer } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import type { AgentHelpers } from '../../lib/testing/marbles/agent-helpers.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { faulty } from '../../lib/testing/faults/faulty.js';

const SILENCE = 10_000;
const PAUSE = 2_500;

/** Asks once more where an answer falls silent; what came before is void. */
const askingAgain = (backend: LLMBackend): LLMBackend => ({
  stream: (request) =>
    defer(() => backend.stream(request)).pipe(
      timeout({ each: SILENCE }),
      catchError(() =>
        timer(PAUSE).pipe(
          switchMap(() => concat(of<LLMChunk>({ type: 'restart' }), backend.stream(request).pipe(timeout({ each: SILENCE })))),
        ),
      ),
    ),
});

/** An answer that takes its time, four characters at a time. */
const slowly = (answer: object, interval: number) => ({ tokens: JSON.stringify(answer).match(/.{1,4}/gu) ?? [], interval });

const calls = [
  { name: 'search', params: { text: 'door' } },
  { name: 'list', params: { folder: '.' } },
];
const looking = { thought: 'I look around.', name: 'parallel', params: { calls }, expectedDelta: 'I know more' };
const done = { thought: 'There it is.', name: 'DONE', params: { answer: 'door.ts:3' }, expectedDelta: '' };

/** A model that stalls in its first answer and is asked again, two tools side by side, and a judge: a minute, all in all. */
export const minuteOfAnAgent = (m: AgentHelpers) => {
  const model = scriptedBackend([slowly(looking, 200), slowly(looking, 200), slowly(done, 900)]);
  const backend = m.watch(faulty(model, [{ request: 1, fault: 'stall', at: 9 }]));
  const search = m.tool('search', '5s p 6999ms (r|)', { r: ['door.ts:3'] });
  const list = m.tool('list', '8s (r|)', { r: ['door.ts'] });
  const environment = toolEnvironment({ tools: [search, list] });
  const purposeFunction = m.purposeFunction('2s t 1999ms (6|)', { t: 'The file is known.' });
  const actor = llmActor({ backend: askingAgain(backend), tools: environment.tools });
  return { backend, search, list, run: m.run({ actor, purposeFunction, environment }) };
};

/** Plays that minute in virtual time and gives what was told. */
export const playTheMinute = (): readonly StreamEvent[] => {
  const events: StreamEvent[] = [];
  agentMarbles((m) => {
    const { run, search, list } = minuteOfAnAgent(m);
    run.subscribe((event) => events.push(event));
    m.expectResult(run).toMatch({ stopReason: 'done', answer: 'door.ts:3' });
    m.expectTeardown(search, list).toBe('');
  });
  return events;
};
