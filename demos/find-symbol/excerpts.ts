import type { Lines, Place } from './results.js';

/** Lines of a file that were read, without a gap. */
export type Excerpt = Lines;

const endOf = ({ from, lines }: Excerpt): number => from + lines.length;

const join = (joined: readonly Excerpt[], next: Excerpt): readonly Excerpt[] => {
  const last = joined.at(-1);
  if (last === undefined || last.path !== next.path || next.from > endOf(last)) return [...joined, next];
  return [...joined.slice(0, -1), { ...last, lines: [...last.lines, ...next.lines.slice(endOf(last) - next.from)] }];
};

const inOrder = (one: Excerpt, other: Excerpt): number =>
  one.path === other.path ? one.from - other.from : one.path < other.path ? -1 : 1;

/** What was read as excerpts that do not touch, so that lines read later above others belong to them. */
export const toExcerpts = (read: readonly Lines[]): readonly Excerpt[] => read.toSorted(inOrder).reduce(join, []);

/** The excerpt that a place stands in; `undefined` where it has not been read. */
export const excerptAround = ({ path, line }: Place, excerpts: readonly Excerpt[]): Excerpt | undefined =>
  excerpts.find((excerpt) => excerpt.path === path && line >= excerpt.from && line < endOf(excerpt));
