import type { Contestant } from './contestant.js';
import type { Order, Outcome } from './order.js';

/** What was measured of several subjects in turns, a value a round each. */
export interface Measurement {
  /** Which it is, in words: the rows of the tables. */
  readonly what: string;
  readonly unit: string;
  /** By the name of the subject, in the order of the rounds. */
  readonly values: ReadonlyMap<string, readonly number[]>;
}

/** The middle one of some values. */
export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;

/** How the values of one subject stand to those of another: the median of the ratios of each round. */
export const ratio = ({ values }: Measurement, one: string, other: string): number => {
  const others = values.get(other) ?? [];
  return median((values.get(one) ?? []).map((value, round) => value / (others[round] ?? NaN)));
};

/** Configuration of {@link takeTurns}. */
export interface TurnsConfig {
  readonly what: string;
  readonly unit: string;
  readonly rounds: number;
  /** How often each does it before it counts. */
  readonly warmUps: number;
  /** Who takes part, under which name, and what it is told to do. */
  readonly turns: readonly { readonly name: string; readonly contestant: Contestant; readonly order: () => Order }[];
  /** What counts of it. Throws where it was not done right. */
  readonly valueOf: (outcome: Outcome, name: string) => number;
}

/** Lets subjects do the same in turns, so that what the machine drifts to falls on all of them. A peer that fails is left out. */
export async function takeTurns({ what, unit, rounds, warmUps, turns, valueOf }: TurnsConfig): Promise<Measurement> {
  const values = new Map(turns.map(({ name }): [string, number[]] => [name, []]));
  for (let round = -warmUps; round < rounds; round += 1) {
    // Each round begins with another of them.
    const first = (round + warmUps) % turns.length;
    for (const { name, contestant, order } of [...turns.slice(first), ...turns.slice(0, first)]) {
      if (!values.has(name)) continue;
      try {
        const value = valueOf(await contestant.ask(order()), name);
        if (round >= 0) values.get(name)?.push(value);
      } catch (error) {
        if (contestant.isOurs) throw error;
        console.error(`${name} is left out of ${what}: ${error instanceof Error ? error.message : String(error)}`);
        values.delete(name);
      }
    }
  }
  return { what, unit, values };
}
