/**
 * JSON in one way only: keys sorted by their UTF-16 code units, no spaces. Two values have the same text where they are
 * equal, and nowhere else.
 *
 * @internal
 * @param value - JSON, of whatever type.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
