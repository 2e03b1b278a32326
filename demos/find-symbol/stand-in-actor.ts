import type { Action, JsonRecord } from 'purpose-rx';
import { findingsOf, isSure, type Candidate, type Findings } from './findings.js';
import { dataOf, questionOf } from './prompt-data.js';
import { symbolOf } from './question.js';
import { Lines, outputsOf } from './results.js';
import { familyOf, type Family } from './source-text.js';

/** How many places are read side by side, and how many lines around each. */
const READ_AT_ONCE = 3;
const LINES_BEFORE = 90;
const LINES_AFTER = 4;

/** After so many it gives up. */
const MOST_READS = 12;

/** How definitions begin, by family: what to look for where a name has too many mentions to list. */
const PHRASES: Readonly<Record<Family, readonly string[]>> = {
  script: ['function NAME', 'class NAME', 'const NAME', 'interface NAME', 'type NAME'],
  native: ['fn NAME', 'struct NAME', 'class NAME', 'define NAME', 'NAME;'],
  go: ['func NAME', 'type NAME', 'var NAME', ') NAME('],
  python: ['def NAME', 'class NAME', 'NAME ='],
  hash: ['def NAME', 'class NAME', 'module NAME', 'NAME='],
  dash: ['function NAME', 'data NAME', 'local NAME'],
};

interface Call {
  readonly name: string;
  readonly params: JsonRecord;
}

const count = (amount: number, one: string, many = `${one}s`): string => `${amount} ${amount === 1 ? one : many}`;

const act = (thought: string, calls: readonly Call[], expectedDelta: string): Action => {
  const [only] = calls;
  if (only !== undefined && calls.length === 1) return { thought, name: only.name, params: only.params, expectedDelta };
  return { thought, name: 'parallel', params: { calls: calls.map(({ name, params }) => ({ name, params })) }, expectedDelta };
};

const done = (thought: string, answer: string): Action => ({ thought, name: 'DONE', params: { answer }, expectedDelta: 'The task ends.' });

const look = ({ name, owner }: Findings['symbol']): Action => {
  const searches = [name, ...(owner === undefined ? [] : [owner])].map((text) => ({
    name: 'search_text',
    params: { text, wholeWord: true },
  }));
  return act(
    `Nothing is known yet. I list the files and search for "${name}" as a whole word; neither waits for the other, so they run side by side.`,
    [{ name: 'list_files', params: {} }, ...searches],
    `I know which files there are and which lines have ${name}.`,
  );
};

const read = (candidates: readonly Candidate[], { symbol, mentioned }: Findings): Action => {
  const chosen = candidates.slice(0, READ_AT_ONCE);
  const [first] = chosen;
  const seems = first !== undefined && isSure(first) ? 'looks like its definition' : 'might be its definition';
  const rest = chosen.length > 1 ? `, and ${count(chosen.length - 1, 'other line')} might: I read them together` : ': I read it';
  return act(
    `Of ${count(mentioned, 'line')} with ${symbol.name}, ${first?.path}:${first?.line} ${seems}${rest}, with the lines above, to rule out a comment or a string.`,
    chosen.map(({ path, line }) => ({
      name: 'read_lines',
      params: { path, from: Math.max(1, line - LINES_BEFORE), to: line + LINES_AFTER },
    })),
    'The state shows whether the line defines it.',
  );
};

const readFurtherUp = (unclear: Findings['unclear'], { symbol }: Findings): Action => {
  const chosen = unclear.slice(0, READ_AT_ONCE);
  const [first] = chosen;
  return act(
    `${first?.place.path}:${first?.place.line} looks like a definition of ${symbol.name}, but seems to stand in a string or a comment. I read further up to see where that begins.`,
    chosen.map(({ place: { path }, readFrom }) => ({
      name: 'read_lines',
      params: { path, from: Math.max(1, readFrom - LINES_BEFORE), to: readFrom },
    })),
    'The state shows whether the line is code.',
  );
};

const searchPhrases = ({ symbol, extensions }: Findings, total: number): Action => {
  const families = extensions.map((extension) => familyOf(`file${extension}`)).filter((family) => family !== undefined);
  const phrases = [...new Set(families.flatMap((family) => PHRASES[family]))].slice(0, 6);
  return act(
    `${total} lines have ${symbol.name}, too many to list, and none of those I saw defines it. I search for the ways in which a definition begins.`,
    (phrases.length === 0 ? PHRASES.script : phrases).map((phrase) => ({
      name: 'search_text',
      params: { text: phrase.replace('NAME', () => symbol.name), wholeWord: true },
    })),
    'Fewer lines, and the definition among them.',
  );
};

const searchWider = ({ symbol: { name } }: Findings): Action =>
  act(
    `No line has ${name} as a whole word. Before I give up I search once more, in any case and as a part of longer names.`,
    [{ name: 'search_text', params: { text: name, wholeWord: false, ignoreCase: true } }],
    'Either a name that comes near, or the certainty that there is none.',
  );

const nearNames = ({ symbol: { name }, searches }: Findings): readonly string[] => {
  const wide = searches.filter(({ ignoreCase }) => ignoreCase).flatMap(({ matches }) => matches);
  const words = wide.flatMap(({ text }) => text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []);
  return [...new Set(words.filter((word) => word.toLowerCase().includes(name.toLowerCase())))].slice(0, 3);
};

const answerFound = ({ symbol: { name }, definitions }: Findings, best: Candidate): Action => {
  const others = definitions.slice(1, 3).map(({ path, line }) => `${path}:${line}`);
  const more = others.length === 0 ? '' : ` It is also defined in ${others.join(' and ')}.`;
  return done(
    `I read ${best.path}:${best.line}, and that line defines ${name}. That answers the question.`,
    `${name} is defined in ${best.path}:${best.line}: "${best.text.trim()}".${more}`,
  );
};

const answerNotFound = (findings: Findings): Action => {
  const { symbol, searches, mentioned, extensions } = findings;
  const files = Math.max(...searches.map(({ filesSearched }) => filesSearched), 0);
  const where = `I searched ${count(files, 'file')}${extensions.length === 0 ? '' : ` (${extensions.slice(0, 4).join(', ')})`}`;
  const near = nearNames(findings);
  const seen =
    mentioned > 0
      ? `It is mentioned in ${count(mentioned, 'line')}, and none that I looked at defines it, so it is probably defined outside of this folder.`
      : `No line mentions it.${near.length === 0 ? '' : ` Names that come near: ${near.join(', ')}.`}`;
  return done(
    `I have nothing left to try: no line that I found defines ${symbol.name}. I say so.`,
    `${symbol.name} was not found: ${where}. ${seen}`,
  );
};

/** Decides by rules what a model would decide: search, read what looks like the definition, answer what was read. */
export function decideByRules(data: ReadonlyMap<string, unknown>): Action {
  const question = questionOf(data);
  const symbol = symbolOf(question);
  if (symbol === undefined) return done('The question names no symbol.', `No symbol was found in the question "${question}".`);
  const findings = findingsOf(dataOf(data.get('state')), symbol);
  const { searches, unread, unclear, definitions, mentions } = findings;
  const [best] = definitions;
  const total = searches[0]?.total ?? 0;
  const isCut = total > (searches[0]?.matches.length ?? 0);
  const hasPhrases = searches.some(({ searched }) => searched !== symbol.name && searched.includes(symbol.name));
  const sure = unread.filter(isSure);

  if (best !== undefined) return answerFound(findings, best);
  if (searches.length === 0) return hasFailed(data) ? answerNotFound(findings) : look(symbol);
  if (outputsOf(dataOf(data.get('state')), Lines).length >= MOST_READS) return answerNotFound(findings);
  if (sure.length > 0) return read(sure, findings);
  if (unclear.length > 0) return readFurtherUp(unclear, findings);
  if (isCut && !hasPhrases) return searchPhrases(findings, total);
  if (unread.length > 0) return read(unread, findings);
  if (mentions.length === 0 && !searches.some(({ ignoreCase }) => ignoreCase)) return searchWider(findings);
  return answerNotFound(findings);
}

/** Whether something was done already: without a result it would only fail again. */
const hasFailed = (data: ReadonlyMap<string, unknown>): boolean => Number(data.get('step')) > 1;
