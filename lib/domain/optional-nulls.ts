import { decode, type Decoder } from './decode.js';
import { isRight } from './either.js';
import { isRecord } from './is-record.js';
import { codecTag, innerCodec, memberCodecs, membersWithoutUndefined, propertyCodecs } from './json-schema.js';

type AnyDecoder = Decoder<unknown>;
type Fields = Readonly<Record<string, unknown>>;

const accepts = (codec: AnyDecoder, value: unknown): boolean => isRight(decode(codec, value));

/** The same object without some of its properties, or with others in their place; itself where nothing changes. */
const mapFields = (fields: Fields, project: (key: string, value: unknown) => readonly unknown[]): Fields => {
  const entries = Object.entries(fields).map(([key, value]) => [key, value, project(key, value)] as const);
  if (entries.every(([, value, projected]) => projected.length === 1 && projected[0] === value)) return fields;
  return Object.fromEntries(entries.flatMap(([key, , projected]) => projected.map((value) => [key, value])));
};

const mapItems = (items: readonly unknown[], project: (item: unknown) => unknown): readonly unknown[] => {
  const projected = items.map(project);
  return projected.every((item, index) => item === items[index]) ? items : projected;
};

const inProperties = (codec: AnyDecoder, fields: Fields, isOptional: boolean): Fields => {
  const codecs = new Map(propertyCodecs(codec));
  return mapFields(fields, (key, value) => {
    const property = codecs.get(key);
    if (property === undefined) return [value];
    const isLeftOut = value === null && (isOptional || membersWithoutUndefined(property) !== undefined);
    if (isLeftOut && !accepts(property, null)) return [];
    return [dropOptionalNulls(property, value)];
  });
};

/**
 * Drops the nulls of optional properties, which servers in strict mode send for what is left out. A null that the
 * property's own codec accepts stays. The value is not changed; what has nothing to drop is returned as it is.
 */
export function dropOptionalNulls(codec: Decoder<unknown>, value: unknown): unknown {
  switch (codecTag(codec)) {
    case 'InterfaceType':
    case 'StrictType':
      return isRecord(value) ? inProperties(codec, value, false) : value;
    case 'PartialType':
      return isRecord(value) ? inProperties(codec, value, true) : value;
    case 'ExactType':
    case 'ReadonlyType':
    case 'RefinementType':
      return dropOptionalNulls(innerCodec(codec), value);
    case 'IntersectionType':
      return memberCodecs(codec).reduce((rest, member) => dropOptionalNulls(member, rest), value);
    case 'UnionType':
      return dropInUnion(codec, value);
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return Array.isArray(value) ? mapItems(value, (item) => dropOptionalNulls(innerCodec(codec), item)) : value;
    case 'DictionaryType': {
      const codomain = Reflect.get(codec, 'codomain') as AnyDecoder;
      return isRecord(value) ? mapFields(value, (_key, item) => [dropOptionalNulls(codomain, item)]) : value;
    }
    default:
      return value;
  }
}

/** As the first member would have it that then accepts the value. */
const dropInUnion = (union: AnyDecoder, value: unknown): unknown => {
  for (const member of memberCodecs(union)) {
    const dropped = dropOptionalNulls(member, value);
    if (accepts(member, dropped)) return dropped;
  }
  return value;
};
