import { expect } from 'chai';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { inMemoryExperience } from '../../lib/experience/in-memory-experience.js';
import { rulePurposeFunction } from '../../lib/purpose/rule-purpose-function.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { textOf } from '../support/request-text.js';

const answer = (name: string, params: object): string => JSON.stringify({ thought: 'I try.', name, params, expectedDelta: 'open' });

describe('learning from one task to the next', () => {
  it('puts what the first task taught into the prompt of the second', () => {
    agentMarbles((m) => {
      const backend = m.backend(['(t|)', '(o|)', '(b|)', '(u|)'], {
        t: answer('turn_key', { times: 7 }),
        o: answer('DONE', { answer: 'open' }),
        b: answer('DONE', { answer: 'as before' }),
        u: answer('DONE', { answer: 'unrelated' }),
      });
      const environment = toolEnvironment({ tools: [tool({ name: 'turn_key', run: () => 'the lock clicks open' })] });
      const orchestrator = m.orchestrator({
        actor: llmActor({ backend, tools: environment.tools }),
        purposeFunction: rulePurposeFunction(({ data }) => ({
          phi: data['observations'] === undefined ? 1 : 8,
          evidence: data['observations'] === undefined ? '' : 'the lock clicked',
        })),
        environment,
        experience: inMemoryExperience(),
      });
      for (const [purpose, told] of [
        ['open the cellar door', 'open'],
        ['open the attic door', 'as before'],
        ['translate a poem', 'unrelated'],
      ] as const) {
        m.expectResult(orchestrator.runTaskStream({ purpose })).toMatch({ stopReason: 'done', answer: told });
        m.flush();
      }

      const prompts = backend.requests.map(textOf);
      const lesson = /turn_key\(\{\\?"times\\?":7\}\)/;
      expect(prompts[0]).to.not.match(lesson);
      expect(prompts[2]).to.match(lesson).and.to.include('the lock clicked').and.to.include('open the cellar door');
      expect(prompts[3]).to.not.match(lesson);
    });
  });
});
