import { AG_UI } from './measure-tokens.js';
import { median, ratio, type Measurement } from './rounds.js';
import type { importTimes, entrySizes } from './measure-size.js';

/** All that was measured. */
export interface Findings {
  readonly backends: Measurement;
  readonly padded: Measurement;
  readonly single: Measurement;
  readonly agents: Measurement;
  readonly paddedAgents: Measurement;
  /** By their number of steps. */
  readonly loops: ReadonlyMap<number, Measurement>;
  readonly shortLoop: Measurement;
  readonly longLoop: Measurement;
  /** CPU time, half of the delays, nearly all of the delays, memory. */
  readonly paced: readonly Measurement[];
  readonly steps: readonly Measurement[];
  readonly heldRuns: Measurement;
  readonly cancel: Measurement;
  readonly sizes: Awaited<ReturnType<typeof entrySizes>>;
  readonly imports: ReturnType<typeof importTimes>;
}

/** What is to hold, and what was found. */
export interface Target {
  readonly what: string;
  readonly against: string;
  readonly limit: number;
  readonly found: number;
  readonly unit?: string;
}

const OURS = 'purpose-rx';
const CLIENT = 'openai';

/** The worst ratio to any of the others; `NaN` where there are none. */
const worst = (measurement: Measurement, except: readonly string[]): number => {
  const others = [...measurement.values.keys()].filter((name) => !except.includes(name));
  return others.length === 0 ? NaN : Math.max(...others.map((name) => ratio(measurement, OURS, name)));
};

const all = (measurements: readonly Measurement[], index: number): Measurement => {
  const found = measurements[index];
  if (found === undefined) throw new Error(`There is no measurement ${index}.`);
  return found;
};

/** Each of our ways against that of the client which waits as long: leaving at the last token, or after a silence. */
const cancelTargets = (cancel: Measurement): readonly Target[] =>
  [
    { way: 'unsubscribe', other: 'abort' },
    { way: 'break', other: 'break' },
    { way: 'abort', other: 'abort' },
  ].map(({ way, other }) => ({
    what: `a silent answer given up by ${way}, until the server sees it`,
    against: `${CLIENT}: ${other}`,
    limit: 1.25,
    found: median(cancel.values.get(`${OURS}: ${way}`) ?? []) / median(cancel.values.get(`${CLIENT}: ${other}`) ?? []),
  }));

/** Whether a target was met: a figure that is missing meets none. */
export const isMet = ({ found, limit }: Target): boolean => found >= 0 && found <= limit;

/** The targets of this project, and how they were met. */
export function targetsOf(findings: Findings): readonly Target[] {
  const { backends, padded, single, agents, paddedAgents, loops, shortLoop, longLoop, paced, steps, heldRuns, cancel, sizes, imports } =
    findings;
  const loop = loops.get(100);
  const long = longLoop.values.get(OURS) ?? [];
  const short = shortLoop.values.get(OURS) ?? [];
  return [
    { what: 'backend, 1 subscriber, CPU a token', against: CLIENT, limit: 0.3, found: ratio(backends, OURS, CLIENT) },
    { what: 'the same, padded chunks', against: CLIENT, limit: 0.3, found: ratio(padded, OURS, CLIENT) },
    { what: 'backend, 10 subscribers', against: CLIENT, limit: 0.35, found: ratio(backends, `${OURS}, 10 subscribers`, CLIENT) },
    { what: 'whole agent, 3 subscribers, CPU a token', against: CLIENT, limit: 0.6, found: ratio(agents, OURS, CLIENT) },
    { what: 'whole agent, CPU a token', against: 'every agent peer', limit: 0.2, found: worst(agents, [OURS, CLIENT, AG_UI]) },
    { what: 'the same, padded chunks', against: CLIENT, limit: 0.6, found: ratio(paddedAgents, OURS, CLIENT) },
    { what: 'the same, padded chunks', against: 'every agent peer', limit: 0.2, found: worst(paddedAgents, [OURS, CLIENT]) },
    ...(loop === undefined
      ? []
      : [
          {
            what: 'tool loop of 100 steps, CPU a step',
            against: `a loop by hand on ${CLIENT}`,
            limit: 1.1,
            found: ratio(loop, OURS, CLIENT),
          },
          { what: 'the same', against: 'every agent peer', limit: 0.5, found: worst(loop, [OURS, CLIENT]) },
        ]),
    {
      what: `a step of ${longLoop.what}`,
      against: shortLoop.what,
      limit: 1.15,
      found: median(long.map((value, round) => value / (short[round] ?? NaN))),
    },
    { what: 'one event a packet, CPU a token', against: CLIENT, limit: 0.8, found: ratio(single, OURS, CLIENT) },
    ...['CPU a token', 'half of the delays', 'p99 delay', 'memory a stream'].flatMap((what, index) =>
      index === 1
        ? []
        : [
            {
              what: `${all(paced, 0).what}, ${what}`,
              against: CLIENT,
              limit: [0.8, 1, 0.5, 0.9][index] ?? NaN,
              found: ratio(all(paced, index), OURS, CLIENT),
            },
          ],
    ),
    ...steps.flatMap((measurement) =>
      ['async generator', 'async generator, synchronous ports'].map((against) => ({
        what: `${measurement.what}, CPU an event`,
        against,
        limit: 1,
        found: ratio(measurement, OURS, against),
      })),
    ),
    { what: heldRuns.what, against: '–', limit: 16, found: median(heldRuns.values.get(OURS) ?? []), unit: 'KB' },
    ...cancelTargets(cancel),
    {
      what: 'core entry for the browser, rxjs and openai apart',
      against: '–',
      limit: 25,
      found: (sizes[0]?.gzip ?? NaN) / 1000,
      unit: 'KB',
    },
    { what: 'import of the core entry in Node', against: 'import of rxjs', limit: 2, found: imports.core / imports.rxjs },
  ].filter(({ found }) => !Number.isNaN(found));
}
