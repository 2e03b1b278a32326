import { expect } from 'chai';
import * as fc from 'fast-check';
import { take } from 'rxjs';
import { actionSchema } from '../../lib/actor/action-schema.js';
import type { ActorSignal } from '../../lib/actor/actor.js';
import { decideByJson } from '../../lib/actor/json-decision.js';
import type { LLMBackend } from '../../lib/backend/backend.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import type { Action } from '../../lib/domain/action.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { attemptAfter } from '../support/attempt-after.js';

const decideOn = (backend: LLMBackend, repairs = 1, attempt?: number) =>
  decideByJson({ backend, request: { messages: [] }, repairs, schema: actionSchema(undefined), tools: [], attempt });

const thought = (token: string, attempt = 1): ActorSignal => ({ type: 'token', token, channel: 'thought', attempt });

const LONE = /\p{Surrogate}/u;

describe('decideByJson', () => {
  it('says the thought while the action is still forming, and neither the name nor the expected change', () => {
    agentMarbles((m) => {
      const backend = m.backend('             -a-b-c-d-u-(f|)', {
        a: '{"thought":"I ',
        b: 'look.',
        c: '","name":"look","params":{"at":"door"}',
        d: ',"expectedDelta":"I see"}',
        u: { type: 'usage', usage: { inputTokens: 9, outputTokens: 4 } },
        f: { type: 'finish', reason: 'stop' },
      });
      m.expectObservable(decideOn(backend)).toBe('-a-b-----u-(x|)', {
        a: thought('I '),
        b: thought('look.'),
        u: { type: 'usage', usage: { inputTokens: 9, outputTokens: 4 } },
        x: { type: 'action', action: { name: 'look', params: { at: 'door' }, thought: 'I look.', expectedDelta: 'I see' } },
      });
      m.expectRequests(backend).toBe('        ^----------|');
    });
  });

  it('tells at once that what was said is void, and replaces it by a higher attempt, when an answer that is no action is sent back', () => {
    agentMarbles((m) => {
      const [dropped, started] = attemptAfter(
        1,
        'the answer does not decode: /name: expected the name of a tool, parallel or DONE; /expectedDelta: expected string, got nothing',
      );
      const backend = m.backend(['-a-(bf|)', '------(cf|)'], {
        a: '{"thought":"Hm"',
        b: ',"name":"","params":{}}',
        c: '{"thought":"Better","name":"look","params":{},"expectedDelta":""}',
        f: { type: 'finish', reason: 'stop' },
      });
      m.expectObservable(decideOn(backend)).toBe('-a-(ds)--(bx|)', {
        a: thought('Hm'),
        d: dropped,
        s: started,
        b: thought('Better', 2),
        x: { type: 'action', action: { name: 'look', params: {}, thought: 'Better', expectedDelta: '' } },
      });
      m.expectRequests(backend).toBe('^--|', '---^-----|');
    });
  });

  it('tells of a restart by its reason, and begins with the attempt that it is asked for', () => {
    agentMarbles((m) => {
      const backend = m.backend('-a-r---(b|)', {
        a: '{"thought":"Hm',
        r: { type: 'restart', reason: 'the line broke, with key sk-abcdefghijklmnop' },
        b: '{"thought":"So","name":"look","params":{},"expectedDelta":""}',
      });
      const [dropped, started] = attemptAfter(4, 'the line broke, with key [redacted]');
      m.expectObservable(decideOn(backend, 1, 4)).toBe('-a-(ds)(bx|)', {
        a: thought('Hm', 4),
        d: dropped,
        s: started,
        b: thought('So', 5),
        x: { type: 'action', action: { name: 'look', params: {}, thought: 'So', expectedDelta: '' } },
      });
    });
  });

  it('leaves nothing standing of an attempt before it that somebody else dropped', () => {
    const heard: ActorSignal[] = [];
    decideOn(scriptedBackend(['{"thought":"","name":"look","params":{},"expectedDelta":""}']), 1, 2).subscribe((signal) =>
      heard.push(signal),
    );
    expect(heard[0]).to.deep.equal(thought('', 2));
  });

  it('asks for no repair where its subscriber leaves as the attempt is dropped', () => {
    const backend = scriptedBackend(['no JSON', 'never asked for']);
    decideOn(backend).pipe(take(1)).subscribe();
    expect(backend.requests).to.have.length(1);
  });

  it('tells the model each fault of the answer that it sends back', () => {
    const poor = '{"thought":"Hm","name":"look","params":[]}';
    const backend = scriptedBackend([poor, poor]);
    const errors: unknown[] = [];
    decideOn(backend).subscribe({ error: (error: unknown) => errors.push(error) });
    backend.verify();
    const note = backend.requests[1]?.messages.at(-1)?.content;
    expect(note).to.include('/params: expected a JSON object').and.to.include('/expectedDelta: expected string, got nothing');
    expect(errors[0]).to.include({ _tag: 'StructuredOutputError', isRetryable: true });
  });

  it('asks once where no repairs are allowed', () => {
    const backend = scriptedBackend(['no JSON at all']);
    const errors: unknown[] = [];
    decideOn(backend, 0).subscribe({ error: (error: unknown) => errors.push(error) });
    backend.verify();
    expect(errors[0]).to.include({ _tag: 'StructuredOutputError' });
  });

  it('asks for the schema of an action by that name', () => {
    const backend = scriptedBackend(['{"thought":"","name":"a","params":{},"expectedDelta":""}']);
    decideOn(backend).subscribe();
    expect(backend.requests[0]?.responseFormat).to.deep.equal({ name: 'action', schema: actionSchema(undefined) });
  });

  it('reaches the backend when it is unsubscribed', () => {
    agentMarbles((m) => {
      const backend = m.backend('-a-----|', { a: '{"thought":"I' });
      m.expectObservable(decideOn(backend), '^---!').toBe('-a', { a: thought('I') });
      m.expectRequests(backend).toBe('^---!');
    });
  });

  it('gives the same action and the same thought wherever the answer is cut, and never half a surrogate pair', () => {
    const piece = fc.constantFrom('a', ' ', '"', '\\', '\n', 'é', '😀', '{', '}', 'thought', '\u2028', '<');
    const words = fc.string({ unit: piece, maxLength: 20 });
    const action = fc.record({
      name: fc.constantFrom('look', 'DONE'),
      params: fc.dictionary(words, words, { maxKeys: 3 }),
      thought: words,
      expectedDelta: words,
    });
    fc.assert(
      fc.property(action, fc.boolean(), fc.array(fc.nat(), { maxLength: 12 }), (expected, isEscaped, cuts) => {
        const { action, tokens } = decideInPieces(cutUp(write(expected, isEscaped), cuts));
        expect(action).to.deep.equal(expected);
        expect(tokens.join('')).to.equal(expected.thought);
        for (const token of tokens) expect(token).not.to.match(LONE);
      }),
    );
  });

  it('gives the same at every single position of an answer with escapes of all kinds', () => {
    const expected = { name: 'look', params: { at: '😀' }, thought: 'I said "\\" \t\b\u0001 and 😀 or é/ü 👩‍👩‍👧.', expectedDelta: 'x' };
    for (const isEscaped of [true, false]) {
      const answer = write(expected, isEscaped);
      for (let at = 0; at <= answer.length; at += 1) {
        const { action, tokens } = decideInPieces([answer.slice(0, at), answer.slice(at)]);
        expect(action, `cut at ${at}`).to.deep.equal(expected);
        expect(tokens.join('')).to.equal(expected.thought);
        for (const token of tokens) expect(token).not.to.match(LONE);
      }
      expect(decideInPieces(answer.split('')).action).to.deep.equal(expected);
    }
  });

  it('gives the thought that was said where it held half a surrogate pair', () => {
    const { action, tokens } = decideInPieces([String.raw`{"thought":"a\ud83d b","name":"look","params":{},"expectedDelta":""}`]);
    expect(tokens.join('')).to.equal('a\ufffd b');
    expect(action?.thought).to.equal('a\ufffd b');
  });
});

/** An action as a model writes it, its characters above ASCII as escapes or as they are. */
const write = ({ thought, name, params, expectedDelta }: Action, isEscaped: boolean): string => {
  const json = JSON.stringify({ thought, name, params, expectedDelta });
  return isEscaped ? json.replace(/[^ -~]/g, (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0')) : json;
};

const cutUp = (whole: string, cuts: readonly number[]): readonly string[] => {
  const ends = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((one, other) => one - other);
  return ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end));
};

const decideInPieces = (pieces: readonly string[]): { readonly action: Action | undefined; readonly tokens: readonly string[] } => {
  const tokens: string[] = [];
  let action: Action | undefined;
  decideOn(scriptedBackend([pieces])).subscribe((signal) => {
    if (signal.type === 'token') tokens.push(signal.token);
    else if (signal.type === 'action') action = signal.action;
  });
  return { action, tokens };
};
