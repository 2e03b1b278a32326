import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Arena } from './arena.js';
import { Contestant, type ContestantConfig } from './contestant.js';

const PEERS = 'spec/bench/peers';
const BUILT = '.cache/bench';

/** The peers by the names of their modules. Who is no agent is a client only. */
const peers: Readonly<Record<string, { readonly file: string; readonly isAgent: boolean }>> = {
  'openai 7': { file: 'openai-7', isAgent: false },
  LangChain: { file: 'langchain', isAgent: false },
  'AI SDK': { file: 'ai-sdk', isAgent: true },
  LangGraph: { file: 'langgraph', isAgent: true },
  "LangGraph's streamEvents": { file: 'langgraph-stream-events', isAgent: true },
  'openai-agents': { file: 'openai-agents', isAgent: true },
  Mastra: { file: 'mastra', isAgent: true },
  'AG-UI client': { file: 'ag-ui', isAgent: false },
};

/** Our own subjects: as JavaScript beside the built package, which they import by its name. */
const ours: Readonly<Record<string, string>> = {
  openai: 'openai-client',
  'purpose-rx': 'purpose-rx',
  'fetch and a scan': 'bare-scan',
  'async generator': 'generator',
  'async generator, synchronous ports': 'synchronous-generator',
};

const buildSubjects = async (): Promise<void> => {
  await build({
    entryPoints: [...readdirSync('spec/bench/subjects').map((file) => `spec/bench/subjects/${file}`), 'spec/bench/subject-process.ts'],
    outdir: BUILT,
    outbase: 'spec/bench',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    // By its name, so that what is measured is the built package and not this tree.
    external: ['purpose-rx'],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
};

/** The newest Node that is there: the peers bring one along where their newest need it. */
const nodeToUse = (): string => {
  const brought = resolve(PEERS, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  return existsSync(brought) ? brought : process.execPath;
};

/** What an arena is opened with. */
interface ArenaConfig {
  readonly rounds: number;
  readonly warmSteps?: number;
  /** Whether the peers take part. Defaults to whether they are installed. */
  readonly hasPeers?: boolean;
}

/** Starts the server and a process for each subject. Without the peers it is about ourselves and the client alone. */
export async function openArena({
  rounds,
  warmSteps = 2_500,
  hasPeers = existsSync(join(PEERS, 'node_modules')),
}: ArenaConfig): Promise<Arena & { readonly node: string; readonly version: string; readonly close: () => void }> {
  await buildSubjects();
  const node = nodeToUse();
  const server = fork('spec/bench/server.ts', { execArgv: ['--import', 'tsx'] });
  const gone = once(server, 'exit').then(() => Promise.reject(new Error('The server of the benchmark did not start.')));
  const [origin] = (await Promise.race([once(server, 'message'), gone])) as [string];
  gone.catch(() => undefined);
  const host = join(BUILT, 'subject-process.mjs');
  const configs: readonly ContestantConfig[] = [
    ...Object.entries(ours).map(([name, file]) => ({ name, file: resolve(BUILT, 'subjects', `${file}.mjs`), isOurs: true })),
    ...(hasPeers ? Object.entries(peers).map(([name, { file }]) => ({ name, file: resolve(PEERS, `${file}.js`), isOurs: false })) : []),
  ];
  const contestants = new Map<string, Contestant>();
  const agents: string[] = [];
  const looping: string[] = [];
  for (const config of configs) {
    const contestant = new Contestant(config, node, host);
    try {
      const { methods } = await contestant.introduce();
      contestants.set(config.name, contestant);
      if (peers[config.name]?.isAgent !== true) continue;
      agents.push(config.name);
      if (methods.includes('loopTools')) looping.push(config.name);
    } catch (error) {
      console.error(`${config.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  let asked = 0;
  return {
    origin,
    contestants,
    agents,
    looping,
    rounds,
    warmSteps,
    fresh: () => {
      asked += 1;
      return String(asked);
    },
    node,
    version: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
    close: () => {
      for (const contestant of contestants.values()) contestant.end();
      server.kill();
    },
  };
}
