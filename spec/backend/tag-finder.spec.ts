import { expect } from 'chai';
import * as fc from 'fast-check';
import { createTagFinder, type FoundTag } from '../../lib/backend/tag-finder.js';

/** Where the first tag is in a text that comes in pieces; what was only a part comes again. */
const find = (...pieces: readonly string[]): FoundTag => {
  const finder = createTagFinder();
  let before = 0;
  let held = '';
  for (const piece of pieces) {
    const text = held + piece;
    const { found, at } = finder.find(text);
    if (found === 'opener' || found === 'closer') return { found, at: before + at };
    before += at;
    held = text.slice(at);
  }
  return { found: held === '' ? 'nothing' : 'part', at: before };
};

describe('createTagFinder', () => {
  it('finds the first tag', () => {
    expect(find('a <b> </think> <think>')).to.deep.equal({ found: 'closer', at: 6 });
    expect(find('a <think> </think>')).to.deep.equal({ found: 'opener', at: 2 });
    expect(find('a </thinking')).to.deep.equal({ found: 'nothing', at: 12 });
  });

  it('tells what may become one', () => {
    for (const part of ['<', '</', '<thin', '</think']) expect(find(`a ${part}`), part).to.deep.equal({ found: 'part', at: 2 });
  });

  it('finds none in code, and those after it', () => {
    expect(find('`</think>` </think>').at).to.equal(11);
    expect(find('``` </think>\n``</think>\n```` </think>').at).to.equal(29);
    expect(find('a ` lone\n</think>').at).to.equal(9);
  });

  it('finds none in JSON at the beginning, and those after it', () => {
    expect(find(' {"a":"}</think>"} </think>').at).to.equal(19);
    expect(find('```json\n{"a":"``` </think>"}\n``` </think>').at).to.equal(33);
    expect(find('so {"a":"</think>').found).to.equal('closer');
    expect(find('`\n{"a":"</think>').found).to.equal('closer');
  });

  it('finds the same wherever the text is cut', () => {
    const text = fc.array(fc.constantFrom('a', '\n', '`', '```', '<think>', '</think>', '<', '</th', '{', '}', '"', ' '), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 5 }), (words, size) => {
        const whole = words.join('');
        const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.slice(at * size, (at + 1) * size));
        expect(find(...pieces)).to.deep.equal(find(whole));
      }),
      { numRuns: 2000 },
    );
  });
});
