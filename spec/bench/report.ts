import { median, ratio, type Measurement } from './rounds.js';
import { isMet, type Findings, type Target } from './targets.js';

/** Rows of cells as a Markdown table. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const figure = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : '> 2 s';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

const targetTable = (targets: readonly Target[]): string =>
  table(
    ['what', 'against', 'target', 'found', ''],
    targets.map((target) => {
      const { what, against, limit, found, unit = '' } = target;
      const tail = unit === '' ? '' : ` ${unit}`;
      return [what, against, `≤ ${limit}${tail}`, `${figure(found)}${tail}`, isMet(target) ? 'met' : 'missed'];
    }),
  );

const measurementTable = (measurement: Measurement, base?: string): string => {
  const { what, unit, values } = measurement;
  const rows = [...values].map(([name, found]) => [
    name,
    figure(median(found)),
    `${figure(Math.min(...found))}–${figure(Math.max(...found))}`,
    base === undefined ? '–' : figure(ratio(measurement, name, base)),
  ]);
  return `${what}\n\n${table(['', unit, 'from–to', `of ${base ?? '–'}`], rows)}`;
};

const BASES = ['openai', 'async generator', 'openai: abort'];

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`;

const sizeTable = ({ sizes, imports }: Findings): string => {
  const rows = sizes.map(({ entry, gzip, minified, lazy }) => [entry, kilobytes(gzip), kilobytes(minified), kilobytes(lazy)]);
  const times = `import in a new process: the core ${imports.core.toFixed(0)} ms, rxjs alone ${imports.rxjs.toFixed(0)} ms`;
  return `size of the entries, rxjs and openai apart\n\n${table(['entry', 'gzip', 'minified', 'loaded later, gzip'], rows)}\n\n${times}`;
};

const measurementsOf = (findings: Findings): readonly Measurement[] => [
  findings.backends,
  findings.padded,
  findings.single,
  findings.agents,
  findings.paddedAgents,
  ...findings.loops.values(),
  findings.shortLoop,
  findings.longLoop,
  ...findings.paced,
  ...findings.steps,
  findings.heldRuns,
  findings.cancel,
];

/** All of it as Markdown: the targets first, then what was measured. */
export function markdownOf(findings: Findings, targets: readonly Target[], machine: string): string {
  const tables = measurementsOf(findings).map((measurement) =>
    measurementTable(
      measurement,
      BASES.find((base) => measurement.values.has(base)),
    ),
  );
  return [machine, targetTable(targets), ...tables, sizeTable(findings)].join('\n\n');
}

/** All of it as JSON. */
export function jsonOf(findings: Findings, targets: readonly Target[], machine: string): string {
  const measurements = measurementsOf(findings).map(({ what, unit, values }) => ({ what, unit, values: Object.fromEntries(values) }));
  const { sizes, imports } = findings;
  return `${JSON.stringify({ machine, targets, measurements, sizes, imports }, (_key, value: unknown) => (value === Infinity ? 'not within 2 s' : value), 2)}\n`;
}
