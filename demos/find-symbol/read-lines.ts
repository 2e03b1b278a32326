import * as t from 'io-ts';
import { concatMap, defaultIfEmpty, map, type Observable } from 'rxjs';
import { tool } from 'purpose-rx';
import { locate, readText } from './folder.js';
import type { Lines } from './results.js';

/** Bounds of what one call gives: in lines, and in UTF-16 code units of a line. */
const MOST_LINES = 100;
const LONGEST_LINE = 200;

const Params = t.strict({ path: t.string, from: t.Int, to: t.Int }, 'ReadLinesParams');
type Params = t.TypeOf<typeof Params>;

const read = (folder: string, { path, from, to }: Params, signal: AbortSignal): Observable<Lines> =>
  locate(folder, path).pipe(
    concatMap((place) => readText(place, signal)),
    defaultIfEmpty(undefined),
    map((text) => {
      if (text === undefined) throw new Error(`${path} is no text file, or a huge one`);
      const all = text.split(/\r?\n/);
      if (from < 1 || from > to || from > all.length) throw new Error(`${path} has the lines 1 to ${all.length}`);
      const lines = all.slice(from - 1, Math.min(to, from - 1 + MOST_LINES));
      return { path, from, lines: lines.map((line) => line.slice(0, LONGEST_LINE)) };
    }),
  );

/** `read_lines`: some lines of a file. */
export const readLines = (folder: string) =>
  tool({
    name: 'read_lines',
    description: `Reads the lines from … to of a file, both included and counted from 1; at most ${MOST_LINES} of them.`,
    params: Params,
    run: (params, { signal }) => read(folder, params, signal),
  });
