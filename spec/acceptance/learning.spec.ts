import { expect } from 'chai';
import { concatMap, map } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { inMemoryExperience } from '../../lib/experience/in-memory-experience.js';
import { rulePurposeFunction } from '../../lib/purpose/rule-purpose-function.js';
import { orchestrate } from '../support/orchestrate.js';

const answer = (name: string, params: object): string => JSON.stringify({ thought: 'I try.', name, params, expectedDelta: 'open' });

describe('learning from one task to the next', () => {
  it('puts what the first task taught into the prompt of the second', () => {
    const backend = scriptedBackend([
      answer('turn_key', { times: 7 }),
      answer('DONE', { answer: 'open' }),
      answer('DONE', { answer: 'as before' }),
      answer('DONE', { answer: 'unrelated' }),
    ]);
    const environment = toolEnvironment({ tools: [tool({ name: 'turn_key', run: () => 'the lock clicks open' })] });
    const orchestrator = orchestrate({
      actor: llmActor({ backend, tools: environment.tools }),
      purposeFunction: rulePurposeFunction(({ data }) => ({
        phi: data['observations'] === undefined ? 1 : 8,
        evidence: data['observations'] === undefined ? '' : 'the lock clicked',
      })),
      environment,
      experience: inMemoryExperience(),
    });
    const stopReasons: string[] = [];
    orchestrator
      .runTask({ purpose: 'open the cellar door' })
      .pipe(
        concatMap(() => orchestrator.runTask({ purpose: 'open the attic door' })),
        concatMap(() => orchestrator.runTask({ purpose: 'translate a poem' })),
        map(({ stopReason }) => stopReason),
      )
      .subscribe((stopReason) => stopReasons.push(stopReason));

    const prompts = backend.requests.map(({ messages }) => messages.map(({ content }) => content).join('\n'));
    const lesson = /turn_key\(\{\\?"times\\?":7\}\)/;
    expect(prompts[0]).to.not.match(lesson);
    expect(prompts[2]).to.match(lesson).and.to.include('the lock clicked').and.to.include('open the cellar door');
    expect(prompts[3]).to.not.match(lesson);
    expect(stopReasons).to.deep.equal(['done']);
    backend.verify();
  });
});
