/** Reads one header; `null` or `undefined` where it is not there. */
export type ReadHeader = (name: string) => string | null | undefined;

const toNumber = (text: string | null | undefined): number =>
  text === null || text === undefined || text.trim() === '' ? NaN : Number(text);

/**
 * How long a response asks to wait, in milliseconds from `now`: `retry-after-ms`, else `retry-after` in seconds or as
 * an HTTP date. `null` where neither says anything that can be read.
 *
 * @internal
 */
export function retryAfter(header: ReadHeader, now: number): number | null {
  const milliseconds = toNumber(header('retry-after-ms'));
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds);

  const text = header('retry-after');
  const seconds = toNumber(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);

  const date = Date.parse(text ?? '');
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
