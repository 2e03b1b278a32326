import { LLMock } from '@copilotkit/aimock';
import { expect } from 'chai';
import * as t from 'io-ts';
import { map, timer } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { CLIENT_MAJORS } from '../support/openai-clients.js';
import { orchestrate } from '../support/orchestrate.js';

const look = tool({
  name: 'look',
  description: 'Looks at a place.',
  params: t.strict({ at: t.string }),
  run: ({ at }) => timer(1).pipe(map(() => `a key under the ${at}`)),
});

const calls = ['mat', 'pot'].map((at) => ({ name: 'look', params: { at } }));

/** What the judge and an actor in JSON say to the prompts that they get. */
const answers = (mock: LLMock): void => {
  mock.on(
    { systemMessage: 'You are the judge', userMessage: /a key under the mat/ },
    { content: JSON.stringify({ evidence: 'a key under the mat', phiBefore: 0, phiAfter: 7, confidence: 0.9 }) },
  );
  mock.on(
    { systemMessage: 'JSON object', userMessage: /a key under the pot/ },
    { content: JSON.stringify({ thought: 'There it is.', name: 'DONE', params: { answer: 'mat' }, expectedDelta: '' }) },
  );
  mock.on(
    { systemMessage: 'JSON object', userMessage: /Find the key/ },
    { content: JSON.stringify({ thought: 'I look at both.', name: 'parallel', params: { calls }, expectedDelta: 'a key' }) },
  );
};

/** What an actor with native tool calls says. */
const spoken = (mock: LLMock): void => {
  mock.on({ systemMessage: 'call the tool', userMessage: /a key under the pot/ }, { content: 'It is under the mat.' });
  mock.on(
    { systemMessage: 'call the tool', userMessage: /Find the key/ },
    { content: 'I look at both.', toolCalls: calls.map(({ name, params }) => ({ name, arguments: JSON.stringify(params) })) },
  );
};

for (const { name, make } of CLIENT_MAJORS) {
  describe(`a whole agent against a mock server made by others, ${name}`, () => {
    const mock = new LLMock({ port: 0, chunkSize: 7 });
    before(async () => {
      answers(mock);
      spoken(mock);
      await mock.start();
    });
    after(() => mock.stop());

    for (const actions of ['json', 'tools'] as const) {
      it(`reaches its purpose with actions: '${actions}'`, async () => {
        const backend = openAIBackend({ model: 'gpt-4o', client: make({ baseURL: `${mock.url}/v1`, apiKey: 'mock' }) });
        const environment = toolEnvironment({ tools: [look] });
        const run = orchestrate({
          actor: llmActor({ backend, tools: environment.tools, actions }),
          purposeFunction: llmPurposeFunction({ backend }),
          environment,
        }).runTaskStream({ purpose: 'Find the key.' });
        const events: StreamEvent[] = [];
        await run.forEach((event) => events.push(event));

        const said = (channel: string, step: number): string =>
          events
            .map((event) => (event.type === 'token' && event.step === step && event.data.channel === channel ? event.data.token : ''))
            .join('');
        expect(said('thought', 1)).to.equal('I look at both.');
        expect(said('evidence', 1)).to.equal('a key under the mat');
        expect(events.filter(({ type }) => type === 'token').length).to.be.greaterThan(6);
        expect(events.filter(({ type }) => type === 'tool_end').map(({ data }) => data)).to.deep.equal([
          { callId: '1.1', name: 'look', ok: true, output: 'a key under the mat' },
          { callId: '1.2', name: 'look', ok: true, output: 'a key under the pot' },
        ]);
        expect(events.at(-1)?.data).to.deep.include({ stopReason: 'done', finalPhi: 7, totalSteps: 1 });
      });
    }
  });
}
