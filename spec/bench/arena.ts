import type { Contestant } from './contestant.js';

/** Where it all happens. */
export interface Arena {
  /** Of the server. */
  readonly origin: string;
  /** By name; who cannot be here is missing. */
  readonly contestants: ReadonlyMap<string, Contestant>;
  /** The agents of others among them. */
  readonly agents: readonly string[];
  /** Those of them that can call tools in a loop. */
  readonly looping: readonly string[];
  /** How often each does it, at least five where it is to count. */
  readonly rounds: number;
  /** How many steps a loop takes before it counts: what is compared is a process that has been at it for a while. */
  readonly warmSteps: number;
  /** A path of the server that nobody has asked yet. */
  readonly fresh: () => string;
}
