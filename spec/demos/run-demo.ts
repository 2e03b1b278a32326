import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { leanBundle } from '../support/lean-bundle.js';

const names = ['01-find-symbol', '02-race-two-agents', '03-agent-in-a-stream', '04-survive-a-crash'] as const;
const FOLDER = '.cache/demos';

/** What became of a demo that ran as a program of its own. */
export interface DemoOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunDemoOptions {
  /** Which demo. Defaults to the first. */
  readonly name?: (typeof names)[number];
  /** From its source, which takes two seconds to load, instead of from what {@link buildDemos} made of it. */
  readonly isFromSource?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Called at each output, with all that there is so far. */
  readonly onOutput?: (stdout: string, child: ChildProcessByStdio<null, Readable, Readable>) => void;
}

/** No key of the user's, and no coverage of the child, which would slow it down. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:OPENAI_|MODEL$|DEMO_|NODE_V8_COVERAGE$)/.test(name)));

/** Builds the demos, so that running them again and again takes less time. */
export const buildDemos = async (): Promise<void> => {
  const entryPoints = names.map((name) => `demos/${name}.ts`);
  await build({ ...leanBundle, entryPoints, outdir: FOLDER });
};

/** Runs a demo as a user does, but as fast as it can. */
export const runDemo = (
  args: readonly string[],
  { name = '01-find-symbol', isFromSource = false, env = {}, onOutput = () => undefined }: RunDemoOptions = {},
): Promise<DemoOutcome> =>
  new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [...(isFromSource ? ['--import', 'tsx', `demos/${name}.ts`] : [`${FOLDER}/${name}.js`]), ...args],
      {
        env: { ...cleanEnvironment(), DEMO_PACE: '0', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      onOutput(stdout, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', (status) => {
      resolve({ status, stdout, stderr });
    });
  });
