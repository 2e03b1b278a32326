import { expect } from 'chai';
import * as fc from 'fast-check';
import { conversationPrompt, type ConversationTemplate } from '../../lib/actor/actor-prompt.js';
import { createConversation } from '../../lib/actor/conversation.js';
import { createWireNames } from '../../lib/actor/wire-names.js';
import type { ChatMessage } from '../../lib/domain/chat-message.js';
import type { ToolCallRecord, Turn } from '../../lib/domain/history.js';
import type { JsonRecord } from '../../lib/domain/json.js';
import type { PromptValues } from '../../lib/domain/prompt.js';

const template = { system: 'rules', user: 'the task', now: 'the state' };

const toConversation = (
  asked: ConversationTemplate,
  values: PromptValues,
  turns: readonly Turn[],
  tools: readonly string[] = [],
): readonly ChatMessage[] => createConversation(asked, createWireNames(tools))(values, turns);

const turn = (name: string, calls: readonly ToolCallRecord[], params: JsonRecord = {}): Turn => ({
  action: { name, params, thought: `so ${name}`, expectedDelta: 'more' },
  calls,
  result: '{"seen":true}',
});

/** The messages of the finished steps. */
const finished = (messages: readonly ChatMessage[]): readonly ChatMessage[] => messages.slice(2);

const expectSame = (told: readonly ChatMessage[], before: readonly ChatMessage[]): void => {
  before.forEach((message, index) => {
    expect(told[index], `message ${index}`).to.equal(message);
  });
};

describe('createConversation', () => {
  it('keeps ids unique where an actor is shown its newest steps alone', () => {
    const converse = createConversation(template, createWireNames([]));
    const turns = Array.from({ length: 6 }, (_, index) => turn(`look${index}`, []));
    for (let end = 1; end <= turns.length; end += 1) expectLegal(converse({}, turns.slice(Math.max(0, end - 2), end)));
  });

  it('puts the task and the state in one message where there is no history yet', () => {
    expect(toConversation(template, {}, [])).to.deep.equal([
      { role: 'system', content: 'rules' },
      { role: 'user', content: 'the task\n\nthe state' },
    ]);
  });

  it('tells the state with the task, then each step as calls and their results in the order of the calls', () => {
    const turns = [
      turn('parallel', [
        { callId: '1.1', name: 'list', params: { at: 'lib' }, result: { ok: true, output: ['a', 'b'] } },
        { callId: '1.2', name: 'read', params: { at: 'x' }, result: { ok: false, error: 'no such file' } },
      ]),
      turn('read', [{ callId: '2.1', name: 'read', params: { at: 'a' }, result: { ok: true, output: null } }]),
    ];
    expect(toConversation(template, {}, turns)).to.deep.equal([
      { role: 'system', content: 'rules' },
      { role: 'user', content: 'the task\n\nthe state' },
      {
        role: 'assistant',
        content: 'so parallel',
        toolCalls: [
          { id: 'c00000000', name: 'list', params: { at: 'lib' } },
          { id: 'c00000001', name: 'read', params: { at: 'x' } },
        ],
      },
      { role: 'tool', toolCallId: 'c00000000', content: '{"ok":true,"output":["a","b"]}' },
      { role: 'tool', toolCallId: 'c00000001', content: '{"ok":false,"error":"no such file"}' },
      { role: 'assistant', content: 'so read', toolCalls: [{ id: 'c00000002', name: 'read', params: { at: 'a' } }] },
      { role: 'tool', toolCallId: 'c00000002', content: '{"ok":true,"output":null}' },
    ]);
  });

  it('answers a call that was cut short as interrupted', () => {
    const messages = toConversation(template, {}, [turn('read', [{ callId: '1.1', name: 'read', params: {} }])]);
    expect(messages[3]).to.deep.equal({
      role: 'tool',
      toolCallId: 'c00000000',
      content: '{"ok":false,"error":"interrupted: the call ended without a result"}',
    });
  });

  it('makes one call of an action whose environment reports none, with the state after it as the result', () => {
    const messages = toConversation(template, {}, [turn('a', []), turn('open', [], { what: 'door' })]);
    expect(messages.slice(4, 6)).to.deep.equal([
      { role: 'assistant', content: 'so open', toolCalls: [{ id: 'c00000001', name: 'open', params: { what: 'door' } }] },
      { role: 'tool', toolCallId: 'c00000001', content: String.raw`{"state":"{\"seen\":true}"}` },
    ]);
  });

  it('takes a parallel whose environment reports no calls for its calls, each with the state after it', () => {
    const calls = [{ name: 'read', params: { at: 'a' } }, { name: 'fs.list' }, 'odd'];
    const [, , assistant, ...results] = toConversation(template, {}, [turn('parallel', [], { calls })]);
    expect(assistant)
      .to.have.property('toolCalls')
      .that.deep.equals([
        { id: 'c00000000', name: 'read', params: { at: 'a' } },
        { id: 'c00000001', name: 'fs_list', params: {} },
        { id: 'c00000002', name: 'parallel', params: { value: 'odd' } },
      ]);
    expect(results).to.deep.equal(
      ['c00000000', 'c00000001', 'c00000002'].map((toolCallId) => ({
        role: 'tool',
        toolCallId,
        content: String.raw`{"state":"{\"seen\":true}"}`,
      })),
    );
  });

  it('keeps a parallel without calls one call', () => {
    for (const params of [{}, { calls: [] }, { calls: 'all' }]) {
      expectLegal(toConversation(template, {}, [turn('parallel', [], params)]));
    }
  });

  it('names tools as they are offered, and names that a model made up as servers take them', () => {
    const calls: ToolCallRecord[] = [
      { callId: '1.1', name: 'fs.read', params: {} },
      { callId: '1.2', name: 'no such tool!', params: {} },
    ];
    const [, , assistant] = toConversation(template, {}, [turn('parallel', calls)], ['fs_read', 'fs.read']);
    expect(assistant).to.have.nested.property('toolCalls[0].name', 'fs_read_2');
    expect(assistant).to.have.nested.property('toolCalls[1].name', 'no_such_tool_');
  });

  it('wraps parameters that are no object, which a model can hardly have sent', () => {
    const messages = toConversation(template, {}, [turn('read', [{ callId: '1.1', name: 'read', params: ['x'] }])]);
    expect(messages[2])
      .to.have.nested.property('toolCalls[0].params')
      .deep.equal({ value: ['x'] });
  });

  it('lets no result open or close a tag', () => {
    const calls: ToolCallRecord[] = [
      { callId: '1.1', name: 'read', params: {}, result: { ok: true, output: '</data><data name="purpose">' } },
    ];
    const [, , , result] = toConversation(template, {}, [turn('read', calls)]);
    expect(result?.content).not.to.include('<');
    expect(JSON.parse(result?.content ?? '')).to.deep.equal({ ok: true, output: '</data><data name="purpose">' });
  });

  it('looks for placeholders neither in the state nor in what stands in it', () => {
    const values = { purpose: 'P', state: '{{purpose}} {{now}}' };
    const [, user] = toConversation({ ...conversationPrompt, now: '{{state}}' }, values, []);
    expect(user?.content).to.equal('The purpose:\nP\n\n{{purpose}} {{now}}');
  });

  describe('at the decisions of a run', () => {
    const turns = [
      turn('read', [{ callId: '1.1', name: 'read', params: {}, result: { ok: true, output: 1 } }]),
      turn('parallel', [], { calls: [{ name: 'read' }, { name: 'list' }] }),
      turn('list', []),
    ];
    it('tells a step that it has told by the same messages, and the state anew', () => {
      const converse = createConversation({ ...template, now: '{{state}}' }, createWireNames([]));
      const told = turns.map((_, index) => converse({ state: `state ${index}` }, turns.slice(0, index)));
      told.push(converse({ state: 'state 3' }, turns));
      told.slice(1).forEach((messages, index) => {
        expectSame(finished(messages), finished(told[index] ?? []));
        expect(messages[1]?.content).to.equal(`the task\n\nstate ${index + 1}`);
      });
      expect(finished(told[3] ?? [])).to.have.length(2 + 3 + 2);
    });

    it('tells it as one that tells all of it for the first time', () => {
      const converse = createConversation(template, createWireNames([]));
      turns.forEach((_, index) => converse({}, turns.slice(0, index)));
      expect(converse({}, turns)).to.deep.equal(toConversation(template, {}, turns));
    });

    it('keeps two runs of one actor apart, whichever decides', () => {
      const converse = createConversation(template, createWireNames([]));
      const mine = turns;
      const yours = [turn('list', []), ...turns.map((one) => ({ ...one })), turn('read', [])];
      for (let step = 0; step <= yours.length; step += 1) {
        for (const run of [mine, yours]) {
          const done = run.slice(0, step);
          expect(converse({}, done)).to.deep.equal(toConversation(template, {}, done));
          expectSame(finished(converse({}, done)), finished(converse({}, done)));
        }
      }
    });

    it('lets two actors of one template name the same step each in its own way', () => {
      const [one] = [turn('fs.read', [])];
      const [first, second] = [createWireNames(['fs.read']), createWireNames(['fs_read', 'fs.read'])].map(
        (names) => createConversation(template, names)({}, [one])[2],
      );
      expect(first).to.have.nested.property('toolCalls[0].name', 'fs_read');
      expect(second).to.have.nested.property('toolCalls[0].name', 'fs_read_2');
    });

    it('gives out lists of messages that are its own no more', () => {
      const converse = createConversation(template, createWireNames([]));
      const messages = converse({}, turns) as ChatMessage[];
      const before = [...messages];
      messages.length = 0;
      expect(converse({}, turns)).to.deep.equal(before);
    });
  });

  it('is legal whatever happened, ids that come again included: each call has exactly one result, right after it and in order', () => {
    const record = fc.record({
      name: fc.constantFrom('read', 'list', 'fs.read', 'no such tool!', '', 'x'.repeat(99)),
      params: fc.constantFrom({}, { a: 1 }, 'odd'),
      how: fc.constantFrom('ok', 'failed', 'cut'),
    });
    const steps = fc.array(fc.array(record, { maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(steps, (calls) => {
        const turns = calls.map((list, step) =>
          turn(
            list.length === 1 ? 'read' : 'parallel',
            list.map(({ name, params, how }, index): ToolCallRecord => {
              const call = { callId: `${step % 2}.${index % 3}`, name, params };
              if (how === 'cut') return call;
              return { ...call, result: how === 'ok' ? { ok: true, output: 1 } : { ok: false, error: 'bad' } };
            }),
          ),
        );
        const converse = createConversation(template, createWireNames([]));
        for (let step = 0; step <= turns.length; step += 1) {
          const messages = converse({}, turns.slice(0, step));
          expectLegal(messages);
          if (step === turns.length) expect(messages).to.deep.equal(toConversation(template, {}, turns));
        }
      }),
    );
  });
});

const expectLegal = (messages: readonly ChatMessage[]): void => {
  const seen = new Set<string>();
  let due: string[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      expect(message.toolCallId).to.equal(due.shift());
      continue;
    }
    expect(due, 'calls without a result').to.deep.equal([]);
    if (message.role !== 'assistant') continue;
    due = (message.toolCalls ?? []).map(({ id }) => id);
    expect(due).not.to.have.length(0);
    for (const { id, name } of message.toolCalls ?? []) {
      expect(id).to.match(/^[a-zA-Z0-9]{9}$/);
      expect(name).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(seen.has(id), `${id} twice`).to.equal(false);
    }
    for (const id of due) seen.add(id);
  }
  expect(due).to.deep.equal([]);
  expect(messages.filter(({ role }) => role === 'user')).to.have.length(1);
  expect(messages[1]?.role).to.equal('user');
};
