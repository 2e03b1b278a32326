import { isWireRecord, type WireRecord } from './wire.js';

const PRIMITIVES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'null']);

/** Others, such as `default` or `pattern`, are refused by one server or another. */
const KEYWORDS: ReadonlySet<string> = new Set([
  '$defs',
  '$ref',
  'additionalProperties',
  'anyOf',
  'const',
  'definitions',
  'description',
  'enum',
  'items',
  'properties',
  'required',
  'title',
  'type',
]);

const areStrict = (schemas: unknown): boolean =>
  schemas === undefined || (isWireRecord(schemas) && Object.values(schemas).every(isStrictNode));

const isStrictObject = ({ properties, required, additionalProperties }: WireRecord): boolean =>
  additionalProperties === false &&
  isWireRecord(properties) &&
  Array.isArray(required) &&
  Object.keys(properties).every((key) => required.includes(key)) &&
  areStrict(properties);

function isStrictNode(schema: unknown): boolean {
  if (!isWireRecord(schema) || !Object.keys(schema).every((keyword) => KEYWORDS.has(keyword))) return false;
  if (!areStrict(schema['$defs']) || !areStrict(schema['definitions'])) return false;
  const { anyOf, type } = schema;
  if (Array.isArray(anyOf) && !anyOf.every(isStrictNode)) return false;
  if (type === undefined)
    return anyOf !== undefined || Array.isArray(schema['enum']) || 'const' in schema || typeof schema['$ref'] === 'string';
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return types.every((one) => {
    if (one === 'object') return isStrictObject(schema);
    return one === 'array' ? isStrictNode(schema['items']) : PRIMITIVES.has(one);
  });
}

/**
 * Whether a JSON Schema keeps the rules of strict mode: every object closed, all its properties required, an object at
 * the root, and no keyword beyond those that all servers with a strict mode know. Servers refuse others as strict.
 *
 * @internal
 */
export const isStrictSchema = (schema: WireRecord): boolean =>
  schema['type'] === 'object' && schema['anyOf'] === undefined && isStrictNode(schema);
