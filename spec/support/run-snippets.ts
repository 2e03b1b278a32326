import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { execute, offline, type Outcome } from './execute.js';
import { leanBundle } from './lean-bundle.js';
import type { Snippet } from './snippets.js';

const TIME_LIMIT = 30_000;

const nameOf = ({ file, line }: Snippet): string => `${file.replaceAll('/', '__')}.${line}`;

/** Blank lines first, so that a line has the number it has in the Markdown file. */
const sourceOf = ({ line, code }: Snippet): string => `${'\n'.repeat(line)}${code}\nexport {};\n`;

/** As strictly as the library, and as a project that is `strict` and no more: each refuses what the other lets pass. */
const strictness: Readonly<Record<string, object>> = {
  strictest: {},
  strict: { exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: false, noPropertyAccessFromIndexSignature: false },
};

/**
 * Type-checks all snippets, once a strictness; a snippet may declare what it does not use.
 *
 * @returns by snippet what the compiler says, with the lines of the Markdown file; under `undefined` what belongs to none
 */
export async function typeCheck(
  snippets: readonly Snippet[],
  folder: string,
): Promise<ReadonlyMap<Snippet | undefined, readonly string[]>> {
  for (const snippet of snippets) writeFileSync(join(folder, `${nameOf(snippet)}.ts`), sourceOf(snippet));
  const root = relative(folder, process.cwd());
  const check = async ([name, options]: readonly [string, object]): Promise<readonly string[]> => {
    const config = join(folder, `tsconfig.${name}.json`);
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, types: ['node'], ...options };
    writeFileSync(config, JSON.stringify({ extends: `${root}/tsconfig.json`, compilerOptions, include: ['*.ts'] }));
    const { status, stdout, stderr } = await execute('node_modules/.bin/tsc', ['--project', config, '--pretty', 'false']);
    // A line that is indented goes on with the fault before it.
    return status === 0 ? [] : `${stdout}${stderr}`.trim().split(/\n(?! )/);
  };
  const faults = [...new Set((await Promise.all(Object.entries(strictness).map(check))).flat())];
  const faultsOf = (owner: Snippet | undefined): readonly string[] =>
    faults.filter((fault) => snippets.find((snippet) => fault.includes(`${nameOf(snippet)}.ts(`)) === owner);
  return new Map([undefined, ...snippets].map((owner) => [owner, faultsOf(owner)]));
}

/** Runs a module in a thread of its own, to its end. */
const runInThread = (file: string): Promise<Outcome> =>
  new Promise((resolve) => {
    const worker = new Worker(file, { env: offline(), execArgv: ['--enable-source-maps'], stdout: true, stderr: true });
    const written = { stdout: '', stderr: '' };
    worker.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
    worker.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
    const limit = setTimeout(() => void worker.terminate(), TIME_LIMIT);
    worker.on('error', (error) => (written.stderr += error.stack ?? error.message));
    worker.on('exit', (status) => {
      clearTimeout(limit);
      resolve({ status, ...written });
    });
  });

/** Runs each snippet that is to be run as a module of its own, in a thread of its own, against the sources of the library. */
export async function runSnippets(snippets: readonly Snippet[], folder: string): Promise<ReadonlyMap<Snippet, Outcome>> {
  const runnable = snippets.filter(({ isRun }) => isRun);
  await build({
    ...leanBundle,
    entryPoints: runnable.map((snippet) => join(folder, `${nameOf(snippet)}.ts`)),
    outdir: folder,
    splitting: true,
    sourcemap: 'linked',
    sourcesContent: false,
  });
  const run = async (snippet: Snippet): Promise<[Snippet, Outcome]> => [snippet, await runInThread(join(folder, `${nameOf(snippet)}.js`))];
  return new Map(await lastValueFrom(from(runnable).pipe(mergeMap(run, availableParallelism()), toArray())));
}
