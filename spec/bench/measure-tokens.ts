import { textOf, type Chunks } from './answers.js';
import type { Arena } from './arena.js';
import type { Order } from './order.js';
import { takeTurns, type Measurement } from './rounds.js';

/** Who reads an answer, as what, with how many consumers, and what it is served. */
interface Reader {
  readonly name: string;
  readonly subject: string;
  readonly does: 'readText' | 'runAgent';
  readonly consumers?: number;
  readonly served: 'burst' | 'padded' | 'json' | 'paddedjson' | 'single';
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
    warmUps: 4,
    turns,
    valueOf: ({ cpu, count }, name) => {
      const consumers = turns.find((turn) => turn.name === name)?.consumers ?? 1;
      if (count !== expected * consumers) throw new Error(`${name} heard ${String(count)} of ${expected * consumers} characters.`);
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

/** The same with chunks that each have something new, so that they have to be parsed. */
export const measurePadded = (arena: Arena, tokens: number): Promise<Measurement> =>
  measureTokens(
    arena,
    'tokens through a backend, in bursts, padded',
    tokens,
    ['openai', 'purpose-rx', 'fetch and a scan', 'openai 7', 'LangChain', 'AI SDK'].map((name) => client(name, 'padded')),
  );

/** A client of agents that run elsewhere: it is told events, and runs no model. */
export const AG_UI = 'AG-UI client';

/** A whole agent, its thought streamed out of JSON for three subscribers, against agents of others with one and the bare client. */
export const measureAgents = (arena: Arena, tokens: number, chunks: Chunks): Promise<Measurement> => {
  const served = chunks === 'padded' ? 'padded' : 'burst';
  const agent = { does: 'runAgent', served } as const;
  return measureTokens(arena, `tokens through a whole agent${chunks === 'padded' ? ', padded' : ''}`, tokens, [
    client('openai', served),
    { name: 'purpose-rx', subject: 'purpose-rx', does: 'runAgent', consumers: 3, served: chunks === 'padded' ? 'paddedjson' : 'json' },
    ...arena.agents.map((name): Reader => ({ ...agent, name, subject: name })),
    ...(chunks === 'padded' ? [] : [{ ...agent, name: AG_UI, subject: AG_UI }]),
  ]);
};
