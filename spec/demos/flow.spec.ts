import { expect } from 'chai';
import * as fc from 'fast-check';
import { flow, flowStart, labelledLine, widthOf, type FlowPosition } from '../../demos/find-symbol/flow.js';
import { LABEL, noPaint } from '../../demos/find-symbol/paint.js';
import { rowsOf } from './terminal-rows.js';

const behindLabel = ' '.repeat(LABEL);

const flowAll = (tokens: readonly string[], columns: number): string =>
  tokens.reduce<FlowPosition & { text: string }>(
    (before, token) => {
      const next = flow(token, before, columns);
      return { ...next, text: before.text + next.text };
    },
    { ...flowStart, text: '' },
  ).text;

const character = fc.constantFrom('a', 'b', 'Z', '.', 'é', '漢', '😀', '▰');
const word = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: character, minLength: 1, maxLength: 14 }) },
  { weight: 1, arbitrary: fc.string({ unit: character, minLength: 20, maxLength: 120 }) },
);
const words = fc.array(word, { minLength: 1, maxLength: 40 });
const columns = fc.constantFrom(40, 80, 100);

/** A text in tokens that end anywhere, in the middle of words too. */
const tokens = fc.tuple(words, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 })).map(([all, lengths]) => {
  const rest = Array.from(all.join(' '));
  const cut: string[] = [];
  while (rest.length > 0) cut.push(rest.splice(0, lengths[cut.length % lengths.length]).join(''));
  return cut;
});

describe('flow', () => {
  it('keeps rows within the terminal and begins them at the column of the texts, whatever the tokens', () => {
    fc.assert(
      fc.property(tokens, columns, (given, width) => {
        const rows = rowsOf(behindLabel + flowAll(given, width));
        for (const row of rows) {
          expect(widthOf(row)).to.be.below(width);
          expect(row).to.match(new RegExp(`^ {${LABEL}}[^ ]`));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('shows the same rows as of the whole text, and breaks no word that fits on a row', () => {
    fc.assert(
      fc.property(tokens, columns, (given, width) => {
        const rows = rowsOf(behindLabel + flowAll(given, width)).map((row) => row.trim());
        const whole = rowsOf(behindLabel + flowAll([given.join('')], width)).map((row) => row.trim());
        expect(rows).to.deep.equal(whole);
        const shown = new Set(rows.flatMap((row) => row.split(' ')));
        const fitting = given
          .join('')
          .split(' ')
          .filter((each) => widthOf(each) < width - LABEL);
        expect(fitting.filter((each) => !shown.has(each))).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });

  it('takes what is written of a word along to the next row', () => {
    const first = flow('a text of some wo', flowStart, 33);
    expect(first.text).to.equal('a text of some wo');
    expect(flow('rds', first, 33).text).to.equal(`\u001b[2D\u001b[K\n${' '.repeat(LABEL)}words`);
  });

  it('breaks a word that is longer than a row at its end', () => {
    expect(rowsOf(behindLabel + flowAll(['a ', 'bbbb', 'bbbb', 'bbbb', 'cc'], LABEL + 9)).map((row) => row.trim())).to.deep.equal([
      'a',
      'bbbbbbbb',
      'bbbbcc',
    ]);
  });
});

describe('labelledLine', () => {
  const text = 'a text of so many words that it takes more than one row';

  it('is one line where no width is given', () => {
    expect(labelledLine('answer', text, { paint: noPaint })).to.equal(`  answer      ${text}`);
  });

  it('flows where one is, with nothing to erase', () => {
    const line = labelledLine('answer', text, { paint: noPaint, columns: 40 });
    expect(line.split('\n')).to.deep.equal([
      '  answer      a text of so many words ',
      '              that it takes more than ',
      '              one row',
    ]);
  });
});
