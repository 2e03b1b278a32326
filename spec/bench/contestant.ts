import { fork, type ChildProcess } from 'node:child_process';
import type { Introduction, Order, Outcome } from './order.js';

/** What is measured, by name, and the module of it. */
export interface ContestantConfig {
  readonly name: string;
  readonly file: string;
  /** Whether there is no measuring without it. */
  readonly isOurs: boolean;
}

/** The longest that an order may take, in milliseconds. */
const WITHIN = 300_000;

/** Nothing of what the user has set for other programs, such as tracing, proxies or options of Node. */
const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production' };

/** A subject in its process. */
export class Contestant {
  readonly name: string;
  readonly isOurs: boolean;
  readonly #child: ChildProcess;
  readonly #introduction: Promise<Introduction>;
  #gone: Error | undefined;
  #answer: { readonly resolve: (message: unknown) => void; readonly reject: (error: Error) => void } | undefined;

  /**
   * @param node - The Node that it runs on.
   * @param host - The program of the process.
   */
  constructor({ name, file, isOurs }: ContestantConfig, node: string, host: string) {
    this.name = name;
    this.isOurs = isOurs;
    this.#child = fork(host, [file], { execPath: node, execArgv: ['--expose-gc'], env: environment });
    this.#child.on('message', (message) => this.#answer?.resolve(message));
    this.#child.on('exit', (code) => {
      this.#gone = new Error(`The process of ${name} ended with ${String(code)}.`);
      this.#answer?.reject(this.#gone);
    });
    this.#child.on('error', (error) => this.#answer?.reject(error));
    this.#introduction = this.#hear() as Promise<Introduction>;
  }

  /** What it can do. */
  introduce(): Promise<Introduction> {
    return this.#introduction;
  }

  /** Lets it do something, and fails where it does not. */
  async ask(order: Order): Promise<Outcome> {
    await this.#introduction;
    if (this.#gone !== undefined) throw this.#gone;
    this.#child.send(order);
    const outcome = (await this.#hear()) as Outcome;
    if (outcome.fault !== undefined) throw new Error(`${this.name} could not do ${JSON.stringify(order)}: ${outcome.fault}`);
    return outcome;
  }

  /** Ends its process. */
  end(): void {
    this.#child.kill();
  }

  #hear(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#child.kill();
        reject(new Error(`${this.name} took longer than ${WITHIN} ms.`));
      }, WITHIN);
      const once =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(late);
          settle(value);
        };
      this.#answer = { resolve: once(resolve), reject: once(reject) };
    });
  }
}
