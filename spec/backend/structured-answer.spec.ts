import { expect } from 'chai';
import * as fc from 'fast-check';
import * as t from 'io-ts';
import { EMPTY, from } from 'rxjs';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { readStructuredAnswer, type AnswerFault, type AnswerSignal } from '../../lib/backend/structured-answer.js';
import { objectCodec } from '../../lib/domain/object-codec.js';

const Note = objectCodec('Note', { thought: t.string, n: t.number }, { name: t.string });
type Note = t.TypeOf<typeof Note>;

type Signal = AnswerSignal<{ readonly type: 'value'; readonly value: Note }>;

interface Outcome {
  readonly signals: readonly Signal[];
  /** The tokens of the last attempt, joined by channel. */
  readonly texts: Readonly<Record<string, string>>;
  readonly attempts: readonly number[];
  readonly value: Note | undefined;
  readonly fault: AnswerFault | undefined;
}

const read = (chunks: readonly (string | LLMChunk)[]): Outcome => {
  const signals: Signal[] = [];
  let fault: AnswerFault | undefined;
  from(chunks.map((chunk): LLMChunk => (typeof chunk === 'string' ? { type: 'text', text: chunk } : chunk)))
    .pipe(
      readStructuredAnswer({
        codec: Note,
        attempt: 1,
        maxTokens: 1024,
        conclude: (value) => ({ type: 'value' as const, value }),
        repair: (found) => {
          fault = found;
          return EMPTY;
        },
      }),
    )
    .subscribe((signal) => signals.push(signal));
  const tokens = signals.flatMap((signal) => (signal.type === 'token' ? [signal] : []));
  const last = tokens.at(-1)?.attempt;
  const texts: Record<string, string> = {};
  for (const { attempt, channel, token } of tokens) if (attempt === last) texts[channel] = (texts[channel] ?? '') + token;
  const value = signals.flatMap((signal) => (signal.type === 'value' ? [signal.value] : []))[0];
  return { signals, texts, attempts: [...new Set(tokens.map(({ attempt }) => attempt))], value, fault };
};

const length: LLMChunk = { type: 'finish', reason: 'length' };

describe('readStructuredAnswer', () => {
  it('gives the text fields as they form and the value at the end', () => {
    expect(read(['{"tho', 'ught":"a', '\\u00', 'e9b","n":1', '}']).signals).to.deep.equal([
      { type: 'token', channel: 'thought', token: 'a', attempt: 1 },
      { type: 'token', channel: 'thought', token: 'éb', attempt: 1 },
      { type: 'value', value: { thought: 'aéb', n: 1 } },
    ]);
  });

  it('takes no JSON out of a leading block of reasoning, wherever it is cut', () => {
    const answer = '<think>{"thought":"decoy","n":1}</think>\n{"thought":"real","n":2}';
    for (let cut = 0; cut < answer.length; cut += 1) {
      expect(read([answer.slice(0, cut), answer.slice(cut)])).to.deep.include({
        value: { thought: 'real', n: 2 },
        texts: { reasoning: '{"thought":"decoy","n":1}', thought: 'real' },
        attempts: [1],
      });
    }
    expect(read(['<think>{"thought":"decoy","n":1}']).fault).to.deep.include({ received: '' });
  });

  it('forgets an open block of reasoning at a restart', () => {
    expect(read(['<think>Hm', { type: 'restart' }, '{"thought":"a","n":1}']).value).to.deep.equal({ thought: 'a', n: 1 });
  });

  it('takes the JSON out of fences and prose', () => {
    expect(read(['Here {it} is:\n```json\n{"thought":"a","n":1}\n``` {"thought":"b","n":2}'])).to.deep.include({
      value: { thought: 'a', n: 1 },
      texts: { thought: 'a' },
      attempts: [1],
    });
  });

  it('takes no notice of what follows the value', () => {
    const { signals } = read(['{"thought":"a","n":1}', '{"thought":"b",', '"n":2} {"thought":"c"']);
    expect(signals).to.deep.equal([
      { type: 'token', channel: 'thought', token: 'a', attempt: 1 },
      { type: 'value', value: { thought: 'a', n: 1 } },
    ]);
  });

  it('goes on after an object that does not decode, and under a new attempt', () => {
    expect(read(['{"thought":"decoy","name":"x"} or {"thought":"real","n":1}'])).to.deep.include({
      value: { thought: 'real', n: 1 },
      texts: { thought: 'real' },
      attempts: [1, 2],
    });
  });

  it('goes on after a false start that had said something', () => {
    expect(read(['{"thought":"dec', 'oy" oops {"thought":"real","n":1}'])).to.deep.include({
      value: { thought: 'real', n: 1 },
      texts: { thought: 'real' },
      attempts: [1, 2],
    });
  });

  it('takes the last of a key that comes twice, and says the other fields again', () => {
    expect(read(['{"name":"look","thought":"a","n":1,', '"thought":"b"}'])).to.deep.include({
      value: { name: 'look', thought: 'b', n: 1 },
      texts: { name: 'look', thought: 'b' },
      attempts: [1, 2],
    });
    expect(read(['{"thought":"a","n":1,"thought":""}'])).to.deep.include({ value: { thought: '', n: 1 }, texts: { thought: '' } });
  });

  it('drops the nulls of optional properties', () => {
    expect(read(['{"thought":"a","n":1,"name":null}']).value).to.deep.equal({ thought: 'a', n: 1 });
  });

  it('passes reasoning and usage on and takes no notice of tool calls', () => {
    const usage: LLMChunk = { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } };
    const call: LLMChunk = { type: 'tool_call', id: '1', name: 'look', params: {} };
    expect(
      read([{ type: 'reasoning', text: 'Hm' }, { type: 'reasoning', text: '' }, call, '{"thought":"","n":1}', usage]).signals,
    ).to.deep.equal([
      { type: 'token', channel: 'reasoning', token: 'Hm', attempt: 1 },
      usage,
      { type: 'value', value: { thought: '', n: 1 } },
    ]);
  });

  it('forgets everything before a restart', () => {
    expect(read(['{"thought":"a","n":1}', length, { type: 'restart' }, '{"thought":"b","n":2}'])).to.deep.include({
      value: { thought: 'b', n: 2 },
      texts: { thought: 'b' },
      attempts: [1, 2],
    });
    const undone = read(['{"thought":"a","n":1}', length, { type: 'restart' }, 'No.']);
    expect(undone).to.deep.include({
      value: undefined,
      fault: { issues: ['there is no JSON object in the answer'], received: 'No.', attempt: 2, heard: { channel: 'thought', attempt: 1 } },
    });
  });

  const faults: readonly (readonly [name: string, chunks: readonly (string | LLMChunk)[], issues: readonly string[]])[] = [
    ['no object', ['Sorry.'], ['there is no JSON object in the answer']],
    ['no answer', [], ['there is no JSON object in the answer']],
    ['what does not decode', ['{"thought":5,"n":1}'], ['/thought: expected string, got 5']],
    ['an object that is not complete', ['{"thought":"a"'], ['the JSON object is not complete']],
    [
      'an answer that was cut off',
      ['{"thought":"a', length],
      ['the answer was cut off at its limit of 1024 tokens (maxTokens)', 'the JSON object is not complete'],
    ],
    [
      'another reason of the end',
      ['', { type: 'finish', reason: 'content_filter' }],
      ['the answer ended for the reason "content_filter"', 'there is no JSON object in the answer'],
    ],
    [
      'an answer that was cut off behind an object that looks whole',
      ['{"thought":"a","n":1}', length],
      ['the answer was cut off at its limit of 1024 tokens (maxTokens)'],
    ],
    [
      'an answer that a filter cut off behind such an object',
      ['{"thought":"a","n":1}', { type: 'finish', reason: 'content_filter' }],
      ['the answer ended for the reason "content_filter"'],
    ],
    [
      'an answer that was salvaged behind such an object',
      ['{"thought":"a","n":1}', { type: 'finish', reason: 'salvaged' }],
      ['the answer ended for the reason "salvaged"'],
    ],
    ['a grammar that is broken', ['{"thought":"a",}'], ['the JSON object is not sound: expected a key in quotes, got "}"']],
    ['the last object that was whole rather than a false start', ['{"thought":5,"n":1} {"n" {'], ['/thought: expected string, got 5']],
  ];
  for (const [name, chunks, issues] of faults) {
    it(`tells of ${name}`, () => {
      const { fault, value } = read(chunks);
      expect(value).to.equal(undefined);
      expect(fault?.issues).to.deep.equal(issues);
      expect(fault?.received).to.equal(chunks.filter((chunk) => typeof chunk === 'string').join(''));
    });
  }

  it('tells of what only JSON.parse sees', () => {
    expect(read(['{"thought":"a\nb","n":1}']).fault?.issues.join()).to.match(/^the JSON object is not sound: .*control character/i);
    expect(read(['{"thought":"","n":[1,]}']).fault?.issues.join()).to.match(/^the JSON object is not sound: /);
  });

  it('takes no value from an answer that was cut off after it: nobody knows whether it was the one that was meant', () => {
    const { value, fault } = read(['{"thought":"a","n":1} and', length]);
    expect(value).to.equal(undefined);
    expect(fault?.issues.join()).to.match(/^the answer was cut off at its limit of \d+ tokens \(maxTokens\)$/);
  });

  it('gives the same value and the same texts at every cut', () => {
    const text =
      'So {this}: {"thought":"decoy"} ```{"thought":"d\\u00e9j\\u00e0 \\ud83d\\ude00 \\"vu\\" 😀","n":1,"name":"a","name":"look"}```';
    const whole = read([text]);
    expect(whole.texts).to.deep.equal({ thought: 'déjà 😀 "vu" 😀', name: 'look' });
    for (let first = 0; first <= text.length; first += 1) {
      const { value, texts } = read([text.slice(0, first), text.slice(first, first + 3), text.slice(first + 3)]);
      expect(value).to.deep.equal(whole.value);
      expect(texts).to.deep.equal(whole.texts);
    }
  });

  it('says in its last attempt what the value holds, whatever comes before it', () => {
    const note = fc.record({ thought: fc.string(), n: fc.integer(), name: fc.string({ minLength: 1 }) });
    const before = fc.array(fc.oneof(fc.string(), fc.constantFrom('{"thought":"x"}', '{"thought":"y",', '{', '"')), { maxLength: 15 });
    fc.assert(
      fc.property(before, note, fc.integer({ min: 1, max: 9 }), (prose, said, size) => {
        const text = prose.join(' ') + JSON.stringify(said);
        const { value, texts, fault } = read(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []);
        // Prose that opens a text or an object swallows what follows; that is a fault then.
        if (value === undefined) expect(fault).not.to.equal(undefined);
        else expect({ thought: '', name: '', ...texts }).to.deep.equal({ thought: value.thought, name: value.name ?? '' });
      }),
      { numRuns: 500 },
    );
  });
});
