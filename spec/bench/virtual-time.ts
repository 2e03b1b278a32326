import { playTheMinute } from '../support/minute-of-an-agent.js';

/** What it costs to test a minute of an agent, with two tools, a stall and a retry. `npm run bench:linear`. */
const TIMES = 100;
const first = JSON.stringify(playTheMinute());

const play = (): number => {
  const start = performance.now();
  const events = playTheMinute();
  const taken = performance.now() - start;
  if (JSON.stringify(events) !== first) throw new Error('The minute was not the same again.');
  return taken;
};

const taken = Array.from({ length: TIMES }, play).sort((one, other) => one - other);
const at = (share: number): string => (taken[Math.min(TIMES - 1, Math.floor(TIMES * share))] ?? 0).toFixed(1);
console.log(`a minute of an agent in virtual time, ${TIMES} times: median ${at(0.5)} ms, slowest ${at(1)} ms`);
