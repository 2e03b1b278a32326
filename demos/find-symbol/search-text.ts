import { join } from 'node:path';
import * as t from 'io-ts';
import { catchError, connect, defaultIfEmpty, last, map, merge, mergeMap, of, scan, startWith, throttleTime, type Observable } from 'rxjs';
import { tool, toolProgress } from 'purpose-rx';
import { readText, walk } from './folder.js';
import type { Place, SearchResult } from './results.js';

/** How many matches are told, and how many are held to choose them from. */
const MOST_MATCHES = 60;
const MOST_HELD = 20_000;

/** How many files are read at a time. */
const CONCURRENCY = 8;

/** Longest text of a match, in UTF-16 code units. */
const LONGEST_LINE = 200;

const Params = t.exact(
  t.intersection([t.type({ text: t.string }), t.partial({ wholeWord: t.boolean, ignoreCase: t.boolean })], 'SearchTextParams'),
);
type Params = t.TypeOf<typeof Params>;

/** What was found so far; of one file, `undefined` where it was skipped. */
interface Found {
  readonly searched: number;
  readonly skipped: number;
  readonly total: number;
  readonly places: readonly Place[];
}

const none: Found = { searched: 0, skipped: 0, total: 0, places: [] };

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Letters of any script count as parts of words, as does the `$` at the end of a name. */
const toPattern = ({ text, wholeWord = false, ignoreCase = false }: Params): RegExp =>
  new RegExp(wholeWord ? `(?<![\\p{L}\\p{N}_])${escape(text)}(?![\\p{L}\\p{N}_$])` : escape(text), ignoreCase ? 'iu' : 'u');

const placesIn = (path: string, text: string, pattern: RegExp): readonly Place[] => {
  // Most files have it nowhere, and need not be split into lines.
  if (!pattern.test(text)) return [];
  return text.split(/\r?\n/).flatMap((line, index) => {
    const at = line.search(pattern);
    // A line without end is shown from shortly before what was looked for.
    return at < 0 ? [] : [{ path, line: index + 1, text: line.slice(Math.max(0, at - 120), Math.max(0, at - 120) + LONGEST_LINE) }];
  });
};

const gather = (found: Found, places: readonly Place[] | undefined): Found =>
  places === undefined
    ? { ...found, skipped: found.skipped + 1 }
    : {
        searched: found.searched + 1,
        skipped: found.skipped,
        total: found.total + places.length,
        places: places.length === 0 || found.places.length >= MOST_HELD ? found.places : [...found.places, ...places],
      };

const inOrder = (one: Place, other: Place): number => (one.path === other.path ? one.line - other.line : one.path < other.path ? -1 : 1);

const search = (folder: string, params: Params, signal: AbortSignal): Observable<unknown> => {
  const { text, wholeWord = false, ignoreCase = false } = params;
  if (text.trim() === '') throw new Error('there is nothing to look for: text is empty');
  const pattern = toPattern(params);
  const toResult = ({ searched, skipped, total, places }: Found): SearchResult => ({
    searched: text,
    wholeWord,
    ignoreCase,
    filesSearched: searched,
    filesSkipped: skipped,
    total,
    matches: places.toSorted(inOrder).slice(0, MOST_MATCHES),
  });
  const placesOf = (path: string): Observable<readonly Place[] | undefined> =>
    readText(join(folder, path), signal).pipe(
      map((content) => placesIn(path, content, pattern)),
      defaultIfEmpty(undefined),
      // A file that may not be read, or that is gone by now.
      catchError(() => of(undefined)),
    );
  return walk(folder).pipe(
    mergeMap(placesOf, CONCURRENCY),
    scan(gather, none),
    startWith(none),
    connect((found$) =>
      merge(
        found$.pipe(
          throttleTime(40),
          map(({ searched, total }) => toolProgress({ files: searched, matches: total })),
        ),
        found$.pipe(last(), map(toResult)),
      ),
    ),
  );
};

/** `search_text`: where in the folder a text stands. */
export const searchText = (folder: string) =>
  tool({
    name: 'search_text',
    description:
      `Looks for a text, taken literally, in all files of the folder that are text and not huge. Gives path, line number and the line ` +
      `of the first ${MOST_MATCHES} lines that have it, and how many there are. wholeWord: not as a part of a longer name.`,
    params: Params,
    run: (params, { signal }) => search(folder, params, signal),
  });
