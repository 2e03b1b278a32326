import { expect } from 'chai';
import type { Arena } from '../bench/arena.js';
import { measureCancel } from '../bench/measure-cancel.js';
import { measureLongLoop, measureSteps, measureToolLoop } from '../bench/measure-loops.js';
import { measureHeldRuns, measurePaced } from '../bench/measure-many.js';
import { measureAgents, measureBackends, measurePadded, measureSingle } from '../bench/measure-tokens.js';
import { openArena } from '../bench/open-arena.js';
import { median, type Measurement } from '../bench/rounds.js';

/** A subject that did not do all of what is measured makes its measurement fail; the figures themselves are not judged. */
const measurements: Readonly<Record<string, (arena: Arena) => Promise<Measurement | readonly Measurement[]>>> = {
  'tokens through a backend': (arena) => measureBackends(arena, 200),
  'padded chunks': (arena) => measurePadded(arena, 200),
  'one event a packet': (arena) => measureSingle(arena, 50),
  'tokens through an agent': (arena) => measureAgents(arena, 200, 'plain'),
  'padded tokens through an agent': (arena) => measureAgents(arena, 200, 'padded'),
  'a tool loop': (arena) => measureToolLoop(arena, 5),
  'a loop with its newest steps': (arena) => measureLongLoop(arena, 15),
  'many answers at once': (arena) => measurePaced(arena, { streams: 50, tokens: 6, interval: 50, settle: 20 }),
  'a synchronous agent': (arena) => measureSteps(arena, 10, 4),
  'runs that wait': (arena) => measureHeldRuns(arena, 500),
};

/** Needs a build, so it is no part of `npm test`: see the script `test:package`. The peers are left out. */
describe('the benchmark', function bench() {
  this.timeout(60_000);
  let arena: Awaited<ReturnType<typeof openArena>>;

  before(async () => {
    arena = await openArena({ rounds: 1, warmSteps: 1, hasPeers: false });
  });
  after(() => {
    arena.close();
  });

  for (const [what, measure] of Object.entries(measurements)) {
    const against = what === 'a synchronous agent' ? 'async generator' : 'openai';
    it(`measures ${what}, each subject having done all of it`, async () => {
      for (const { values } of [await measure(arena)].flat()) {
        expect([...values.keys()]).to.include.members(
          what.startsWith('runs') || what.startsWith('a loop') ? ['purpose-rx'] : ['purpose-rx', against],
        );
        for (const found of values.values()) {
          expect(found).to.have.length.of.at.least(1);
          expect(median(found)).to.satisfy(Number.isFinite);
        }
      }
    });
  }

  it('measures how each way of giving up reaches the server', async () => {
    const { values } = await measureCancel(arena, 1);
    const ways = ['openai: break', 'openai: abort', ...['unsubscribe', 'break', 'abort'].map((way) => `purpose-rx: ${way}`)];
    expect([...values.keys()]).to.have.members(ways);
    for (const found of values.values()) expect(median(found)).to.be.within(0, 2_000);
  });
});
