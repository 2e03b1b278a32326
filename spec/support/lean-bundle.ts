import type { BuildOptions } from 'esbuild';

/**
 * How what is run by itself in a test is bundled: what packages have as ES modules leaves most of them out, so that it
 * takes half the time to start. `openai` is loaded at its first use, if at all.
 */
export const leanBundle = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['es2015'],
  external: ['openai', 'tinypool', 'node:*'],
  tsconfig: 'tsconfig.json',
  logLevel: 'silent',
} as const satisfies BuildOptions;
