import { Ajv } from 'ajv';
import { expect } from 'chai';
import * as t from 'io-ts';
import { actionSchema, describeTools, toNativeTools } from '../../lib/actor/action-schema.js';
import { isStrictSchema } from '../../lib/backend/strict-schema.js';
import type { Json } from '../../lib/domain/json.js';

const search = {
  name: 'search_text',
  description: 'Finds a text.',
  params: t.intersection([t.strict({ text: t.string }), t.partial({ limit: t.number })]),
};
const list = { name: 'list_files', params: t.strict({ folder: t.string }) };
const opaque = { name: 'guess' };
const choice = { name: 'move', description: 'Moves.', params: t.union([t.strict({ to: t.string }), t.strict({ by: t.number })]) };

/** Every object in a schema that says what properties it has. */
const objectsIn = (schema: Json): readonly Json[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.values(schema).flatMap((value: Json) => objectsIn(value));
  return !Array.isArray(schema) && 'type' in schema && schema['type'] === 'object' ? [schema, ...inner] : inner;
};

describe('describeTools', () => {
  it('gives each tool with the JSON Schema of its parameters', () => {
    expect(describeTools([list])).to.deep.equal([
      {
        name: 'list_files',
        parameters: { type: 'object', properties: { folder: { type: 'string' } }, required: ['folder'], additionalProperties: false },
      },
    ]);
  });

  it('leaves open the parameters of a tool without a codec, or with one that says too little', () => {
    const open = { type: 'object', additionalProperties: true };
    expect(describeTools([opaque, { name: 'any', params: t.unknown }]).map(({ parameters }) => parameters)).to.deep.equal([open, open]);
  });
});

describe('toNativeTools', () => {
  it('leaves a tool with an object for parameters as it is, but lists its properties where there are none', () => {
    const [first, second] = describeTools([list, opaque]);
    const parameters = { type: 'object', additionalProperties: true, properties: {} };
    expect(toNativeTools(describeTools([list, opaque]))).to.deep.equal([first, { ...second, parameters }]);
  });

  it('tells any other schema in the description, since no server takes it at the root', () => {
    const [tool] = toNativeTools(describeTools([choice]));
    expect(tool?.parameters).to.deep.equal({ type: 'object', additionalProperties: true, properties: {} });
    expect(tool?.description).to.match(/^Moves\.\nParameters, as JSON Schema: \{"anyOf":\[.*"to".*"by"/);
  });
});

describe('actionSchema', () => {
  const schema = actionSchema(describeTools([search, list, choice]));
  const validate = new Ajv({ strict: false }).compile(schema);
  const accepts = (name: string, params: Json): boolean => validate({ thought: 't', name, params, expectedDelta: 'e' });

  it('is an object at its root, without a choice, whose thought comes first', () => {
    expect(schema['type']).to.equal('object');
    expect(schema).not.to.have.property('anyOf');
    expect(Object.keys(schema['properties'] ?? {})).to.deep.equal(['thought', 'name', 'params', 'expectedDelta']);
    expect(schema['required']).to.deep.equal(['thought', 'name', 'params', 'expectedDelta']);
  });

  it('names the tools, parallel and DONE, and nothing else', () => {
    expect(schema).to.have.nested.property('properties.name.enum').deep.equal(['search_text', 'list_files', 'move', 'parallel', 'DONE']);
    expect(accepts('rm', { folder: 'lib' })).to.equal(false);
  });

  it('has one branch a tool that names it, and one each for parallel and DONE', () => {
    const branches = (schema['properties'] as { readonly params: { readonly anyOf: readonly { readonly title: string }[] } }).params.anyOf;
    expect(branches.map(({ title }) => title)).to.deep.equal(['search_text', 'list_files', 'move', 'parallel', 'DONE']);
    expect(branches[0]).to.include({ description: 'Finds a text.' });
  });

  it('takes the parameters of each branch and refuses others', () => {
    expect(accepts('search_text', { text: 'x', limit: null })).to.equal(true);
    expect(accepts('list_files', { folder: 'lib' })).to.equal(true);
    expect(accepts('move', { by: 2 })).to.equal(true);
    expect(accepts('DONE', { answer: 'here' })).to.equal(true);
    expect(accepts('parallel', { calls: [{ name: 'list_files', params: { folder: 'lib' } }] })).to.equal(true);
    expect(accepts('parallel', { calls: [{ name: 'list_files', params: { text: 'lib', limit: 1 } }] })).to.equal(false);
    expect(accepts('DONE', {})).to.equal(false);
    expect(accepts('list_files', { folder: 'lib', depth: 2 })).to.equal(false);
  });

  it('closes every object and requires all of its properties, as strict mode wants it', () => {
    const objects = objectsIn(schema);
    expect(objects.length).to.be.greaterThan(8);
    for (const object of objects) {
      expect(object).to.have.property('additionalProperties', false);
      expect(object)
        .to.have.property('required')
        .that.deep.equals(Object.keys((object as { readonly properties: object }).properties));
    }
  });

  it('is sent as strict, unless the parameters of a tool are open', () => {
    expect(isStrictSchema(schema)).to.equal(true);
    expect(isStrictSchema(actionSchema(describeTools([search, opaque])))).to.equal(false);
  });

  it('leaves names and parameters open where no list of tools is given', () => {
    const validateOpen = new Ajv({ strict: false }).compile(actionSchema(undefined));
    expect(validateOpen({ thought: '', name: 'anything', params: { at: 1 }, expectedDelta: '' })).to.equal(true);
    expect(validateOpen({ thought: '', name: 'anything', params: 5, expectedDelta: '' })).to.equal(false);
  });

  it('offers DONE alone where the list of tools is empty', () => {
    const schema = actionSchema([]);
    expect(schema).to.have.nested.property('properties.name.enum').deep.equal(['DONE']);
    expect(schema).to.have.nested.property('properties.params.anyOf').with.length(1);
  });
});
