import { expect } from 'chai';
import * as fc from 'fast-check';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { splitReasoning } from '../../lib/backend/split-reasoning.js';

const split = (...pieces: readonly string[]): LLMChunk[] => {
  const chunks: LLMChunk[] = [];
  const splitter = splitReasoning((chunk) => chunks.push(chunk));
  for (const piece of pieces) splitter.pushText(piece);
  splitter.end();
  return chunks;
};

const piecesOf = (text: string): readonly string[] => text.match(/[^]{1,4}/g) ?? [];

/** What has been said before the end. */
const said = (...pieces: readonly string[]): string => {
  const splitter = splitReasoning(() => undefined);
  for (const piece of pieces) splitter.pushText(piece);
  return splitter.said;
};

/** What is left of the chunks when each `restart` has voided those before it. */
const heard = (chunks: readonly LLMChunk[]): { text: string; reasoning: string } => {
  const valid = chunks.slice(chunks.findLastIndex(({ type }) => type === 'restart') + 1);
  const join = (wanted: string): string => valid.map((chunk) => (chunk.type === wanted && 'text' in chunk ? chunk.text : '')).join('');
  return { text: join('text'), reasoning: join('reasoning') };
};

const cutsOf = (text: string): fc.Arbitrary<string[]> =>
  fc.array(fc.nat(text.length), { maxLength: 12 }).map((cuts) => {
    const at = [0, ...cuts.sort((one, other) => one - other), text.length];
    return at.slice(1).map((end, index) => text.slice(at[index], end));
  });

const itReadsAlike = (text: string, expected: { text: string; reasoning: string }): void => {
  expect(heard(split(text))).to.deep.equal(expected);
  expect(heard(split(...Array.from(text)))).to.deep.equal(expected);
  fc.assert(
    fc.property(cutsOf(text), (pieces) => {
      expect(heard(split(...pieces))).to.deep.equal(expected);
    }),
  );
};

describe('splitReasoning', () => {
  it('passes each piece of plain text through as it comes', () => {
    expect(split('Hel', 'lo', ' you')).to.deep.equal([
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'text', text: ' you' },
    ]);
  });

  it('takes what stands between the tags at the start for reasoning, wherever they are cut', () => {
    itReadsAlike('\n <think>why < </b> not</think>\n\nSo be it.', { reasoning: 'why < </b> not', text: 'So be it.' });
  });

  it('streams reasoning while it thinks', () => {
    expect(split('<think>a', 'b', 'c</think>d')).to.deep.equal([
      { type: 'reasoning', text: 'a' },
      { type: 'reasoning', text: 'b' },
      { type: 'reasoning', text: 'c' },
      { type: 'text', text: 'd' },
    ]);
  });

  it('takes reasoning without an end for reasoning', () => {
    itReadsAlike('<think>and then nothing </thi', { reasoning: 'and then nothing </thi', text: '' });
  });

  it('leaves an opening tag in the middle alone', () => {
    itReadsAlike('Write <think>x</think> like this.', { text: 'Write <think>x</think> like this.', reasoning: '' });
  });

  it('gives out the beginning of a tag that never came', () => {
    itReadsAlike(' <thin', { text: ' <thin', reasoning: '' });
    itReadsAlike('<p>\n</thin', { text: '<p>\n</thin', reasoning: '' });
  });

  it('takes everything before a lone closing tag for reasoning', () => {
    itReadsAlike('First I look.\nThen I act.\n</think> \r\n\n{"a":1}', { reasoning: 'First I look.\nThen I act.\n', text: '{"a":1}' });
    itReadsAlike('Only thoughts.\n</think>', { reasoning: 'Only thoughts.\n', text: '' });
    itReadsAlike('</think>\n\nHello', { reasoning: '', text: 'Hello' });
  });

  it('takes back what it said when a lone closing tag comes late', () => {
    expect(split('Hm', '.\n', '</think>\n', 'Yes')).to.deep.equal([
      { type: 'text', text: 'Hm' },
      { type: 'text', text: '.\n' },
      { type: 'restart' },
      { type: 'reasoning', text: 'Hm.\n' },
      { type: 'text', text: 'Yes' },
    ]);
  });

  it('takes back nothing when nothing was said', () => {
    expect(split('Hm.\n</think>\nYes')).to.deep.equal([
      { type: 'reasoning', text: 'Hm.\n' },
      { type: 'text', text: 'Yes' },
    ]);
  });

  it('takes the first closing tag for one wherever it stands', () => {
    itReadsAlike('I think so.</think>\n\nAnswer </think> it', { reasoning: 'I think so.', text: 'Answer </think> it' });
    itReadsAlike('a\n</think> b', { reasoning: 'a\n', text: 'b' });
    itReadsAlike('a `<b>` and a lone ` too\n{"x": 1}</think>b', { reasoning: 'a `<b>` and a lone ` too\n{"x": 1}', text: 'b' });
    itReadsAlike('```\nx\n```\na</think>b', { reasoning: '```\nx\n```\na', text: 'b' });
    itReadsAlike('{"a":1}\nor so</think>{"a":2}', { reasoning: '{"a":1}\nor so', text: '{"a":2}' });
  });

  it('takes a closing tag in code or in the JSON of an answer for text', () => {
    for (const text of [
      '{"thought":"a\\n</think>\\n","name":"x"}',
      '\n {"thought":"\\"</think>',
      '```json\n{"a":"```\n</think>"}\n```',
      '```\n</think>\n```\nb',
      '~ ````\n```\n</think>\n````\nb',
      'It ends with `</think>`, or with `` `</think>` ``.',
    ]) {
      itReadsAlike(text, { text, reasoning: '' });
    }
  });

  it('holds back no more than a tag, and little white space before the answer', () => {
    expect(said(' '.repeat(60))).to.equal('');
    expect(said(...Array.from(' '.repeat(100)))).to.equal(' '.repeat(100));
    expect(said('a</think', '\n')).to.equal('a</think\n');
    expect(said('a\n', ' '.repeat(9), '</thi')).to.equal(`a\n${' '.repeat(9)}`);
    itReadsAlike(`${' '.repeat(100)}<think>a</think>b`, { text: `${' '.repeat(100)}b`, reasoning: 'a' });
  });

  it('reads 400 KB of white space and of tags in code, in pieces of four characters', () => {
    const blanks = '    '.repeat(50_000);
    const tags = '</think>\n'.repeat(22_000);
    expect(heard(split(...piecesOf(blanks)))).to.deep.equal({ text: blanks, reasoning: '' });
    expect(heard(split(...piecesOf(`a\n</think>${blanks}b`)))).to.deep.equal({ text: 'b', reasoning: 'a\n' });
    expect(heard(split(...piecesOf(`<think>a</think>${blanks}b`)))).to.deep.equal({ text: 'b', reasoning: 'a' });
    expect(heard(split(...piecesOf(`\`\`\`\n${tags}`)))).to.deep.equal({ text: `\`\`\`\n${tags}`, reasoning: '' });
  });

  it('looks for no lone closing tag after an opening one', () => {
    itReadsAlike('<think>a</think>b\n</think>\nc', { reasoning: 'a', text: 'b\n</think>\nc' });
  });

  it('looks for no lone closing tag where the server tells reasoning apart by itself', () => {
    const chunks: LLMChunk[] = [];
    const splitter = splitReasoning((chunk) => chunks.push(chunk));
    splitter.pushReasoning('hm');
    splitter.pushText('a\n</think>\nb');
    splitter.end();
    expect(chunks).to.deep.equal([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'a\n</think>\nb' },
    ]);
  });

  it('loses and adds nothing of any text without tags', () => {
    const text = fc.array(fc.constantFrom('a', '\n', '<', '</', ' ', 'think>', '```', 'é', '😀'), { maxLength: 30 });
    fc.assert(
      fc.property(text, (pieces) => {
        const whole = pieces.join('');
        fc.pre(!whole.includes('<think>') && !whole.includes('</think>'));
        expect(heard(split(...pieces))).to.deep.equal({ text: whole, reasoning: '' });
      }),
    );
  });

  it('keeps what it has said', () => {
    const splitter = splitReasoning(() => undefined);
    splitter.pushText('<think>a</think>b');
    splitter.pushText('c');
    expect(splitter.said).to.equal('bc');
    expect(said('Hm.\n', '</think>', 'Yes')).to.equal('Yes');
  });
});
