import { fork, type ChildProcess } from 'node:child_process';
import type { Introduction, Order, Outcome } from './order.js';

/** What is measured, by name, and the module of it. */
export interface ContestantConfig {
  readonly name: string;
  readonly file: string;
}

/** A subject in its process. */
export class Contestant {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #introduction: Promise<Introduction>;
  #answer: { readonly resolve: (message: unknown) => void; readonly reject: (error: Error) => void } | undefined;

  /**
   * @param node - The Node that it runs on.
   * @param host - The program of the process.
   */
  constructor({ name, file }: ContestantConfig, node: string, host: string) {
    this.name = name;
    this.#child = fork(host, [file], { execPath: node, execArgv: ['--expose-gc'], env: { ...process.env, NODE_ENV: 'production' } });
    this.#child.on('message', (message) => this.#answer?.resolve(message));
    this.#child.on('exit', (code) => this.#answer?.reject(new Error(`The process of ${name} ended with ${String(code)}.`)));
    this.#introduction = this.#hear() as Promise<Introduction>;
  }

  /** What it can do. */
  introduce(): Promise<Introduction> {
    return this.#introduction;
  }

  /** Lets it do something, and fails where it does not. */
  async ask(order: Order): Promise<Outcome> {
    await this.#introduction;
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
      this.#answer = { resolve, reject };
    });
  }
}
