import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the demo is asked. */
export interface Options {
  readonly question: string;
  /** As it was typed, so that the paths on the screen can be opened from there. */
  readonly folder: string;
}

const USAGE = 'Usage: npm run demo -- ["where is <symbol> defined?" [folder]]';

/** Why there is no run: a mistake in the command line, or that only help was asked for. */
export interface NoRun {
  readonly message: string;
  readonly exitCode: 0 | 2;
}

const refuse = (why: string): NoRun => ({ message: `${why}\n${USAGE}`, exitCode: 2 });

const folderProblem = (path: string): string | undefined => {
  // A path that leads through a file errors in spite of the option.
  const found = statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() ? statSync(path, { throwIfNoEntry: false }) : undefined;
  if (found === undefined) return `There is no folder ${path}.`;
  return found.isDirectory() ? undefined : `${path} is no folder.`;
};

/** Reads the command line: a question or a bare symbol, then a folder. Gives the reason where there is nothing to run. */
export function readOptions(words: readonly string[]): Options | NoRun {
  if (words.some((word) => word === '--help' || word === '-h')) return { message: USAGE, exitCode: 0 };
  const option = words.find((word) => word.startsWith('-'));
  if (option !== undefined) return refuse(`There is no option ${option}.`);
  const [question = 'where is createOrchestrator defined?', folder = '.', ...rest] = words;
  if (rest.length > 0) return refuse('Too many words: put the question in quotes.');
  if (question.trim() === '') return refuse('The question is empty.');
  const problem = folderProblem(folder);
  if (problem !== undefined) return refuse(problem);
  return { question: /\s/.test(question.trim()) ? question.trim() : `where is ${question.trim()} defined?`, folder };
}

/** The purpose of the agent: the question, and what counts as an answer. */
export const purposeOf = (question: string): string =>
  `${question}
It is met when the state shows that the line which defines the symbol was read in its place in the file: file, line number and text. Imports, re-exports, calls, and mentions in comments or strings are no definitions. Where one symbol is meant, one definition is enough. The answer names file and line as path:line.`;
