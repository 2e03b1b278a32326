import type { Arena } from './arena.js';
import type { Contestant } from './contestant.js';
import type { Measurement } from './rounds.js';
import type { CancelWay } from './subject.js';

/** A socket that was not closed while the server waited for it. */
export const NEVER_CLOSED = Infinity;

const cancelOnce = async ({ origin, fresh }: Arena, contestant: Contestant, way: CancelWay): Promise<number> => {
  const id = fresh();
  const { at } = await contestant.ask({ do: 'cancel', baseURL: `${origin}/silent/${id}/v1`, way });
  const seen = (await (await fetch(`${origin}/closed/${id}`)).json()) as { readonly at: string | null };
  return seen.at === null || at === undefined ? NEVER_CLOSED : Number(BigInt(seen.at) - BigInt(at)) / 1e6;
};

/** How long a server that has fallen silent waits until it sees that it was left, in each way that a subject has. */
export async function measureCancel(arena: Arena, times: number): Promise<Measurement> {
  const values = new Map<string, number[]>();
  for (let round = -2; round < times; round += 1) {
    for (const [name, contestant] of arena.contestants) {
      const { ways } = await contestant.introduce();
      for (const way of ways) {
        const key = `${name}: ${way}`;
        const known = values.get(key) ?? [];
        values.set(key, known);
        // Who never closes it costs two seconds each time, and need not show it again.
        if (known.filter((value) => value === NEVER_CLOSED).length > 1) continue;
        const value = await cancelOnce(arena, contestant, way);
        if (round >= 0) known.push(value);
      }
    }
  }
  return { what: 'a silent answer is given up, until the server sees it', unit: 'ms', values };
}
