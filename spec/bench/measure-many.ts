import type { Arena } from './arena.js';
import type { Contestant } from './contestant.js';
import type { Order, Outcome } from './order.js';
import { takeTurns, type Measurement } from './rounds.js';

/** Configuration of {@link measurePaced}. */
interface PacedConfig {
  readonly streams: number;
  /** Of each stream. */
  readonly tokens: number;
  /** Between two tokens of a stream, in milliseconds. */
  readonly interval: number;
  /** How long streams that have all begun are left to themselves before they count, in milliseconds. */
  readonly settle: number;
}

const readers = ['openai', 'purpose-rx', 'fetch and a scan'];

/** Many answers at once, each at the pace of a model: CPU time, how late tokens are, and what a stream holds. */
export async function measurePaced(arena: Arena, { streams, tokens, interval, settle }: PacedConfig): Promise<readonly Measurement[]> {
  const baseURL = `${arena.origin}/paced/${tokens}/${interval}/v1`;
  const turnsOf = (weigh: boolean) => {
    const order: Order = { do: 'readPaced', baseURL, streams, settle, weigh };
    return readers.flatMap((name) => {
      const contestant: Contestant | undefined = arena.contestants.get(name);
      return contestant === undefined ? [] : [{ name, contestant, order: () => order }];
    });
  };
  const outcomes: (Outcome & { readonly name: string })[] = [];
  const cpu = await takeTurns({
    what: `${streams} paced answers at once`,
    unit: 'µs a token',
    rounds: arena.rounds,
    warmUps: 1,
    turns: turnsOf(false),
    valueOf: (outcome, name) => {
      if (outcome.count !== streams * tokens) throw new Error(`${name} heard ${String(outcome.count)} of ${streams * tokens} tokens.`);
      outcomes.push({ ...outcome, name });
      return outcome.cpu / (outcome.timed ?? NaN);
    },
  });
  const late = (which: 'delay50' | 'delay99', what: string): Measurement => ({
    what: `${streams} paced answers at once, ${what}`,
    unit: 'ms late',
    values: new Map(
      [...cpu.values.keys()].map((name) => [
        name,
        outcomes.flatMap((outcome) => (outcome.name === name ? [outcome[which] ?? NaN] : [])).slice(-arena.rounds),
      ]),
    ),
  });
  const memory = await takeTurns({
    what: `${streams} paced answers at once, memory`,
    unit: 'KB a stream',
    rounds: arena.rounds,
    warmUps: 1,
    turns: turnsOf(true),
    valueOf: ({ bytes = NaN }) => bytes / 1000,
  });
  return [cpu, late('delay50', 'half of the tokens at most'), late('delay99', '99 of 100 tokens at most'), memory];
}

/** What agents hold that wait in the middle of a thought. */
export const measureHeldRuns = (arena: Arena, count: number): Promise<Measurement> =>
  takeTurns({
    what: `${count} runs at once, memory`,
    unit: 'KB a run',
    rounds: arena.rounds,
    warmUps: 1,
    turns: ['purpose-rx'].flatMap((name) => {
      const contestant = arena.contestants.get(name);
      return contestant === undefined ? [] : [{ name, contestant, order: (): Order => ({ do: 'holdRuns', count }) }];
    }),
    valueOf: ({ bytes = NaN, count: waiting }, name) => {
      if (waiting !== count) throw new Error(`${String(waiting)} runs of ${name} wait, and not ${count}.`);
      return bytes / 1000;
    },
  });
