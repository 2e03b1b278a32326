import { extname } from 'node:path';
import * as t from 'io-ts';
import { concatMap, connect, last, map, merge, scan, startWith, throttleTime, type Observable } from 'rxjs';
import { tool, toolProgress } from 'purpose-rx';
import { locate, walk } from './folder.js';
import type { FileList } from './results.js';

/** How many paths are told; of the rest, how many there are by their extensions. */
const MOST_FILES = 100;

const Params = t.exact(t.partial({ under: t.string }), 'ListFilesParams');

const add = (list: FileList, path: string): FileList => {
  const extension = extname(path) || '(none)';
  return {
    ...list,
    total: list.total + 1,
    byExtension: { ...list.byExtension, [extension]: (list.byExtension[extension] ?? 0) + 1 },
    files: list.files.length < MOST_FILES ? [...list.files, path] : list.files,
  };
};

const list = (folder: string, under: string): Observable<unknown> => {
  const none: FileList = { under, total: 0, byExtension: {}, files: [] };
  return locate(folder, under).pipe(
    concatMap(() => walk(folder, under)),
    scan(add, none),
    startWith(none),
    connect((list$) =>
      merge(
        list$.pipe(
          throttleTime(40),
          map(({ total }) => toolProgress({ files: total })),
        ),
        list$.pipe(last()),
      ),
    ),
  );
};

/** `list_files`: what there is in the folder. */
export const listFiles = (folder: string) =>
  tool({
    name: 'list_files',
    description: `Lists the files of the folder, or of a folder under it, and counts them by extension. At most ${MOST_FILES} paths.`,
    params: Params,
    run: ({ under = '' }) => list(folder, under.replace(/^\.?\/+|\/+$/g, '').replace(/^\.$/, '')),
  });
