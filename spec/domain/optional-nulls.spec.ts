import { expect } from 'chai';
import * as t from 'io-ts';
import { withSchema } from '../../lib/domain/json-schema.js';
import { objectCodec } from '../../lib/domain/object-codec.js';
import { dropOptionalNulls } from '../../lib/domain/optional-nulls.js';

const Note = objectCodec('Note', { text: t.string }, { author: t.string });

describe('dropOptionalNulls', () => {
  const cases: readonly (readonly [name: string, codec: t.Mixed, value: unknown, dropped: unknown])[] = [
    ['the null of an optional property', Note, { text: 'a', author: null }, { text: 'a' }],
    ['nothing that is required', Note, { text: null, author: 'b' }, { text: null, author: 'b' }],
    ['no null that the codec accepts', t.partial({ a: t.union([t.string, t.null]) }), { a: null }, { a: null }],
    ['the null of a property that may be undefined', t.type({ a: t.union([t.string, t.undefined]) }), { a: null }, {}],
    ['no null that such a property accepts', t.type({ a: t.union([t.null, t.undefined]) }), { a: null }, { a: null }],
    ['nulls in arrays', t.array(Note), [{ text: 'a', author: null }, 5], [{ text: 'a' }, 5]],
    ['nulls in records', t.record(t.string, Note), { x: { text: 'a', author: null } }, { x: { text: 'a' } }],
    ['nulls in properties', t.type({ note: Note }), { note: { text: 'a', author: null } }, { note: { text: 'a' } }],
    ['nulls under a refinement', t.refinement(Note, () => true), { text: 'a', author: null }, { text: 'a' }],
    ['nulls of a codec with its own schema', withSchema(Note, {}), { text: 'a', author: null }, { text: 'a' }],
    [
      'as the member of a union has it that then accepts',
      t.union([t.strict({ kind: t.literal('x') }), t.intersection([t.type({ kind: t.literal('y') }), t.partial({ a: t.string })])]),
      { kind: 'y', a: null },
      { kind: 'y' },
    ],
    ['nothing where no member of a union accepts', t.union([Note, t.null]), { author: null }, { author: null }],
    ['nothing of what the codec does not know', Note, { text: 'a', other: null }, { text: 'a', other: null }],
    ['nothing where the value is of another kind', Note, [null], [null]],
  ];
  for (const [name, codec, value, dropped] of cases) {
    it(`drops ${name}`, () => {
      expect(dropOptionalNulls(codec, value)).to.deep.equal(dropped);
    });
  }

  it('changes no value, and returns it as it is where there is nothing to drop', () => {
    const value = Object.freeze({ notes: Object.freeze([Object.freeze({ text: 'a', author: 'b' })]) });
    expect(dropOptionalNulls(t.type({ notes: t.array(Note) }), value)).to.equal(value);
    const withNull = Object.freeze({ text: 'a', author: null });
    expect(dropOptionalNulls(Note, withNull)).to.deep.equal({ text: 'a' });
    expect(withNull).to.deep.equal({ text: 'a', author: null });
  });

  it('keeps a key __proto__ a key', () => {
    const value: unknown = JSON.parse('{"text":"a","author":null,"__proto__":{"polluted":true}}');
    const dropped = dropOptionalNulls(Note, value);
    expect(JSON.stringify(dropped)).to.equal('{"text":"a","__proto__":{"polluted":true}}');
    expect(dropped).not.to.have.property('polluted');
  });
});
