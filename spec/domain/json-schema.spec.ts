import { Ajv } from 'ajv';
import { expect } from 'chai';
import * as fc from 'fast-check';
import * as t from 'io-ts';
import { isRight } from 'fp-ts/lib/Either.js';
import { Action } from '../../lib/domain/action.js';
import { decode } from '../../lib/domain/decode.js';
import { JsonRecord } from '../../lib/domain/json.js';
import { jsonSchema, withSchema } from '../../lib/domain/json-schema.js';
import { objectCodec } from '../../lib/domain/object-codec.js';
import { dropOptionalNulls } from '../../lib/domain/optional-nulls.js';
import { Confidence, Phi } from '../../lib/domain/purpose-score.js';

/** A codec and values of it, with `null` where an optional property is left out. */
interface Shape {
  readonly codec: t.Mixed;
  readonly value: fc.Arbitrary<unknown>;
}

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const leaf: fc.Arbitrary<Shape> = fc.constantFrom<Shape>(
  { codec: t.string, value: fc.string() },
  { codec: t.number, value: number },
  { codec: t.Int, value: fc.integer() },
  { codec: t.boolean, value: fc.boolean() },
  { codec: t.null, value: fc.constant(null) },
  { codec: t.literal('on'), value: fc.constant('on') },
  { codec: t.literal(7), value: fc.constant(7) },
  { codec: t.keyof({ red: null, green: null }), value: fc.constantFrom('red', 'green') },
);

const objectOf = (wrap: (required: t.Props, optional: t.Props) => t.Mixed, one: Shape, other: Shape): Shape => ({
  codec: wrap({ one: one.codec }, { other: other.codec }),
  value: fc.record({ one: one.value, other: fc.oneof(other.value, fc.constant(null)) }),
});

const wraps: readonly ((required: t.Props, optional: t.Props) => t.Mixed)[] = [
  (required, optional) => objectCodec('Object', required, optional),
  (required, optional) => t.intersection([t.strict(required), t.partial(optional)]),
  (required, optional) => t.exact(t.intersection([t.readonly(t.type(required)), t.partial(optional)])),
];

const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.tuple(tie('shape'), tie('shape'), fc.constantFrom(...wraps)).map(([one, other, wrap]) => objectOf(wrap, one, other)),
    tie('shape').map(({ codec, value }) => ({ codec: t.array(codec), value: fc.array(value, { maxLength: 3 }) })),
    tie('shape').map(({ codec, value }) => ({ codec: t.readonlyArray(codec), value: fc.array(value, { maxLength: 3 }) })),
    tie('shape').map(({ codec, value }) => ({
      codec: t.record(t.string, codec),
      value: fc.dictionary(fc.string(), value, { maxKeys: 3 }),
    })),
    fc
      .tuple(tie('shape'), tie('shape'))
      .map(([one, other]) => ({ codec: t.union([one.codec, other.codec]), value: fc.oneof(one.value, other.value) })),
  ),
}));

const ajv = new Ajv({ allErrors: false, strict: false });

/** Schemas that are given, not derived, so that no test leans on what it checks. */
const open = t.record(t.string, t.number);

describe('jsonSchema', () => {
  it('is strict: every property is required, optional ones may be null, others there are none', () => {
    const codec = objectCodec('Verdict', { reason: t.string }, { score: t.number, note: t.union([t.string, t.null]) });
    expect(jsonSchema(codec)).to.deep.equal({
      type: 'object',
      properties: {
        reason: { type: 'string' },
        score: { anyOf: [{ type: 'number' }, { type: 'null' }] },
        note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      },
      required: ['reason', 'score', 'note'],
      additionalProperties: false,
    });
  });

  const cases: readonly (readonly [name: string, codec: t.Mixed, schema: JsonRecord | undefined])[] = [
    ['a literal', t.literal('x'), { type: 'string', enum: ['x'] }],
    ['a literal number', t.literal(1), { type: 'number', enum: [1] }],
    ['a choice of keys', t.keyof({ a: null, b: null }), { type: 'string', enum: ['a', 'b'] }],
    ['a whole number', t.Int, { type: 'integer' }],
    ['an array', t.array(t.boolean), { type: 'array', items: { type: 'boolean' } }],
    ['a record as an open object', open, { type: 'object', additionalProperties: { type: 'number' } }],
    [
      'a union of unions as one choice',
      t.union([t.string, t.union([t.number, t.null])]),
      { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
    ],
    ['a refinement as what it refines', t.refinement(t.string, (text) => text !== '', 'Filled'), { type: 'string' }],
    ['a codec with a schema of its own', withSchema(JsonRecord, { type: 'object' }), { type: 'object' }],
    [
      'a property that may be undefined as one that may be null',
      t.type({ a: t.union([t.string, t.undefined]) }),
      {
        type: 'object',
        properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
        required: ['a'],
        additionalProperties: false,
      },
    ],
    ['no value that may be undefined elsewhere', t.array(t.union([t.string, t.undefined])), undefined],
    ['no custom codec', JsonRecord, undefined],
    ['nothing with a custom codec in it', Action, undefined],
    ['no unknown', t.type({ a: t.unknown }), undefined],
    ['no recursion', t.recursion('Tree', () => t.type({})), undefined],
    ['no tuple', t.tuple([t.string]), undefined],
    ['no union of which a member is unknown', t.union([t.string, t.unknown]), undefined],
    ['no intersection with what is no object', t.intersection([t.type({ a: t.string }), open]), undefined],
    ['no key that means two things', t.intersection([t.type({ a: t.string }), t.type({ a: t.number })]), undefined],
  ];
  for (const [name, codec, schema] of cases) {
    it(`gives ${name}`, () => {
      expect(jsonSchema(codec)).to.deep.equal(schema);
    });
  }

  it('asks for a key that is required in one part and optional in another', () => {
    const codec = t.intersection([t.partial({ a: t.string }), t.type({ a: t.string })]);
    expect(jsonSchema(codec)).to.have.deep.property('properties', { a: { type: 'string' } });
  });

  it('knows what a purpose score is made from', () => {
    const schema = jsonSchema(t.strict({ phi: Phi, confidence: Confidence }));
    expect(schema).to.have.nested.property('properties.phi.description', 'from 0 to 10');
    expect(schema).to.have.nested.property('properties.confidence.description', 'from 0 to 1');
  });

  it('accepts every value of its codec', () => {
    fc.assert(
      fc.property(
        shape.chain(({ codec, value }) => fc.tuple(fc.constant(codec), value)),
        ([codec, value]) => {
          const schema = jsonSchema(codec);
          expect(schema).not.to.equal(undefined);
          expect(ajv.compile(schema ?? false)(value)).to.equal(true);
          expect(isRight(decode(codec, dropOptionalNulls(codec, value)))).to.equal(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('accepts nothing that does not decode', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc
          .tuple(shape, shape)
          .chain(([one, other]) => fc.tuple(fc.constant(one.codec), fc.oneof(one.value, other.value, fc.jsonValue({ maxDepth: 2 })))),
        ([codec, value]) => {
          if (!ajv.compile(jsonSchema(codec) ?? false)(value)) return;
          accepted += 1;
          expect(isRight(decode(codec, dropOptionalNulls(codec, value)))).to.equal(true);
        },
      ),
      { numRuns: 500 },
    );
    expect(accepted).to.be.greaterThan(100);
  });
});

describe('withSchema', () => {
  it('changes nothing but the schema', () => {
    const Percent = t.refinement(t.number, (value) => value >= 0 && value <= 100, 'Percent');
    const described = withSchema(Percent, { type: 'number', description: 'from 0 to 100' });
    expect(described.name).to.equal('Percent');
    expect(decode(described, 5)).to.deep.equal(decode(Percent, 5));
    expect(decode(described, 500)).to.deep.equal(decode(Percent, 500));
    expect(jsonSchema(t.type({ done: described }))).to.have.nested.property('properties.done.description', 'from 0 to 100');
    expect(jsonSchema(Percent)).to.deep.equal({ type: 'number' });
  });
});
