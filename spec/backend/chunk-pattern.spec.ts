import { expect } from 'chai';
import * as fc from 'fast-check';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { createAnswer } from '../../lib/backend/chat-completion-answer.js';
import { createChunkPattern, type ChunkPattern } from '../../lib/backend/chunk-pattern.js';
import type { ErrorContext } from '../../lib/backend/openai-error.js';
import { splitReasoning } from '../../lib/backend/split-reasoning.js';

const context: ErrorContext = { secrets: [], now: () => 0 };

/** A pattern, and what is said by it. */
const listen = (): { readonly pattern: ChunkPattern; readonly said: LLMChunk[] } => {
  const said: LLMChunk[] = [];
  return {
    pattern: createChunkPattern(
      splitReasoning((chunk) => said.push(chunk)),
      context,
    ),
    said,
  };
};

const chunk = (delta: object, more: object = {}): string => JSON.stringify({ id: 'a', choices: [{ index: 0, delta }], ...more });

/** All that comes of the events of an answer, its error included. */
const readAll = (events: readonly string[], names: readonly (string | undefined)[]): readonly unknown[] => {
  const seen: unknown[] = [];
  const answer = createAnswer((said) => seen.push(said), context);
  try {
    for (const [index, event] of events.entries()) {
      answer.event(event, names[index]);
      seen.push(answer.endings);
    }
    answer.end();
  } catch (error) {
    seen.push(String(error));
  }
  return seen;
};

/** Data that does not begin with its object is never learned from. */
const unlearned = (event: string): string => ` ${event}`;

describe('createChunkPattern', () => {
  it('says the text of chunks like the one that it learned', () => {
    const { pattern, said } = listen();
    expect(pattern.push(chunk({ content: 'a' }))).to.equal(false);
    pattern.learn(chunk({ content: 'a' }));
    expect(pattern.push(chunk({ content: 'b "c"\n' }))).to.equal(true);
    expect(pattern.push(chunk({ content: 'a longer text than most, – 😀' }))).to.equal(true);
    expect(said).to.deep.equal([
      { type: 'text', text: 'b "c"\n' },
      { type: 'text', text: 'a longer text than most, – 😀' },
    ]);
  });

  it('says reasoning on its own channel', () => {
    for (const delta of [
      { content: null, reasoning_content: 'hm' },
      { content: '', reasoning: 'hm' },
    ]) {
      const { pattern, said } = listen();
      pattern.learn(chunk(delta));
      expect(pattern.push(chunk(delta).replace('hm', 'so'))).to.equal(true);
      expect(said).to.deep.equal([{ type: 'reasoning', text: 'so' }]);
    }
  });

  it('leaves any other chunk to the general reader', () => {
    const { pattern, said } = listen();
    pattern.learn(chunk({ content: 'a' }));
    for (const other of [
      chunk({ content: '' }),
      chunk({ content: 'b', refusal: 'c' }),
      chunk({ content: 'b' }, { usage: {} }),
      chunk({ content: 'b' }).slice(0, -1),
      chunk({ content: 'b' }).replace('"b"', '"b","content":"c"'),
      chunk({ content: 'b' }).replace('b', String.raw`\x`),
      chunk({ content: 'b' }).replace('b', '\n'),
      '{}',
      '[DONE]',
      '',
    ]) {
      expect(pattern.push(other), other).to.equal(false);
    }
    expect(said).to.deep.equal([]);
  });

  it('looks at all of a chunk', () => {
    const { pattern } = listen();
    pattern.learn(chunk({ content: 'a' }, { turn: 1 }));
    expect(pattern.push(chunk({ content: 'a' }, { turn: 2 }))).to.equal(false);
    expect(pattern.push(chunk({ content: 'a' }, { turn: 1 }).replace('"id":"a"', '"id":"b"'))).to.equal(false);
    expect(pattern.push(chunk({ content: 'a' }, { turn: 1 }))).to.equal(true);
  });

  it('learns nothing from a chunk that does more than say one text', () => {
    for (const taught of [
      chunk({ content: 'a', reasoning: 'b' }),
      chunk({ content: 'a', tool_calls: [{ index: 0 }] }),
      chunk({ content: 'a' }).replace('"a"', '"a","content":"b"'),
      JSON.stringify({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] }),
      JSON.stringify({
        choices: [
          { index: 1, delta: { content: 'a' } },
          { index: 0, delta: { content: 'b' } },
        ],
      }),
      `\u00a0${chunk({ content: 'a' })}`,
      JSON.stringify({ content: 'a', choices: [{ index: 0, delta: { content: 'b' } }] }),
    ]) {
      const { pattern } = listen();
      pattern.learn(taught);
      expect(pattern.push(taught), taught).to.equal(false);
    }
  });

  it('learns no more where it is in vain', () => {
    const { pattern } = listen();
    const event = chunk({ content: 'a' });
    for (let count = 0; count < 8; count += 1) pattern.learn(event);
    expect(pattern.push(event)).to.equal(true);
    pattern.learn(event);
    expect(pattern.push(event)).to.equal(false);
  });

  it('keeps nothing of a long chunk', () => {
    const { pattern } = listen();
    const event = chunk({ content: 'a'.repeat(5000) });
    pattern.learn(event);
    expect(pattern.push(event)).to.equal(false);
  });

  it('changes nothing of what any answer comes to', () => {
    const word = fc.constantFrom(
      'a',
      ' the',
      '"',
      '\\',
      '\n',
      '–',
      '😀',
      '\u007f',
      'a text of more than a few letters',
      '<think>',
      '</think>',
      '{',
      '',
    );
    const field = fc.oneof(word, fc.constantFrom(null, 7, ['b'], [{ type: 'text', text: 'b' }]));
    const part = fc.record(
      {
        role: word,
        content: field,
        refusal: field,
        reasoning: field,
        reasoning_content: field,
        tool_calls: fc.constantFrom(null, [], [{ index: 0, id: 'i', function: { name: 'n', arguments: '{}' } }]),
      },
      { requiredKeys: [] },
    );
    const choice = fc.record(
      {
        index: fc.constantFrom(0, 1, '0'),
        delta: part,
        message: part,
        text: word,
        finish_reason: fc.constantFrom(null, '', 'stop', 'length', 'error'),
      },
      { requiredKeys: [] },
    );
    const usage = fc.constantFrom(null, { prompt_tokens: 3, completion_tokens: 1 }, { prompt_tokens: 2, completion_tokens: 9 });
    const usual = fc.constantFrom(
      { choices: [{ index: 0, delta: { content: 'X' }, finish_reason: null }] },
      { choices: [{ delta: { content: 'X' } }], usage: { prompt_tokens: 5 } },
      { choices: [{ message: { content: 'X' } }] },
    );
    const payload = fc.oneof(
      usual,
      usual,
      fc.record(
        { error: fc.constantFrom(null, '', 'out of order'), choices: fc.array(choice, { maxLength: 2 }), usage },
        { requiredKeys: ['choices'] },
      ),
    );
    const written = fc.tuple(payload, fc.constantFrom(0, 1)).map(([value, space]) => JSON.stringify(value, null, space));
    /** The same chunk several times over, each with texts of its own. */
    const alike = fc
      .tuple(written, fc.array(word, { minLength: 1, maxLength: 5 }))
      .map(([event, texts]) => texts.map((text) => event.replaceAll(/"(?:X|a| the)"/g, () => JSON.stringify(text))));
    const remark = fc.constantFrom(
      ['[DONE]'],
      [': ping'],
      ['ping'],
      ['busy'],
      [''],
      ['{"choices":'],
      ['{"choices":[{"delta":{"content":"a","content":"b"}}]}'],
    );
    const events = fc
      .array(fc.oneof({ weight: 6, arbitrary: alike }, { weight: 1, arbitrary: remark }), { maxLength: 6 })
      .map((parts) => parts.flat());
    const names = fc.array(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(undefined, 'message') }, { weight: 1, arbitrary: fc.constant('error') }),
    );
    fc.assert(
      fc.property(events, names, (all, named) => {
        expect(readAll(all, named)).to.deep.equal(readAll(all.map(unlearned), named));
      }),
      { numRuns: 2000 },
    );
  });
});
