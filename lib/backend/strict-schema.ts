import { isWireRecord, type WireRecord } from './wire.js';

const PRIMITIVES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'null']);

const isStrictObject = ({ properties, required, additionalProperties }: WireRecord): boolean =>
  additionalProperties === false &&
  isWireRecord(properties) &&
  Array.isArray(required) &&
  Object.keys(properties).every((key) => required.includes(key)) &&
  Object.values(properties).every(isStrictNode);

function isStrictNode(schema: unknown): boolean {
  if (!isWireRecord(schema)) return false;
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'].every(isStrictNode);
  if (Array.isArray(schema['enum']) || 'const' in schema || typeof schema['$ref'] === 'string') return true;
  const types: readonly unknown[] = Array.isArray(schema['type']) ? schema['type'] : [schema['type']];
  return types.every((type) => {
    if (type === 'object') return isStrictObject(schema);
    return type === 'array' ? isStrictNode(schema['items']) : PRIMITIVES.has(type);
  });
}

/**
 * Whether a JSON Schema keeps the rules of strict mode: every object closed, all its properties required, and an object
 * at the root. Servers refuse others as strict.
 *
 * @internal
 */
export function isStrictSchema(schema: WireRecord): boolean {
  const definitions = isWireRecord(schema['$defs']) ? Object.values(schema['$defs']) : [];
  return schema['type'] === 'object' && isStrictObject(schema) && definitions.every(isStrictNode);
}
