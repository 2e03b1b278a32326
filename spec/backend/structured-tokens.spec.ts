import { expect } from 'chai';
import { createStructuredTokens, type StructuredTokens, type StructuredTokensConfig } from '../../lib/backend/structured-tokens.js';

/** What is said while `use` uses the tokens, as `attempt channel:token`. */
const said = (use: (tokens: StructuredTokens) => void, config: Partial<StructuredTokensConfig> = {}): readonly string[] =>
  told(use, config).filter((line) => !line.includes(' void: '));

/** The same with the attempts that are void, as `attempt void: reason`. */
const told = (use: (tokens: StructuredTokens) => void, config: Partial<StructuredTokensConfig> = {}): readonly string[] => {
  const seen: string[] = [];
  const tokens = createStructuredTokens(
    { attempt: 1, ...config },
    ({ attempt, channel, token }) => seen.push(`${attempt} ${channel}:${token}`),
    (dropped, reason) => seen.push(`${dropped} void: ${reason}`),
  );
  use(tokens);
  return seen;
};

describe('createStructuredTokens', () => {
  it('says texts as they come, under one attempt', () => {
    expect(
      said((tokens) => {
        tokens.sayReasoning('Hm');
        tokens.sayField('thought', 'a');
        tokens.sayField('thought', 'b');
        tokens.settle();
      }),
    ).to.deep.equal(['1 reasoning:Hm', '1 thought:a', '1 thought:b']);
  });

  it('says again what still holds once something void is replaced', () => {
    expect(
      said((tokens) => {
        tokens.sayReasoning('Hm');
        tokens.sayField('name', 'lo');
        tokens.sayField('name', 'ok');
        tokens.sayField('thought', 'a');
        tokens.voidField('thought');
        tokens.sayField('thought', 'b');
        tokens.settle();
      }),
    ).to.deep.equal(['1 reasoning:Hm', '1 name:lo', '1 name:ok', '1 thought:a', '2 reasoning:Hm', '2 name:look', '2 thought:b']);
  });

  it('raises no attempt where nothing was said', () => {
    expect(
      said((tokens) => {
        tokens.voidFields();
        tokens.voidField('thought');
        tokens.sayField('thought', 'a');
        tokens.settle();
      }),
    ).to.deep.equal(['1 thought:a']);
  });

  it('raises it once for what is void twice', () => {
    expect(
      said((tokens) => {
        tokens.sayField('thought', 'a');
        tokens.voidField('thought');
        tokens.voidFields();
        tokens.sayField('thought', 'b');
      }),
    ).to.deep.equal(['1 thought:a', '2 thought:b']);
  });

  it('leaves nothing void standing when the answer is whole', () => {
    expect(
      said((tokens) => {
        tokens.sayField('name', 'look');
        tokens.sayField('thought', 'a');
        tokens.voidField('thought');
        tokens.settle();
        tokens.settle();
      }),
    ).to.deep.equal(['1 name:look', '1 thought:a', '2 name:look']);
    expect(
      said((tokens) => {
        tokens.sayField('thought', 'a');
        tokens.voidFields();
        tokens.settle();
      }),
    ).to.deep.equal(['1 thought:a', '2 thought:']);
  });

  it('begins anew at a restart', () => {
    expect(
      said((tokens) => {
        tokens.restart('anew');
        tokens.sayReasoning('Hm');
        tokens.sayField('thought', 'a');
        tokens.restart('anew');
        tokens.sayField('thought', 'b');
        expect(tokens.attempt()).to.equal(3);
      }),
    ).to.deep.equal(['2 reasoning:Hm', '2 thought:a', '3 thought:b']);
  });

  it('tells of each attempt that is void, before anything of the next', () => {
    expect(
      told((tokens) => {
        tokens.sayField('name', 'look');
        tokens.sayField('thought', 'a');
        tokens.voidField('thought');
        tokens.sayField('thought', 'b');
        tokens.restart('the line broke');
        tokens.restart('and again');
        tokens.sayField('thought', 'c');
        tokens.settle();
      }),
    ).to.deep.equal([
      '1 name:look',
      '1 thought:a',
      '1 void: a part of the answer was taken back: what still holds of it is said again',
      '2 name:look',
      '2 thought:b',
      '2 void: the line broke',
      '3 void: and again',
      '4 thought:c',
    ]);
  });

  it('says the chosen fields alone, and counts what is void among those', () => {
    expect(
      said(
        (tokens) => {
          tokens.sayField('thought', 'a');
          tokens.voidField('thought');
          tokens.sayField('name', 'look');
          tokens.settle();
        },
        { channels: ['thought'] },
      ),
    ).to.deep.equal(['1 thought:a', '2 thought:']);
  });

  it('takes back what an answer before it said, and what a restart made void, where nothing replaces it', () => {
    const heard = { channel: 'thought', attempt: 1 };
    expect(said((tokens) => tokens.settle(), { attempt: 2, heard })).to.deep.equal(['2 thought:']);
    expect(said((tokens) => tokens.settle(), { attempt: 2 })).to.deep.equal([]);
    expect(
      said((tokens) => {
        tokens.sayField('thought', 'a');
        tokens.restart('anew');
        tokens.settle();
        tokens.settle();
      }),
    ).to.deep.equal(['1 thought:a', '2 thought:']);
    expect(
      said(
        (tokens) => {
          tokens.sayReasoning('Hm');
          tokens.settle();
        },
        { attempt: 2, heard },
      ),
    ).to.deep.equal(['2 reasoning:Hm']);
  });

  it('says no half of a surrogate pair of the reasoning', () => {
    expect(
      said((tokens) => {
        tokens.sayReasoning('a\ud83d');
        tokens.sayReasoning('\ude00');
        tokens.sayReasoning('\ud83d');
        tokens.restart('anew');
        tokens.sayReasoning('b\ud83d');
        tokens.settle();
      }),
    ).to.deep.equal(['1 reasoning:a', '1 reasoning:😀', '2 reasoning:b', '2 reasoning:\ufffd']);
  });

  it('goes quiet after ten changes of mind, and says the rest at the end', () => {
    const seen = said((tokens) => {
      for (let index = 0; index < 100; index += 1) {
        tokens.sayField('thought', `${index}`);
        tokens.voidFields();
      }
      tokens.sayField('thought', 'last');
      tokens.settle();
    });
    expect(seen).to.deep.equal([...Array.from({ length: 11 }, (_, index) => `${index + 1} thought:${index}`), '12 thought:last']);
  });
});
