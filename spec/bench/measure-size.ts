import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { median } from './rounds.js';

/** What a bundler makes of some code, in bytes. */
export interface BundleSize {
  /** Of what is loaded at once, each file by itself, `gzip -9`. */
  readonly gzip: number;
  /** Of the same, not compressed. */
  readonly minified: number;
  /** Of what is loaded when it is needed, `gzip -9`. */
  readonly lazy: number;
  /** The modules that are loaded at once, and how much of each. */
  readonly modules: ReadonlyMap<string, number>;
  /** The packages that are left outside and loaded at once. */
  readonly packages: ReadonlySet<string>;
}

/** What a page or a program brings along anyway, or what is none of a bundler's business. */
const EXTERNAL = ['rxjs', 'openai', 'tinypool'];

/** An output and all that it imports, to be had before it runs. */
function loadedAtOnce(outputs: Metafile['outputs'], path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { path: imported, kind } of outputs[path]?.imports ?? [])
    if (kind === 'import-statement') loadedAtOnce(outputs, imported, seen);
  return seen;
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

/** Bundles and minifies `source` as a module of the folder `resolveDir`, with RxJS, openai and tinypool left outside. */
export async function bundleSize(source: string, resolveDir: string, platform: 'browser' | 'node'): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir },
    outdir: '/bundle',
    absWorkingDir: '/',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform,
    external: EXTERNAL,
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const { outputs } = metafile;
  const atOnce = loadedAtOnce(outputs, 'bundle/stdin.js');
  const files = outputFiles.map(({ path, contents }) => ({
    isAtOnce: atOnce.has(path.slice(1)),
    minified: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    inputs: Object.entries(outputs[path.slice(1)]?.inputs ?? {}),
  }));
  const needed = files.filter(({ isAtOnce }) => isAtOnce);
  return {
    gzip: sum(needed.map(({ gzip }) => gzip)),
    minified: sum(needed.map(({ minified }) => minified)),
    lazy: sum(files.filter(({ isAtOnce }) => !isAtOnce).map(({ gzip }) => gzip)),
    modules: new Map(needed.flatMap(({ inputs }) => inputs.map(([module, { bytesInOutput }]) => [module, bytesInOutput]))),
    packages: new Set(EXTERNAL.filter((name) => atOnce.has(name))),
  };
}

/** The sizes of the built entries: the root for a browser, the others for Node. */
export async function entrySizes(): Promise<{ entry: string; gzip: number; minified: number; lazy: number }[]> {
  const entries = [
    ['index', 'browser'],
    ['node', 'node'],
    ['testing', 'node'],
  ] as const;
  const measure = async ([entry, platform]: (typeof entries)[number]) => {
    const { gzip, minified, lazy } = await bundleSize(`export * from './dist/${entry}.js';`, process.cwd(), platform);
    return { entry, gzip, minified, lazy };
  };
  return Promise.all(entries.map(measure));
}

const importTime = (node: string, specifier: string): number => {
  const source = `const start = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - start);`;
  return Number(execFileSync(node, ['--input-type=module', '--eval', source], { encoding: 'utf8' }));
};

/** How long a new process of `node` takes to import the built root entry and RxJS alone, in milliseconds, in turns. */
export function importTimes(node: string, rounds: number): { core: number; rxjs: number } {
  const root = pathToFileURL(resolve('dist/index.js')).href;
  const times = Array.from({ length: rounds }, () => ({ core: importTime(node, root), rxjs: importTime(node, 'rxjs') }));
  return { core: median(times.map(({ core }) => core)), rxjs: median(times.map(({ rxjs }) => rxjs)) };
}
