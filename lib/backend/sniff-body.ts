/** What a body is by its looks: an event stream, JSON, or neither. */
export type BodyFormat = 'events' | 'json' | 'other';

const EVENT_LINE = /^(?:data|event|id|retry)?(?::|[\r\n])/;
const EVENT_FIELDS: readonly string[] = ['data', 'event', 'id', 'retry'];

/**
 * What a body is, from its first characters and not from its content type, which servers get wrong. `undefined` while
 * that cannot be told.
 *
 * @internal
 */
export function sniffBody(head: string): BodyFormat | undefined {
  // Takes a byte order mark along.
  const begun = head.trimStart();
  if (begun === '') return undefined;
  if (begun.startsWith('{') || begun.startsWith('[')) return 'json';
  if (EVENT_LINE.test(begun)) return 'events';
  return EVENT_FIELDS.some((field) => field.startsWith(begun)) ? undefined : 'other';
}
