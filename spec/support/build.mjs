import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

/** dist: one ES module a subpath and the chunks they share, packages left outside; declarations beside them. */
rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: {
    index: 'lib/index.ts',
    resilience: 'lib/resilience.ts',
    adapters: 'lib/adapters.ts',
    node: 'lib/node.ts',
    testing: 'lib/testing.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  // Neither Node's nor the browser's: what needs Node says so by its imports.
  platform: 'neutral',
  target: 'es2022',
  packages: 'external',
  chunkNames: 'chunks/[hash]',
  sourcemap: true,
  logLevel: 'warning',
});

const { status } = spawnSync('node_modules/.bin/tsc', ['--project', 'spec/support/tsconfig.build.json'], { stdio: 'inherit' });
process.exitCode = status ?? 1;
