import * as t from 'io-ts';
import type { Decoder } from './decode.js';
import type { Json, JsonRecord } from './json.js';

const SCHEMA: unique symbol = Symbol.for('purpose-rx/schema');

type AnyDecoder = Decoder<unknown>;

/** What the tags of io-ts say of a codec, whatever its class. */
export const codecTag = (codec: AnyDecoder): unknown => Reflect.get(codec, '_tag');

/** The codec that a wrapper or a collection is made of: of `t.readonly(X)`, `t.exact(X)`, `t.array(X)` it is `X`. */
export const innerCodec = (codec: AnyDecoder): AnyDecoder => Reflect.get(codec, 'type') as AnyDecoder;

/** The members of a union, an intersection or a tuple. */
export const memberCodecs = (codec: AnyDecoder): readonly AnyDecoder[] => Reflect.get(codec, 'types') as readonly AnyDecoder[];

/** The properties of a `t.type`, `t.strict` or `t.partial`. */
export const propertyCodecs = (codec: AnyDecoder): readonly (readonly [key: string, codec: AnyDecoder])[] =>
  Object.entries(Reflect.get(codec, 'props') as Readonly<Record<string, AnyDecoder>>);

/**
 * What a property may be where it is there, if its codec is a union with `undefined`: the other members. Such a property
 * may be left out.
 */
export const membersWithoutUndefined = (codec: AnyDecoder): readonly AnyDecoder[] | undefined => {
  if (codecTag(codec) !== 'UnionType') return undefined;
  const members = memberCodecs(codec);
  const defined = members.filter((member) => codecTag(member) !== 'UndefinedType');
  return defined.length === members.length || defined.length === 0 ? undefined : defined;
};

/**
 * The same codec with a JSON Schema of its own, for custom `t.Type`s that {@link jsonSchema} cannot look into and for
 * descriptions that a model should read.
 *
 * ```ts
 * const Percent = withSchema(PercentCodec, { type: 'number', description: 'from 0 to 100' });
 * ```
 */
export const withSchema = /* @__NO_SIDE_EFFECTS__ */ <C extends t.Mixed>(codec: C, schema: JsonRecord): C =>
  // A copy of the same class and tag, so that whoever looks at those sees no difference.
  Object.assign(Object.create(Object.getPrototypeOf(codec) as object) as C, codec, { [SCHEMA]: schema });

const ofTag: Readonly<Record<string, JsonRecord>> = {
  StringType: { type: 'string' },
  NumberType: { type: 'number' },
  BooleanType: { type: 'boolean' },
  NullType: { type: 'null' },
};

const NULL: JsonRecord = { type: 'null' };

/** Whether all of `schemas` could be had; TypeScript narrows the list with it. */
const areKnown = (schemas: readonly (JsonRecord | undefined)[]): schemas is readonly JsonRecord[] => !schemas.includes(undefined);

const alternatives = (schema: JsonRecord): readonly Json[] => (Array.isArray(schema['anyOf']) ? (schema['anyOf'] as Json[]) : [schema]);

const isNull = (schema: Json): boolean => JSON.stringify(schema) === JSON.stringify(NULL);

/** One of several schemas, nested choices flattened. */
const anyOf = (schemas: readonly JsonRecord[]): JsonRecord => {
  const all = schemas.flatMap(alternatives);
  const [first] = all;
  return all.length === 1 && first !== undefined ? (first as JsonRecord) : { anyOf: all };
};

const nullable = (schema: JsonRecord): JsonRecord => (alternatives(schema).some(isNull) ? schema : anyOf([schema, NULL]));

const literalSchema = (value: unknown): JsonRecord | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? { type: typeof value, enum: [value] } : undefined;

type Properties = ReadonlyMap<string, { readonly schema: JsonRecord; readonly isOptional: boolean }>;

const ownProperties = (codec: AnyDecoder, isOptional: boolean): Properties | undefined => {
  const properties = new Map<string, { schema: JsonRecord; isOptional: boolean }>();
  for (const [key, property] of propertyCodecs(codec)) {
    const defined = membersWithoutUndefined(property);
    const schema = Reflect.get(property, SCHEMA) === undefined && defined !== undefined ? unionSchema(defined) : schemaOf(property);
    if (schema === undefined) return undefined;
    properties.set(key, { schema, isOptional: isOptional || defined !== undefined });
  }
  return properties;
};

/** The properties of an object codec, however it is wrapped or put together; `undefined` where it is none. */
function propertiesOf(codec: AnyDecoder): Properties | undefined {
  switch (codecTag(codec)) {
    case 'InterfaceType':
    case 'StrictType':
      return ownProperties(codec, false);
    case 'PartialType':
      return ownProperties(codec, true);
    case 'ExactType':
    case 'ReadonlyType':
    case 'RefinementType':
      return propertiesOf(innerCodec(codec));
    case 'IntersectionType':
      return memberCodecs(codec).map(propertiesOf).reduce(merge, new Map());
    default:
      return undefined;
  }
}

/** A key of both must mean the same in both: strict mode has no way to say that two schemas hold at once. */
const merge = (one: Properties | undefined, other: Properties | undefined): Properties | undefined => {
  if (one === undefined || other === undefined) return undefined;
  const merged = new Map(one);
  for (const [key, { schema, isOptional }] of other) {
    const known = one.get(key);
    if (known !== undefined && JSON.stringify(known.schema) !== JSON.stringify(schema)) return undefined;
    merged.set(key, { schema, isOptional: isOptional && (known?.isOptional ?? true) });
  }
  return merged;
};

const objectSchema = (codec: AnyDecoder): JsonRecord | undefined => {
  const properties = propertiesOf(codec);
  if (properties === undefined) return undefined;
  return {
    type: 'object',
    properties: Object.fromEntries([...properties].map(([key, { schema, isOptional }]) => [key, isOptional ? nullable(schema) : schema])),
    required: [...properties.keys()],
    additionalProperties: false,
  };
};

const wrapSchema = (codec: AnyDecoder, wrap: (schema: JsonRecord) => JsonRecord): JsonRecord | undefined => {
  const schema = schemaOf(codec);
  return schema === undefined ? undefined : wrap(schema);
};

const unionSchema = (members: readonly AnyDecoder[]): JsonRecord | undefined => {
  const schemas = members.map(schemaOf);
  return areKnown(schemas) ? anyOf(schemas) : undefined;
};

function schemaOf(codec: AnyDecoder): JsonRecord | undefined {
  const own: unknown = Reflect.get(codec, SCHEMA);
  if (own !== undefined) return own as JsonRecord;
  if (codec === t.Int) return { type: 'integer' };
  const tag = codecTag(codec);
  switch (tag) {
    case 'LiteralType':
      return literalSchema(Reflect.get(codec, 'value'));
    case 'KeyofType':
      return { type: 'string', enum: Object.keys(Reflect.get(codec, 'keys') as object) };
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return wrapSchema(innerCodec(codec), (items) => ({ type: 'array', items }));
    case 'DictionaryType':
      return wrapSchema(Reflect.get(codec, 'codomain') as AnyDecoder, (additionalProperties) => ({ type: 'object', additionalProperties }));
    case 'UnionType':
      return unionSchema(memberCodecs(codec));
    case 'ReadonlyType':
    case 'RefinementType':
    case 'ExactType':
      return schemaOf(innerCodec(codec));
    default:
      return typeof tag === 'string' && Object.hasOwn(ofTag, tag) ? ofTag[tag] : objectSchema(codec);
  }
}

/**
 * The JSON Schema of an io-ts codec, in the form that servers in strict mode take: every property is required, optional
 * ones may be `null`, and there are no others. What it accepts decodes once the nulls of optional properties are
 * dropped; a refinement counts as what it refines.
 *
 * `undefined` where the codec says too little: a custom `t.Type` without {@link withSchema}, `t.unknown`, a function,
 * a recursion, a tuple. A record is an open object, which strict mode refuses.
 */
export const jsonSchema = (codec: Decoder<unknown>): JsonRecord | undefined => schemaOf(codec);
