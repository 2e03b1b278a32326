import { execFile } from 'node:child_process';

/** What a child process left behind. */
export interface Outcome {
  /** Null where a signal ended it, the time limit's among them. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecuteOptions {
  readonly cwd?: string;
  /** Milliseconds until it is killed. Default 120,000. */
  readonly timeout?: number;
}

/** No key, so that an example that says it runs offline does; no coverage of the child, which would slow it down. */
export const offline = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OPENAI_') && name !== 'NODE_V8_COVERAGE'));

/** Runs a program to its end, whatever that is. */
export const execute = (command: string, args: readonly string[], { cwd, timeout = 120_000 }: ExecuteOptions = {}): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(command, [...args], { cwd, timeout, env: offline() }, (error, stdout, stderr) => {
      const code = error?.code ?? null;
      resolve({ status: error === null ? 0 : typeof code === 'number' ? code : null, stdout, stderr });
    });
  });

/** All of it in one text, for the message of a failed assertion. */
export const transcript = ({ status, stdout, stderr }: Outcome): string => `exit status ${status}\n${stdout}${stderr}`;
