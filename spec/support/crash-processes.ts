import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Life, LifeResult } from './crash-agent.js';
import { leanBundle } from './lean-bundle.js';

const BUNDLE = join('.cache', 'crash', 'crash-process.mjs');

/** Bundles the process once: started from its sources it takes most of a second. */
export const buildCrashProcess = async (): Promise<void> => {
  await build({ ...leanBundle, entryPoints: [join('spec', 'support', 'crash-process.ts')], outfile: BUNDLE });
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
