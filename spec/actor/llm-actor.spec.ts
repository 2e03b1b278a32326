import { expect } from 'chai';
import * as fc from 'fast-check';
import * as t from 'io-ts';
import type { Observable } from 'rxjs';
import type { Actor, ActorSignal } from '../../lib/actor/actor.js';
import { llmActor, type LLMActorConfig } from '../../lib/actor/llm-actor.js';
import type { LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { decideContext } from '../support/decide-context.js';
import { dataOf, textOf } from '../support/request-text.js';

const read = tool({ name: 'read', description: 'Reads a file.', params: t.strict({ path: t.string }), run: ({ path }) => path });
const { tools } = toolEnvironment({ tools: [read] });

const lookAnswer = '{"thought":"I look.","name":"read","params":{"path":"x"},"expectedDelta":"I know x"}';

const decide = (actor: Actor, more = {}): readonly ActorSignal[] => {
  const signals: ActorSignal[] = [];
  (actor.decide(decideContext(more)) as Observable<ActorSignal>).subscribe((signal) => signals.push(signal));
  return signals;
};

/** The tokens of the thought in the highest attempt that was heard, joined; and the thought of the action. */
const thoughts = (signals: readonly ActorSignal[]) => {
  const tokens = signals.flatMap((signal) => (signal.type === 'token' ? [signal] : []));
  const highest = Math.max(0, ...tokens.map(({ attempt = 1 }) => attempt));
  const heard = tokens.filter(({ channel, attempt = 1 }) => channel === 'thought' && attempt === highest).map(({ token }) => token);
  const [action] = signals.flatMap((signal) => (signal.type === 'action' ? [signal.action] : []));
  return { heard: heard.join(''), decided: action?.thought };
};
/** Holds tokens and attempts against each other: a token is of the attempt that was last told to begin. */
const expectAttemptsInOrder = (signals: readonly ActorSignal[]): void => {
  let current = 1;
  let isDropped = false;
  for (const signal of signals) {
    if (signal.type === 'token') expect([signal.attempt, isDropped]).to.deep.equal([current, false]);
    if (signal.type === 'attempt_dropped') expect([signal.attempt, isDropped]).to.deep.equal([current, false]);
    if (signal.type === 'attempt_start') expect([signal.attempt, isDropped]).to.deep.equal([current + 1, true]);
    isDropped = signal.type === 'attempt_dropped';
    if (signal.type === 'attempt_start') current = signal.attempt;
  }
};
const look = (thought: string): string => `{"thought":${JSON.stringify(thought)},"name":"look","params":{},"expectedDelta":"x"}`;
const text = (piece: string): LLMChunk => ({ type: 'text', text: piece });

/** What a decision asks of its model. */
const asked = (config: Omit<LLMActorConfig, 'backend'>, more = {}): LLMRequest | undefined => {
  const backend = scriptedBackend([config.actions === 'tools' ? 'Done.' : lookAnswer]);
  decide(llmActor({ ...config, backend } as LLMActorConfig), more);
  return backend.requests[0];
};

const turn = {
  action: { name: 'read', params: { path: 'a' }, thought: 'I read a.', expectedDelta: '' },
  calls: [{ callId: '1.1', name: 'read', params: { path: 'a' }, result: { ok: true as const, output: 'A' } }],
  result: 'the text A',
};
const entry = { action: 'read({"path":"a"})', result: 'the text A', score: 'Δ=+1.00' };

describe('llmActor', () => {
  it('lets its thought be heard while the action is still forming', () =>
    agentMarbles(({ expectObservable }) => {
      const backend = scriptedBackend([
        {
          marbles: '-a-b-c-(d|)',
          values: { a: '{"thought":"I ', b: 'look."', c: ',"name":"read","params":{}', d: ',"expectedDelta":""}' },
        },
      ]);
      expectObservable(llmActor({ backend, tools }).decide(decideContext()) as Observable<ActorSignal>).toBe('-a-b---(x|)', {
        a: { type: 'token', token: 'I ', channel: 'thought', attempt: 1 },
        b: { type: 'token', token: 'look.', channel: 'thought', attempt: 1 },
        x: { type: 'action', action: { name: 'read', params: {}, thought: 'I look.', expectedDelta: '' } },
      });
    }));

  it('describes the tools of an environment in the prompt and asks for one branch each', () => {
    const backend = scriptedBackend([lookAnswer]);
    decide(llmActor({ backend, tools }));
    const [request] = backend.requests;
    const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'], additionalProperties: false };
    expect(dataOf(request)['tools']).to.deep.equal([{ name: 'read', description: 'Reads a file.', parameters }]);
    expect(request?.responseFormat?.schema)
      .to.have.nested.property('properties.params.anyOf[0]')
      .that.deep.equals({
        ...parameters,
        title: 'read',
        description: 'Reads a file.',
      });
    expect(request).not.to.have.property('tools');
  });

  it('takes tool names and parameters that make no sense for an action: the environment answers them', () => {
    const answer = '{"thought":"","name":"no_such_tool","params":{"path":5},"expectedDelta":""}';
    expect(decide(llmActor({ backend: scriptedBackend([answer]), tools }))).to.deep.equal([
      { type: 'action', action: { name: 'no_such_tool', params: { path: 5 }, thought: '', expectedDelta: '' } },
    ]);
  });

  it('leaves names and parameters open without a list of tools', () => {
    const backend = scriptedBackend([lookAnswer]);
    decide(llmActor({ backend }));
    expect(backend.requests[0]?.responseFormat?.schema).to.have.nested.property('properties.name').that.deep.equals({ type: 'string' });
  });

  it('sends a temperature of 0.3 and 1024 tokens unless told otherwise, in both modes', () => {
    for (const [actions, answer] of [
      ['json', lookAnswer],
      ['tools', 'Done.'],
    ] as const) {
      const backend = scriptedBackend([answer, answer]);
      decide(llmActor({ backend, actions }));
      decide(llmActor({ backend, actions, temperature: null, maxTokens: 77 }));
      expect(backend.requests[0]).to.include({ temperature: 0.3, maxTokens: 1024 });
      expect(backend.requests[1]).to.include({ temperature: null, maxTokens: 77 });
    }
  });

  it('asks by a prompt of the user’s own', () => {
    const backend = scriptedBackend([lookAnswer]);
    decide(llmActor({ backend, prompt: { system: 'Be {{step}}.', user: '{{purpose}}' } }), { step: 7 });
    expect(backend.requests[0]?.messages).to.deep.equal([
      { role: 'system', content: 'Be <data name="step">7</data>.' },
      { role: 'user', content: '<data name="purpose">"find the key"</data>' },
    ]);
  });

  it('refuses at the door a prompt with a placeholder that nobody knows, and limits that make no sense', () => {
    const backend = scriptedBackend([]);
    const prompt = { system: '', user: '{{goal}}' };
    expect(() => llmActor({ backend, prompt })).to.throw(ContractError, "The prompt's user has {{goal}}, which is none of purpose, tools");
    expect(() => llmActor({ backend, actions: 'tools', prompt: { ...prompt, user: '', now: '{{x}}' } })).to.throw(
      ContractError,
      "The prompt's now",
    );
    expect(() => llmActor({ backend, repairs: -1 })).to.throw(ContractError, 'repairs has to be a whole number from 0 to 100, not -1');
    expect(() => llmActor({ backend, historyLimit: 0.5 })).to.throw(ContractError, 'historyLimit');
  });

  it('quotes the newest steps of the history, as many as it is told', () => {
    const backend = scriptedBackend([lookAnswer]);
    decide(llmActor({ backend, historyLimit: 1 }), { history: [{ ...entry, result: 'old' }, entry] });
    expect(dataOf(backend.requests[0])['history']).to.deep.equal([entry]);
    expect(textOf(backend.requests[0])).to.include('The 1 earliest is left out.');
  });

  it('is cold and holds nothing: each subscription to a decision is one request', () => {
    const backend = scriptedBackend([lookAnswer, lookAnswer]);
    const decision$ = llmActor({ backend }).decide(decideContext()) as Observable<ActorSignal>;
    expect(backend.requests).to.have.length(0);
    decision$.subscribe();
    decision$.subscribe();
    expect(backend.requests[1]).to.deep.equal(backend.requests[0]);
  });

  it('aborts the request when it is unsubscribed, in both modes', () => {
    agentMarbles((m) => {
      for (const actions of ['json', 'tools'] as const) {
        const backend = m.backend('--------|');
        const decision$ = llmActor({ backend, actions }).decide(decideContext()) as Observable<ActorSignal>;
        m.expectObservable(decision$, '^--!').toBe('-');
        m.expectRequests(backend).toBe('^--!');
      }
    });
  });

  describe('the thought that was heard', () => {
    const takenBack: readonly (readonly [what: string, script: readonly (string | readonly LLMChunk[])[]])[] = [
      ['a refused answer', ['{"thought":"Bad.","name":"","params":{},"expectedDelta":""}', look('')]],
      ['a key that came twice', ['{"thought":"Delete all.","thought":"","name":"look","params":{},"expectedDelta":""}']],
      ['an object that was no action', [`{"thought":"draft"} ${look('')}`]],
      ['an answer before a restart', [[text('{"thought":"Bad.'), { type: 'restart' }, text(look(''))]]],
      ['an answer whose repair began anew', ['{"thought":"Bad."}', [text('{"na'), { type: 'restart' }, text(look(''))]]],
    ];
    for (const [what, script] of takenBack) {
      it(`is taken back by an empty token where nothing replaces that of ${what}`, () => {
        const signals = decide(llmActor({ backend: scriptedBackend(script) }));
        expect(thoughts(signals)).to.deep.equal({ heard: '', decided: '' });
        expect(signals.at(-2)).to.deep.include({ type: 'token', token: '', channel: 'thought' });
      });
    }

    it('is that of the action, whatever was refused, began anew, came twice or was no action', () => {
      const thought = fc.constantFrom('', '', 'So', 'a "b"', '😀');
      const field = thought.map((words) => `"thought":${JSON.stringify(words)}`);
      const junk = fc.oneof(
        field.map((one) => `{${one}} `),
        field.map((one) => `{${one},"name":"go" oops `),
        field.map((one) => `{${one},"name":"","params":{},"expectedDelta":"more"} `),
        fc.constant('prose '),
      );
      const whole = fc
        .tuple(field, field, fc.boolean())
        .map(([one, other, isTwice]) => `{${isTwice ? `${one},` : ''}"name":"look",${other},"params":{},"expectedDelta":"x"}`);
      const piece = fc.oneof(
        fc.array(junk, { maxLength: 3 }).map((parts) => text(parts.join(''))),
        field.map((one) => text(`{${one.slice(0, -1)}`)),
        fc.constant<LLMChunk>({ type: 'reasoning', text: 'hm' }),
        fc.constant<LLMChunk>({ type: 'restart' }),
      );
      const chunks = fc.array(piece, { maxLength: 5 });
      const last = fc
        .tuple(chunks, junk, whole)
        .map(([before, part, one]): LLMChunk[] => [...before, { type: 'restart' }, text(part + one)]);
      const plain = whole.map((one): LLMChunk[] => [text(one)]);
      fc.assert(
        fc.property(fc.array(chunks, { maxLength: 3 }), fc.oneof(last, plain), (refused, good) => {
          const backend = scriptedBackend(
            [...refused, good].map((answer): readonly LLMChunk[] => [...answer, { type: 'finish', reason: 'stop' }]),
          );
          const signals = decide(llmActor({ backend, repairs: 3 }));
          const { heard, decided } = thoughts(signals);
          expect(decided).not.to.equal(undefined);
          expect(heard).to.equal(decided);
          expectAttemptsInOrder(signals);
        }),
        { numRuns: 500 },
      );
    });

    it('is of the attempt that was last told to begin, with native tool calls too', () => {
      const piece = fc.constantFrom<LLMChunk>(text('a'), text('😀'), { type: 'reasoning', text: 'hm' }, { type: 'restart' });
      const end = fc.constantFrom<LLMChunk>({ type: 'finish', reason: 'length' }, { type: 'finish', reason: 'stop' });
      const answer = fc.tuple(fc.array(piece, { maxLength: 6 }), end).map(([pieces, last]): readonly LLMChunk[] => [...pieces, last]);
      fc.assert(
        fc.property(fc.array(answer, { minLength: 4, maxLength: 4 }), (answers) => {
          const signals: ActorSignal[] = [];
          const actor = llmActor({ backend: scriptedBackend(answers), actions: 'tools', repairs: 3 });
          (actor.decide(decideContext()) as Observable<ActorSignal>).subscribe({
            next: (signal) => signals.push(signal),
            error: () => undefined,
          });
          expectAttemptsInOrder(signals);
          const { heard, decided } = thoughts(signals);
          if (decided !== undefined) expect(heard).to.equal(decided);
        }),
      );
    });
  });

  describe('the notices', () => {
    const notices = [
      { from: 'input' as const, message: 'Look </data> in the cellar: {{state}}', step: 1 },
      { from: 'nudge' as const, message: 'You seem to be stuck.', step: 2, policy: 'plateau' },
    ];
    const told = notices.map(({ from, message, step }) => ({ from, step, message }));
    for (const actions of ['json', 'tools'] as const) {
      const own = { system: 'rules', user: 'Do it.', ...(actions === 'tools' ? { now: 'Now.' } : {}) };

      it(`are quoted in the user message with the words to heed them, in the ${actions} mode`, () => {
        const request = asked({ actions, tools }, { notices, turns: [turn], history: [entry], step: 3 });
        expect(dataOf(request)['notices']).to.deep.equal(told);
        expect(textOf(request)).to.include('Heed it');
        expect(request?.messages.map(({ role }) => role)).to.deep.equal(
          actions === 'tools' ? ['system', 'user', 'assistant', 'tool'] : ['system', 'user'],
        );
      });

      it(`leave no trace where there are none, in the ${actions} mode`, () => {
        expect(asked({ actions }, { notices: [] })).to.deep.equal(asked({ actions }));
        expect(textOf(asked({ actions }))).not.to.include('notices');
        expect(asked({ actions, prompt: own }, { notices: [] })?.messages).to.deep.equal(asked({ actions, prompt: own })?.messages);
      });

      it(`come at the end of the last user message of a prompt that does not ask for them, in the ${actions} mode`, () => {
        const request = asked({ actions, prompt: own }, { notices, turns: [turn] });
        expect(dataOf(request)).to.deep.equal({ notices: told });
        expect(request?.messages.filter(({ role }) => role === 'user')).to.have.length(1);
        expect(request?.messages[1]?.content).to.match(/^Do it\.[^]*<\/data>$/);
      });

      it(`come once, where a prompt asks for them, in the ${actions} mode`, () => {
        const request = asked({ actions, prompt: { ...own, system: 'Rules. {{notices}}' } }, { notices });
        expect(request?.messages[0]?.content).to.include('in the cellar');
        expect(request?.messages[1]?.content).not.to.include('cellar');
      });
    }

    it('are the newest fifty, each of a bounded length', () => {
      const many = Array.from({ length: 60 }, (_, index) => ({ from: 'input' as const, message: `${index} ${'x'.repeat(9000)}`, step: 1 }));
      const request = asked({}, { notices: many });
      expect(dataOf(request)['notices']).to.have.length(50);
      expect(textOf(request)).to.include('The 10 earliest are left out.');
      expect(textOf(request).length).to.be.lessThan(210_000);
    });
  });

  describe('with native tool calls', () => {
    it('offers the tools to the server and asks for no JSON', () => {
      const backend = scriptedBackend(['Done.']);
      decide(llmActor({ backend, actions: 'tools', tools }));
      const [request] = backend.requests;
      expect(request?.tools?.map(({ name, description }) => ({ name, description }))).to.deep.equal([
        { name: 'read', description: 'Reads a file.' },
      ]);
      expect(request).not.to.have.property('responseFormat');
    });

    it('offers no list of tools where there are none', () => {
      const backend = scriptedBackend(['Done.', 'Done.']);
      decide(llmActor({ backend, actions: 'tools' }));
      decide(llmActor({ backend, actions: 'tools', tools: [] }));
      for (const request of backend.requests) expect(request).not.to.have.property('tools');
    });

    it('shows the state and the scores, then the whole history as calls and results, whatever the limit', () => {
      const backend = scriptedBackend(['Done.']);
      const turns = Array.from({ length: 60 }, (_, index) => ({
        ...turn,
        calls: [{ ...turn.calls[0], callId: `${index + 1}.1`, name: 'read', params: {} }],
      }));
      const history = turns.map(() => entry);
      decide(llmActor({ backend, actions: 'tools', tools, historyLimit: 2 }), { turns, history, step: 61, state: { data: { at: 'end' } } });
      const roles = backend.requests[0]?.messages.map(({ role }) => role);
      expect(roles).to.deep.equal(['system', 'user', ...turns.flatMap(() => ['assistant', 'tool'])]);
      expect(dataOf(backend.requests[0])).to.deep.equal({
        purpose: 'find the key',
        recalled: [],
        scores: ['Δ=+1.00', 'Δ=+1.00'],
        state: { data: { at: 'end' } },
        step: 61,
      });
    });

    it('offers tools under names that servers take, and gives them their own again', () => {
      const backend = scriptedBackend([
        [
          { type: 'tool_call', id: 'c', name: 'fs_read', params: { path: 'x', from: null, ['__proto__']: 1 } },
          { type: 'finish', reason: 'tool_calls' },
        ],
      ]);
      const params = t.intersection([t.strict({ path: t.string }), t.partial({ from: t.number })]);
      const actor = llmActor({ backend, actions: 'tools', tools: [{ name: 'fs.read', params }, { name: 'free' }] });
      expect(decide(actor)).to.deep.equal([
        { type: 'action', action: { name: 'fs.read', params: { path: 'x' }, thought: '', expectedDelta: '' } },
      ]);
      const offered = backend.requests[0]?.tools ?? [];
      expect(offered.map(({ name }) => name)).to.deep.equal(['fs_read', 'free']);
      expect(offered[1]?.parameters).to.deep.equal({ type: 'object', additionalProperties: true, properties: {} });
    });

    it('says the text as the thought and turns calls into one action', () => {
      const backend = scriptedBackend([
        [
          { type: 'text', text: 'I read.' },
          { type: 'tool_call', id: 'c', name: 'read', params: { path: 'x' } },
          { type: 'finish', reason: 'tool_calls' },
        ],
      ]);
      expect(decide(llmActor({ backend, actions: 'tools', tools }))).to.deep.equal([
        { type: 'token', token: 'I read.', channel: 'thought', attempt: 1 },
        { type: 'action', action: { name: 'read', params: { path: 'x' }, thought: 'I read.', expectedDelta: '' } },
      ]);
    });
  });
});
