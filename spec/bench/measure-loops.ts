import type { Arena } from './arena.js';
import { eventsOf, scriptOf } from './counting-agent.js';
import type { Order } from './order.js';
import { takeTurns, type Measurement } from './rounds.js';

interface LoopConfig {
  readonly what: string;
  readonly steps: number;
  /** `tools`: native calls, with the whole history in each request; `actions`: JSON, with the newest steps. */
  readonly served: 'tools' | 'actions';
  readonly names: readonly string[];
}

const measureLoop = (arena: Arena, { what, steps, served, names }: LoopConfig): Promise<Measurement> =>
  takeTurns({
    what,
    unit: 'µs a step',
    rounds: arena.rounds,
    warmUps: Math.ceil(arena.warmSteps / steps),
    turns: names.flatMap((name) => {
      const contestant = arena.contestants.get(name);
      const order = (): Order => ({ do: 'loopTools', baseURL: `${arena.origin}/${served}/${arena.fresh()}/${steps}/v1`, steps });
      return contestant === undefined ? [] : [{ name, contestant, order }];
    }),
    valueOf: ({ cpu, count }, name) => {
      if (count !== steps) throw new Error(`${name} ran its tool ${String(count)} times in place of ${steps}.`);
      return cpu / steps;
    },
  });

/** A loop of native tool calls, against one written by hand and the agents of others. */
export const measureToolLoop = (arena: Arena, steps: number, others: readonly string[] = arena.looping): Promise<Measurement> =>
  measureLoop(arena, { what: `a tool loop of ${steps} steps`, steps, served: 'tools', names: ['openai', 'purpose-rx', ...others] });

/** What a step costs after many, with a history that is kept to its newest. */
export const measureLongLoop = (arena: Arena, steps: number): Promise<Measurement> =>
  measureLoop(arena, { what: `a loop of ${steps} steps, the newest 10 in the prompt`, steps, served: 'actions', names: ['purpose-rx'] });

/** An agent that needs no server, against the same as an async generator. */
export const measureSteps = (arena: Arena, steps: number, tokens: number): Promise<Measurement> => {
  const events = eventsOf(steps, scriptOf(tokens));
  return takeTurns({
    what: `a synchronous agent, ${tokens} + ${tokens >> 1} tokens a step`,
    unit: 'µs an event',
    rounds: arena.rounds * 3,
    warmUps: 10,
    turns: ['purpose-rx', 'async generator', 'async generator, synchronous ports'].flatMap((name) => {
      const contestant = arena.contestants.get(name);
      return contestant === undefined ? [] : [{ name, contestant, order: (): Order => ({ do: 'takeSteps', steps, tokens }) }];
    }),
    valueOf: ({ cpu, count }, name) => {
      if (count !== events) throw new Error(`${name} had ${String(count)} events of ${events}.`);
      return cpu / events;
    },
  });
};
