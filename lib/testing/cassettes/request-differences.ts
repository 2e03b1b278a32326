import { canonicalJson } from './canonical-json.js';

/**
 * A place in which two requests differ; `undefined` stands for what is not there.
 *
 * @internal
 */
export interface RequestDifference {
  readonly path: string;
  readonly recorded: unknown;
  readonly asked: unknown;
}

type Fields = ReadonlyMap<string, unknown>;

/** What is in an object or an array, by name or place. */
const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)) : undefined;

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other));

/**
 * Where two requests differ, as far inside as both have something.
 *
 * @internal
 */
export function requestDifferences(recorded: unknown, asked: unknown, path = ''): readonly RequestDifference[] {
  const [there, here] = [fieldsOf(recorded), fieldsOf(asked)];
  if (there === undefined || here === undefined || Array.isArray(recorded) !== Array.isArray(asked)) {
    return isSame(recorded, asked) ? [] : [{ path: path === '' ? '/' : path, recorded, asked }];
  }
  return [...new Set([...there.keys(), ...here.keys()])].flatMap((key) =>
    requestDifferences(there.get(key), here.get(key), `${path}/${key}`),
  );
}

/** How much of a long text is shown before and from its first difference, in UTF-16 code units. */
const BEFORE = 20;
const AFTER = 40;

const show = (value: unknown, place: number): string => {
  if (value === undefined) return 'nothing';
  const isText = typeof value === 'string';
  const text = isText ? value : JSON.stringify(value);
  const from = Math.max(0, place - BEFORE);
  const to = place + AFTER;
  const part = `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
  return isText ? JSON.stringify(part) : part;
};

const firstDifference = (one: string, other: string): number => {
  const place = Array.from({ length: one.length }).findIndex((_, index) => one[index] !== other[index]);
  return place < 0 ? one.length : place;
};

/**
 * A difference as a line: long texts are shown around the place where they first differ.
 *
 * ```text
 * /messages/1/content: recorded "…the door is open", asked "…the door is shut"
 * ```
 *
 * @internal
 */
export function differenceText({ path, recorded, asked }: RequestDifference): string {
  const place = typeof recorded === 'string' && typeof asked === 'string' ? firstDifference(recorded, asked) : 0;
  return `${path}: recorded ${show(recorded, place)}, asked ${show(asked, place)}`;
}
