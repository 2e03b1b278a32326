import { isRecord } from '../domain/is-record.js';
import type { Json, JsonRecord } from '../domain/json.js';
import { stateJson, type State } from '../domain/state.js';
import { shorten } from '../domain/text.js';

/** One difference between two states; JSON itself, which TypeScript sees in an alias alone. */
export type StateChange = {
  /** Where, as a JSON pointer: `/data/observations/3`. For what was removed, where it was before. */
  readonly path: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** The value before; absent where it was added. A long one is cut to a text that ends in `…`. */
  readonly before?: Json;
  /** The value after; absent where it was removed. A long one is cut to a text that ends in `…`. */
  readonly after?: Json;
};

/** What changed from one state to another. */
export interface StateChanges {
  /** The first differences, in the order of the state after, at most 60. */
  readonly changes: readonly StateChange[];
  /** How many more there are. */
  readonly omitted: number;
}

const MOST_CHANGES = 60;

/** Longest JSON of a value in a change, in UTF-16 code units. */
const LONGEST_VALUE = 400;

/** Longer arrays are compared place by place: looking for a shift costs the square of the length at worst. */
const LONGEST_SHIFTED = 1000;

type Report = (path: string, before: Json | undefined, after: Json | undefined) => void;

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

const segment = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * What a change takes away from the beginning of a list. A list that drops its oldest entries, like the observations
 * of a tool environment, is then not all different.
 */
const shiftOf = (before: readonly Json[], after: readonly Json[]): number => {
  if (before.length > LONGEST_SHIFTED || after.length > LONGEST_SHIFTED) return 0;
  const old = before.map((item) => JSON.stringify(item));
  const fresh = after.map((item) => JSON.stringify(item));
  const shift = old.findIndex(
    (_item, start) => old.length - start <= fresh.length && old.slice(start).every((text, at) => text === fresh[at]),
  );
  return Math.max(shift, 0);
};

const compareArrays = (before: readonly Json[], after: readonly Json[], path: string, report: Report): void => {
  const shift = shiftOf(before, after);
  before.slice(0, shift).forEach((item, index) => {
    report(`${path}/${index}`, item, undefined);
  });
  const kept = before.slice(shift);
  for (let index = 0; index < Math.max(kept.length, after.length); index += 1) {
    compare(kept[index], after[index], `${path}/${index}`, report);
  }
};

const compareRecords = (before: JsonRecord, after: JsonRecord, path: string, report: Report): void => {
  for (const key of new Set([...Object.keys(after), ...Object.keys(before)])) {
    const one = Object.hasOwn(before, key) ? before[key] : undefined;
    const other = Object.hasOwn(after, key) ? after[key] : undefined;
    compare(one, other, `${path}/${segment(key)}`, report);
  }
};

/** `undefined` stands for a value that is not there: JSON has none of its own. */
function compare(before: Json | undefined, after: Json | undefined, path: string, report: Report): void {
  if (before === after) return;
  if (before === undefined || after === undefined) report(path, before, after);
  else if (isArray(before) && isArray(after)) compareArrays(before, after, path, report);
  else if (isRecord(before) && isRecord(after)) compareRecords(before, after, path, report);
  else report(path, before, after);
}

const cut = (value: Json): Json => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? value : shorten(text, LONGEST_VALUE);
};

const toChange = (path: string, before: Json | undefined, after: Json | undefined): StateChange => ({
  path,
  change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
  ...(before === undefined ? {} : { before: cut(before) }),
  ...(after === undefined ? {} : { after: cut(after) }),
});

/**
 * What was added, changed and removed between two states, their summaries included, as a bounded list for a judge to
 * look at first. A list that only lost its first entries and gained new ones shows just those.
 *
 * ```ts
 * stateChanges({ data: { door: 'shut' } }, { data: { door: 'open', keys: 1 } }).changes;
 * // [{ path: '/data/door', change: 'changed', before: 'shut', after: 'open' }, { path: '/data/keys', change: 'added', after: 1 }]
 * ```
 */
export function stateChanges(before: State, after: State): StateChanges {
  const changes: StateChange[] = [];
  let found = 0;
  compare(stateJson(before), stateJson(after), '', (path, one, other) => {
    found += 1;
    if (changes.length < MOST_CHANGES) changes.push(toChange(path, one, other));
  });
  return { changes, omitted: found - changes.length };
}
