import { textOf } from './answers.js';
import type { Arena } from './arena.js';
import type { Order } from './order.js';
import { takeTurns, type Measurement } from './rounds.js';

/** Who reads an answer, as what, with how many consumers, and what it is served. */
interface Reader {
  readonly name: string;
  readonly subject: string;
  readonly does: 'readText' | 'runAgent';
  readonly consumers?: number;
  readonly served: 'burst' | 'padded' | 'json' | 'single';
}

/** CPU time a token of answers that come whole. */
async function measureTokens(
  { contestants, origin, rounds }: Arena,
  what: string,
  tokens: number,
  readers: readonly Reader[],
): Promise<Measurement> {
  const expected = textOf(tokens).length;
  const turns = readers.flatMap(({ name, subject, does, consumers = 1, served }) => {
    const contestant = contestants.get(subject);
    const order = (): Order => ({ do: does, baseURL: `${origin}/${served}/${tokens}/v1`, consumers });
    return contestant === undefined ? [] : [{ name, contestant, order, consumers }];
  });
  return takeTurns({
    what,
    unit: 'µs a token',
    rounds,
    warmUps: 2,
    turns,
    valueOf: ({ cpu, count }, name) => {
      const consumers = turns.find((turn) => turn.name === name)?.consumers ?? 1;
      // Agents of others are read by one consumer where they have no way to offer for more.
      if (count !== expected * consumers && count !== expected)
        throw new Error(`${name} heard ${String(count)} of ${expected} characters.`);
      return cpu / tokens;
    },
  });
}

const client = (name: string, served: Reader['served'] = 'burst'): Reader => ({ name, subject: name, does: 'readText', served });
const shared = (consumers: number): Reader => ({ ...client('purpose-rx'), name: `purpose-rx, ${consumers} subscribers`, consumers });

/** A backend, against other clients. */
export const measureBackends = (arena: Arena, tokens: number): Promise<Measurement> =>
  measureTokens(arena, 'tokens through a backend, in bursts', tokens, [
    client('openai'),
    client('purpose-rx'),
    shared(3),
    shared(10),
    ...['fetch and a scan', 'openai 7', 'LangChain', 'AI SDK'].map((name) => client(name)),
  ]);

/** One event a packet, where the socket costs most. */
export const measureSingle = (arena: Arena, tokens: number): Promise<Measurement> =>
  measureTokens(
    arena,
    'tokens through a backend, one a packet',
    tokens,
    ['openai', 'purpose-rx', 'fetch and a scan'].map((name) => client(name, 'single')),
  );

/** Chunks that each have something new, so that they have to be parsed. */
export const measurePadded = (arena: Arena, tokens: number): Promise<Measurement> =>
  measureTokens(
    arena,
    'tokens through a backend, in bursts, each chunk padded at random',
    tokens,
    ['openai', 'purpose-rx', 'fetch and a scan'].map((name) => client(name, 'padded')),
  );

/** A whole agent, its thought streamed out of JSON, against the agents of others and the bare client. */
export const measureAgents = (arena: Arena, tokens: number): Promise<Measurement> =>
  measureTokens(arena, 'tokens through a whole agent, 3 subscribers', tokens, [
    client('openai'),
    { name: 'purpose-rx', subject: 'purpose-rx', does: 'runAgent', consumers: 3, served: 'json' },
    ...arena.agents.map((name): Reader => ({ name, subject: name, does: 'runAgent', consumers: 3, served: 'burst' })),
  ]);
