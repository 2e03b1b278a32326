import { expect } from 'chai';
import { isStrictSchema } from '../../lib/backend/strict-schema.js';

const object = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const string = { type: 'string' };

describe('isStrictSchema', () => {
  it('takes closed objects whose properties are all required, at any depth', () => {
    const schemas = [
      object({}),
      object({ a: string, b: { type: ['number', 'null'] }, c: { type: 'array', items: object({ d: { enum: ['x'] } }) } }),
      object({ a: { anyOf: [object({ name: { const: 'look' } }), { type: 'null' }] } }),
      object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: object({ c: string }) } }),
    ];
    for (const schema of schemas) expect(isStrictSchema(schema)).to.equal(true);
  });

  it('refuses what is open or optional anywhere', () => {
    const open = { type: 'object', properties: {}, required: [] };
    const schemas = [
      {},
      string,
      open,
      { anyOf: [object({})] },
      object({ a: string }, { required: [] }),
      object({ a: {} }),
      object({ a: open }),
      object({ a: { type: 'array' } }),
      object({ a: { type: 'array', items: open } }),
      object({ a: { anyOf: [string, open] } }),
      object({ a: { type: ['object', 'null'] } }),
      object({ a: { allOf: [object({})] } }),
      object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: open } }),
    ];
    for (const schema of schemas) expect(isStrictSchema(schema), JSON.stringify(schema)).to.equal(false);
  });

  it('refuses keywords that not every server knows, wherever they stand', () => {
    const more = [
      { default: 'x' },
      { not: string },
      { allOf: [string] },
      { oneOf: [string] },
      { minProperties: 1 },
      { pattern: '(?=x)' },
      { minLength: 1 },
      { patternProperties: {} },
    ];
    for (const keyword of more) {
      const odd = { ...string, ...keyword };
      const schemas = [
        object({}, keyword),
        object({ a: odd }),
        object({ a: { type: 'array', items: odd } }),
        object({ a: { enum: ['x'], ...keyword } }),
        object({ a: { anyOf: [string], ...keyword } }),
        object({ a: { type: 'object', anyOf: [string], properties: {} } }),
        object({ a: string }, { $defs: { b: odd } }),
        object({ a: string }, { definitions: { b: odd } }),
      ];
      for (const schema of schemas) expect(isStrictSchema(schema), JSON.stringify(schema)).to.equal(false);
    }
    expect(isStrictSchema(object({ a: { ...string, description: 'An a.', title: 'A' } }))).to.equal(true);
  });

  it('takes properties for no keywords', () => {
    expect(isStrictSchema(object({ default: string, pattern: string }))).to.equal(true);
  });
});
