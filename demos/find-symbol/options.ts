import { statSync } from 'node:fs';

/** What the demo is asked. */
export interface Options {
  readonly question: string;
  /** As it was typed, so that the paths on the screen can be opened from there. */
  readonly folder: string;
}

const USAGE = 'Usage: npm run demo -- ["where is <symbol> defined?" [folder]]';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Reads the command line: a question or a bare symbol, then a folder. Gives what is wrong with it as a text. */
export function readOptions(words: readonly string[]): Options | string {
  const [question = 'where is createOrchestrator defined?', folder = '.', ...rest] = words;
  if (rest.length > 0) return `Too many words: put the question in quotes.\n${USAGE}`;
  if (question.trim() === '') return `The question is empty.\n${USAGE}`;
  if (!isFolder(folder)) return `There is no folder ${folder}.\n${USAGE}`;
  return { question: /\s/.test(question.trim()) ? question.trim() : `where is ${question.trim()} defined?`, folder };
}

/** The purpose of the agent: the question, and what counts as an answer. */
export const purposeOf = (question: string): string =>
  `${question}
It is met when the state shows that the line which defines the symbol was read in its place in the file: file, line number and text. Imports, re-exports, calls, and mentions in comments or strings are no definitions. Where one symbol is meant, one definition is enough. The answer names file and line as path:line.`;
