import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Life, LifeResult } from './crash-agent.js';

const BUNDLE = join('.cache', 'crash', 'crash-process.mjs');

/** Bundles the process once: started from its sources it takes most of a second. */
export const buildCrashProcess = async (): Promise<void> => {
  await build({
    entryPoints: [join('spec', 'support', 'crash-process.ts')],
    outfile: BUNDLE,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    // What packages have as ES modules leaves most of them out: that is a third of the time that it takes to start.
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['es2015'],
    // `openai` is loaded at the first request of a backend that is not in use here.
    external: ['openai', 'node:*'],
    logLevel: 'warning',
  });
};

/** How a process came to its end: by a signal, or with what it printed. */
export interface ProcessEnd {
  readonly signal: string | null;
  readonly results: readonly LifeResult[];
}

/** Lets a process of its own live these lives. Rejects where it fails in any other way than by a signal. */
export const inProcess = (lives: readonly Life[]): Promise<ProcessEnd> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [BUNDLE, JSON.stringify(lives)], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve({ signal: null, results: JSON.parse(stdout) as LifeResult[] });
      else if (typeof error.signal === 'string') resolve({ signal: error.signal, results: [] });
      else reject(new Error(`A process failed: ${stderr}`, { cause: error }));
    });
  });
