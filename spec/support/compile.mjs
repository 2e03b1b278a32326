// Compiles the library, its specs and its demos, file by file, to `.cache/compiled`: that takes a second or two, and saves the
// suite what compiling on the way and keeping the name of each closure cost. For stacks with the lines of the sources, which
// are slow to make: NODE_OPTIONS=--enable-source-maps npm test
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const OUT = join('.cache', 'compiled');

const filesWith = (extension) =>
  ['lib', 'spec', 'demos']
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)))
    .filter((path) => path.endsWith(extension) && !path.includes('node_modules'));

/** So that the package is found under its own name, where a stranger finds its build. */
const { name, type, exports } = JSON.parse(readFileSync('package.json', 'utf8').replaceAll('./dist/', './lib/'));

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
writeFileSync(join(OUT, 'package.json'), JSON.stringify({ name, type, exports }));
await build({
  entryPoints: filesWith('.ts'),
  outdir: OUT,
  outbase: '.',
  format: 'esm',
  platform: 'node',
  target: 'es2022',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});
for (const file of filesWith('.mjs')) cpSync(file, join(OUT, file));
