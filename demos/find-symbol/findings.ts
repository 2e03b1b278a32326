import { definitionAt, looksLikeDefinition, type Kind } from './definitions.js';
import { excerptAround, toExcerpts, type Excerpt } from './excerpts.js';
import type { SoughtSymbol } from './question.js';
import { FileList, Lines, outputsOf, SearchResult, type Place } from './results.js';

/** A line that may define the symbol, or does. */
export interface Candidate extends Place {
  readonly kind: Kind;
}

/** What the observations of a state show about where a symbol is defined. */
export interface Findings {
  readonly symbol: SoughtSymbol;
  /** The extensions of the files that were listed, the most frequent first. */
  readonly extensions: readonly string[];
  readonly searches: readonly SearchResult[];
  /** How many lines have the symbol as a whole name, and those of them that were shown. */
  readonly mentioned: number;
  readonly mentions: readonly Place[];
  /** Lines that look like a definition and have not been read yet, the likeliest first. */
  readonly unread: readonly Candidate[];
  /** Lines that were read, from `readFrom` on, and stand in a comment or a string, unless that was closed further up. */
  readonly unclear: readonly { readonly place: Candidate; readonly readFrom: number }[];
  /** Lines that were read and define it, the likeliest first. */
  readonly definitions: readonly Candidate[];
}

const KINDS: readonly Kind[] = ['keyword', 'form', 'member', 'name'];

/** Whether a line looks like a definition whatever stands around it. */
export const isSure = ({ kind }: Candidate): boolean => kind === 'keyword' || kind === 'form';

const isAside = (path: string): boolean =>
  /(?:^|\/)(?:spec|test|tests|__tests__|fixtures|examples?|mocks?)\/|[._-](?:spec|test)\.|\.d\.ts$/.test(path);

const weigh = ({ kind, path, text }: Candidate, isOwners: (path: string) => boolean): number =>
  (isOwners(path) ? 0 : 1000) +
  (isAside(path) ? 500 : 0) +
  KINDS.indexOf(kind) * 100 +
  Math.min(text.search(/\S|$/), 40) +
  (/;\s*$/.test(text) ? 1 : 0);

const isAt = (one: Place, other: Place): boolean => one.path === other.path && one.line === other.line;

/** Reads what the data of a state says about a symbol. Pure: it knows what was observed, and nothing of the disk. */
export function findingsOf(data: unknown, symbol: SoughtSymbol): Findings {
  const searches = outputsOf(data, SearchResult);
  const excerpts = toExcerpts(outputsOf(data, Lines));
  const byExtension = outputsOf(data, FileList).at(-1)?.byExtension ?? {};
  const matches = searches.filter(({ ignoreCase }) => !ignoreCase).flatMap((search) => search.matches);
  const places = matches.filter((place, index) => matches.findIndex((other) => isAt(place, other)) === index);

  const lookingFor = (name: string) =>
    places.flatMap((place): readonly Candidate[] => {
      const kind = looksLikeDefinition(place.path, place.text, name);
      return kind === undefined ? [] : [{ ...place, kind }];
    });
  const owners = new Set(symbol.owner === undefined ? places.map(({ path }) => path) : lookingFor(symbol.owner).map(({ path }) => path));
  const candidates = lookingFor(symbol.name).toSorted(
    (one, other) => weigh(one, (path) => owners.has(path)) - weigh(other, (path) => owners.has(path)),
  );

  const read = candidates.flatMap((candidate): readonly (readonly [Candidate, Excerpt])[] => {
    const excerpt = excerptAround(candidate, excerpts);
    return excerpt === undefined ? [] : [[candidate, excerpt]];
  });
  const isConfirmed = ([{ path, line }, { from, lines }]: readonly [Candidate, Excerpt]): boolean =>
    definitionAt(path, lines, line - from, symbol.name) !== undefined;
  /** Where it is said whose it is, a definition in the same file is meant, and the others only where there is none. */
  const ofOwner = (found: readonly Candidate[]): readonly Candidate[] =>
    found.some(({ path }) => owners.has(path)) ? found.filter(({ path }) => owners.has(path)) : found;

  return {
    symbol,
    extensions: Object.entries(byExtension)
      .toSorted(([, one], [, other]) => other - one)
      .map(([extension]) => extension),
    searches,
    mentioned: Math.max(
      0,
      ...searches.filter(({ searched, ignoreCase }) => searched === symbol.name && !ignoreCase).map(({ total }) => total),
    ),
    mentions: places.filter(({ text }) => text.includes(symbol.name)),
    unread: candidates.filter((candidate) => excerptAround(candidate, excerpts) === undefined),
    unclear: read
      .filter((pair) => isSure(pair[0]) && pair[1].from > 1 && !isConfirmed(pair))
      .map(([place, { from }]) => ({ place, readFrom: from })),
    definitions: ofOwner(read.filter(isConfirmed).map(([candidate]) => candidate)),
  };
}
