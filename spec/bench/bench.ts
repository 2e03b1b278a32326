/**
 * What everything costs, against the client that we stand on and against other libraries, as ratios in one run.
 *
 * `npm run bench` measures all of it; `-- --quick` in fewer rounds and without the peers, for a look; `-- --page` also
 * writes what was found into the guide "Performance". It goes to `.cache/bench/report.md` and `.cache/bench/report.json`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { measureCancel } from './measure-cancel.js';
import { measureLongLoop, measureSteps, measureToolLoop } from './measure-loops.js';
import { measureHeldRuns, measurePaced } from './measure-many.js';
import { entrySizes, importTimes } from './measure-size.js';
import { measureAgents, measureBackends, measurePadded, measureSingle } from './measure-tokens.js';
import { openArena } from './open-arena.js';
import { jsonOf, markdownOf } from './report.js';
import type { Measurement } from './rounds.js';
import { targetsOf, type Findings } from './targets.js';

const isQuick = process.argv.includes('--quick');
const PAGE = 'demos/guides/performance.md';
const MARKED = /(<!-- figures -->\n)[^]*?(<!-- end of the figures -->)/;

const isForPage = process.argv.includes('--page');
if (isForPage && isQuick) throw new Error('What is measured quickly is not for the page: leave out --quick or --page.');
const hasPeers = existsSync('spec/bench/peers/node_modules');
if (!hasPeers && !isQuick) console.error('The peers are not installed: npm ci --prefix spec/bench/peers');
const arena = await openArena(isQuick ? { rounds: 3, warmSteps: 500, hasPeers: false } : { rounds: 5 });
const tokens = isQuick ? 5_000 : 20_000;

const told = async <T>(what: string, measure: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const found = await measure();
  console.error(`${what}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return found;
};

const measureLoops = async (): Promise<ReadonlyMap<number, Measurement>> => {
  const found = new Map<number, Measurement>();
  // Warm with the first of them: the processes stay.
  let { warmSteps } = arena;
  for (const steps of isQuick ? [100] : [10, 50, 100]) {
    found.set(steps, await measureToolLoop({ ...arena, warmSteps }, steps));
    warmSteps = 100;
  }
  // With the whole history in each request it is quadratic for everybody: the client and we show how far it goes.
  if (!isQuick) found.set(200, await measureToolLoop({ ...arena, warmSteps }, 200, []));
  if (!isQuick) found.set(2_000, await measureToolLoop({ ...arena, rounds: 1, warmSteps }, 2_000, []));
  return found;
};

const findings: Findings = {
  backends: await told('backends', () => measureBackends(arena, tokens)),
  padded: await told('padded chunks', () => measurePadded(arena, tokens)),
  single: await told('one event a packet', () => measureSingle(arena, isQuick ? 250 : 2_000)),
  agents: await told('agents', () => measureAgents(arena, tokens, 'plain')),
  paddedAgents: await told('agents, padded', () => measureAgents(arena, tokens, 'padded')),
  loops: await told('tool loops', measureLoops),
  shortLoop: await told('a short loop', () => measureLongLoop(arena, 50)),
  longLoop: await told('a long loop', () => measureLongLoop(arena, isQuick ? 400 : 2_000)),
  paced: await told('paced answers', () =>
    isQuick
      ? measurePaced({ ...arena, rounds: 1 }, { streams: 200, tokens: 20, interval: 200, settle: 1_000 })
      : measurePaced(arena, { streams: 1_000, tokens: 40, interval: 200, settle: 2_000 }),
  ),
  steps: await told('synchronous agents', async () => [
    await measureSteps(arena, isQuick ? 500 : 2_000, 20),
    await measureSteps(arena, isQuick ? 500 : 2_000, 100),
  ]),
  heldRuns: await told('runs that wait', () => measureHeldRuns(arena, isQuick ? 2_000 : 10_000)),
  cancel: await told('giving up', () => measureCancel(arena, isQuick ? 3 : 21)),
  sizes: await told('sizes', entrySizes),
  imports: await told('imports', async () => importTimes(arena.node, isQuick ? 5 : 11)),
};
arena.close();

const versionOf = (path: string): string => {
  const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly name: string; readonly version: string };
  return `${name} ${version}`;
};
const { dependencies } = JSON.parse(readFileSync('spec/bench/peers/package.json', 'utf8')) as { readonly dependencies: object };
const packages = [
  ...['package.json', 'node_modules/openai/package.json', 'node_modules/rxjs/package.json'].map(versionOf),
  ...(hasPeers && !isQuick ? Object.entries(dependencies).map(([name, version]) => `${name} ${String(version)}`) : ['without the peers']),
];
const [cpu] = cpus();
const machine = `${cpus().length} × ${cpu?.model ?? 'an unknown processor'}, Node ${arena.version}, ${new Date().toISOString().slice(0, 10)}${isQuick ? ', quick: for a look only' : ''}; ${packages.join(', ')}.`;
const targets = targetsOf(findings);
const markdown = markdownOf(findings, targets, machine);
console.log(markdown);
writeFileSync('.cache/bench/report.md', `${markdown}\n`);
writeFileSync('.cache/bench/report.json', jsonOf(findings, targets, machine));
if (isForPage) {
  const page = readFileSync(PAGE, 'utf8');
  if (!MARKED.test(page)) throw new Error(`${PAGE} has no place for the figures.`);
  writeFileSync(
    PAGE,
    page.replace(MARKED, (_all, begin: string, end: string) => `${begin}\n${markdown}\n\n${end}`),
  );
  execFileSync('npm', ['run', '--silent', 'format']);
}
