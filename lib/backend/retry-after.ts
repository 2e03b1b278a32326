/** Reads one header; `null` or `undefined` where it is not there. */
export type ReadHeader = (name: string) => string | null | undefined;

const AMOUNT = /^(-?\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?)?$/i;

/** The beginning of a date as HTTP or ISO 8601 write it. `Date.parse` makes dates of much else. */
const DATE = /^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? |\d{4}-\d\d-\d\dT)/i;

/** Milliseconds in a header that counts by `unit` milliseconds. Two headers of one name come as one with a comma. */
function toMilliseconds(text: string, unit: number): number | undefined {
  const waits = text.split(',').map((part) => {
    const [, amount, given] = AMOUNT.exec(part.trim()) ?? [];
    if (given === undefined) return Number(amount) * unit;
    return Number(amount) * (given.toLowerCase().startsWith('m') ? 1 : 1000);
  });
  const longest = Math.max(...waits);
  return Number.isFinite(longest) ? Math.max(0, longest) : undefined;
}

/**
 * How long a response asks to wait, in milliseconds from `now`: `retry-after-ms`, else `retry-after` in seconds or as
 * an HTTP date. `null` where neither says anything that can be read.
 *
 * @internal
 */
export function retryAfter(header: ReadHeader, now: number): number | null {
  const milliseconds = toMilliseconds(header('retry-after-ms') ?? '', 1);
  if (milliseconds !== undefined) return milliseconds;

  const text = (header('retry-after') ?? '').trim();
  const wait = toMilliseconds(text, 1000);
  if (wait !== undefined) return wait;

  const date = DATE.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
