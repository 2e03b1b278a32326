import * as t from 'io-ts';

/** A line of a file. Paths are relative to the folder, with forward slashes; lines count from 1. */
export const Place = t.strict({ path: t.string, line: t.number, text: t.string }, 'Place');
export type Place = t.TypeOf<typeof Place>;

/** What `list_files` gives. */
export const FileList = t.strict(
  { under: t.string, total: t.number, byExtension: t.record(t.string, t.number), files: t.readonlyArray(t.string) },
  'FileList',
);
export type FileList = t.TypeOf<typeof FileList>;

/** What `search_text` gives: the first matches in order of path and line, and how many there are in all. */
export const SearchResult = t.strict(
  {
    searched: t.string,
    wholeWord: t.boolean,
    ignoreCase: t.boolean,
    filesSearched: t.number,
    filesSkipped: t.number,
    total: t.number,
    matches: t.readonlyArray(Place),
  },
  'SearchResult',
);
export type SearchResult = t.TypeOf<typeof SearchResult>;

/** What `read_lines` gives. */
export const Lines = t.strict({ path: t.string, from: t.number, lines: t.readonlyArray(t.string) }, 'Lines');
export type Lines = t.TypeOf<typeof Lines>;

const Observations = t.type({ observations: t.array(t.type({ output: t.unknown })) });

/** The outputs of one kind among the observations of a state's data, oldest first. */
export const outputsOf = <A>(data: unknown, codec: t.Type<A>): readonly A[] =>
  Observations.is(data) ? data.observations.map(({ output }) => output).filter((output): output is A => codec.is(output)) : [];
