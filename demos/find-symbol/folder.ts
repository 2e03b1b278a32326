import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { catchError, concatMap, defer, EMPTY, filter, from, map, of, type Observable } from 'rxjs';

/** Folders that hold what others wrote or what was built; so do those whose names begin with a dot. */
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'target', '__pycache__', 'venv']);

/** Larger files are data rather than source, in bytes. */
const LARGEST = 1_000_000;

const isSkipped = (name: string): boolean => name.startsWith('.') || SKIPPED.has(name);

const entriesOf = (path: string) =>
  defer(() => readdir(path, { withFileTypes: true })).pipe(
    // One that may not be read is passed over; the folder itself was looked at before the run.
    catchError(() => EMPTY),
    concatMap((entries) => from(entries.toSorted((one, other) => (one.name < other.name ? -1 : 1)))),
  );

/**
 * The paths of all files of a folder, in order. Links are not followed, so the walk ends and stays inside. Cold, and
 * the disk is asked for one folder at a time: unsubscribing stops it there.
 */
export const walk = (folder: string, under = ''): Observable<string> =>
  entriesOf(join(folder, under)).pipe(
    concatMap((entry) => {
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      if (entry.isDirectory()) return isSkipped(entry.name) ? EMPTY : walk(folder, path);
      return entry.isFile() ? of(path) : EMPTY;
    }),
  );

const isWithin = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/** Where a path of the folder really is. Errors where that is outside of the folder, by `..` or by a link. */
export const locate = (folder: string, path: string): Observable<string> =>
  defer(() => Promise.all([realpath(folder), realpath(resolve(folder, path))])).pipe(
    map(([root, target]) => {
      if (!isWithin(root, target)) throw new Error(`${path} is outside of the folder`);
      return target;
    }),
  );

/** The text of a file; empty where it is huge or binary. Unsubscribing leaves it to `signal` to end the reading. */
export const readText = (path: string, signal: AbortSignal): Observable<string> =>
  defer(() => stat(path)).pipe(
    filter((found) => found.isFile() && found.size <= LARGEST),
    concatMap(() => readFile(path, { encoding: 'utf8', signal })),
    filter((text) => !text.includes('\0')),
  );
