/** Checks the peers against a running server of the benchmark: `node check.js <origin> [subject…]`. */
import { setTimeout as wait } from 'node:timers/promises';
import { textOf } from '../answers.ts';

const PEERS = ['openai-7', 'langchain', 'langgraph', 'langgraph-stream-events', 'ai-sdk', 'openai-agents', 'mastra', 'ag-ui'];
const FEW = 200;
const MANY = 20_000;
const STEPS = 5;
const ROUNDS = 5;

const [origin, ...named] = process.argv.slice(2);
const id = () => Math.random().toString(36).slice(2);

process.on('unhandledRejection', (reason) => {
  process.exitCode = 1;
  console.log('  UNHANDLED REJECTION', reason);
});

/** @param {string} what @param {number} found @param {number} expected */
const report = (what, found, expected) => {
  if (found !== expected) process.exitCode = 1;
  console.log(`  ${what}: ${found === expected ? 'ok' : `WRONG, ${found} for ${expected}`}`);
};

/** @typedef {NonNullable<import('../subject.ts').Subject['readText']>} Read */

/**
 * Microseconds of CPU a token, the least and the median of some runs after one to warm up.
 *
 * @param {Read} read
 */
const cost = async (read) => {
  const url = `${origin}/burst/${MANY}/v1`;
  await read(url, 1);
  const costs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    await read(url, 1);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / MANY);
  }
  const [least, , median] = costs.toSorted((one, other) => one - other);
  return `${median.toFixed(1)} µs of CPU a token (least ${least.toFixed(1)})`;
};

/** @param {string} what @param {Read} read */
const checkReading = async (what, read) => {
  const served = textOf(FEW).length;
  const url = `${origin}/burst/${FEW}/v1`;
  report(what, await read(url, 1), served);
  const three = await read(url, 3);
  report(`${what} for 3, which is ${three > served ? 'three' : 'one'}`, three, three > served ? 3 * served : served);
  console.log(`  ${what}: ${await cost(read)}`);
};

/** @param {string} way @param {(baseURL: string) => Promise<bigint>} giveUp */
const checkCancel = async (way, giveUp) => {
  const run = id();
  const given = await giveUp(`${origin}/silent/${run}/v1`);
  const { at } = await (await fetch(`${origin}/closed/${run}`)).json();
  console.log(`  ${way}: ${at === null ? 'NOT CLOSED within 2 s' : `closed after ${(Number(BigInt(at) - given) / 1e6).toFixed(1)} ms`}`);
};

/** @param {string} name */
const check = async (name) => {
  console.log(name);
  /** @type {{ subject: import('../subject.ts').Subject }} */
  const { subject } = await import(`./${name}.js`);
  if (subject.readText) await checkReading('readText', subject.readText);
  if (subject.runAgent) await checkReading('runAgent', subject.runAgent);
  if (subject.loopTools) report('loopTools', await subject.loopTools(`${origin}/tools/${id()}/${STEPS}/v1`, STEPS), STEPS);
  for (const [way, giveUp] of Object.entries(subject.cancel ?? {})) await checkCancel(way, giveUp);
  await wait(50);
};

for (const name of named.length > 0 ? named : PEERS)
  await check(name).catch((error) => {
    process.exitCode = 1;
    console.log('  FAILED', error);
  });
// Some keep their connections and timers.
process.exit();
