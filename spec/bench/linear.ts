/**
 * What must cost the same however long it goes on: a step of a run, a character of a structured answer, one of white
 * space or of tags, one of the arguments of a native tool call, and one call of many. Prints CPU
 * time of the long one against the short one, as medians of several rounds in one process, taken in turns.
 *
 * `npm run bench:linear`
 */
import * as t from 'io-ts';
import { from, map } from 'rxjs';
import { createOrchestrator, decided, generateStructured, scored, token, type LLMBackend, type LLMChunk } from 'purpose-rx';
import { splitReasoning } from '../../lib/backend/split-reasoning.js';
import { assembleToolCalls } from '../../lib/backend/tool-call-assembler.js';

const ROUNDS = 5;

/** CPU microseconds of some work. */
const cost = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
};

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;

const takeSteps = (maxSteps: number): void => {
  let events = 0;
  createOrchestrator<{ readonly n: number }>({
    actor: { decide: () => [token('t'), decided({ name: 'count' })] },
    purposeFunction: { evaluate: () => scored({ phiBefore: 0, phiAfter: 1 }) },
    environment: {
      reset: () => ({ data: { n: 0 } }),
      execute: (_action, { data }) => ({ data: { n: data.n + 1 } }),
      isTerminal: () => false,
    },
  })
    .runTaskStream({ purpose: 'count', maxSteps })
    .subscribe(() => (events += 1));
  if (events !== 2 + 5 * maxSteps) throw new Error(`${events} events of ${maxSteps} steps`);
};

const Report = t.strict({ report: t.string, pages: t.number });

const readAnswer = (length: number): void => {
  const report = 'All "quiet" on the front – 🙂\n'.repeat(Math.ceil(length / 30));
  const answer = JSON.stringify({ report, pages: 3 });
  const pieces = answer.match(/[\s\S]{1,4}/g) ?? [];
  const backend: LLMBackend = { stream: () => from(pieces).pipe(map((text): LLMChunk => ({ type: 'text', text }))) };
  let streamed = '';
  let value = '';
  generateStructured(backend, { messages: [] }, Report).subscribe((signal) => {
    if (signal.type === 'token') streamed += signal.token;
    else if (signal.type === 'value') value = signal.value.report;
  });
  if (streamed !== value || value !== report) throw new Error(`an answer of ${length} characters came out otherwise`);
};

const callTool = (length: number): void => {
  const assembler = assembleToolCalls();
  const text = JSON.stringify({ text: 'x'.repeat(length) });
  for (const piece of text.match(/.{1,4}/g) ?? []) {
    assembler.push({ index: 0, function: { name: 'write', arguments: piece } });
  }
  if (assembler.finish().length !== 1) throw new Error(`a call of ${length} characters did not come out`);
};

const readText =
  (unit: string) =>
  (length: number): void => {
    let heard = 0;
    const splitter = splitReasoning((chunk) => (heard += 'text' in chunk ? chunk.text.length : 0));
    const text = unit.repeat(Math.ceil(length / unit.length));
    splitter.pushText('```\n');
    for (const piece of text.match(/[^]{1,4}/g) ?? []) splitter.pushText(piece);
    splitter.end();
    if (heard !== text.length + 4) throw new Error(`${heard} characters came out of a text of ${text.length}`);
  };

const callTools = (count: number): void => {
  const assembler = assembleToolCalls();
  for (let index = 0; index < count; index += 1) assembler.push({ index, id: `id${index}`, function: { name: 'read', arguments: '{' } });
  for (let index = 0; index < count; index += 1) assembler.push({ index, function: { arguments: '}' } });
  if (assembler.finish().length !== count) throw new Error(`${count} calls did not come out`);
};

/** Cost a unit at `long` against that at `short`, where `short` is repeated until it has done as much. */
const compare = (what: string, unit: string, work: (size: number) => void, short: number, long: number): void => {
  const repeated = (): void => {
    for (let done = 0; done < long; done += short) work(short);
  };
  repeated();
  work(long);
  const rounds = Array.from({ length: ROUNDS }, () => ({ few: cost(repeated) / long, many: cost(() => work(long)) / long }));
  const ratios = rounds.map(({ few, many }) => many / few);
  const figures = [median(rounds.map(({ few }) => few)), median(rounds.map(({ many }) => many))].map((figure) => figure.toFixed(2));
  console.log(`${what}: ${figures[0]} µs a ${unit} at ${short}, ${figures[1]} µs at ${long}; ratio ${median(ratios).toFixed(2)}`);
};

compare('synchronous agent', 'step', takeSteps, 1_000, 100_000);
compare('tool call in pieces of 4', 'character', callTool, 1_000, 100_000);
compare('native tool calls', 'call', callTools, 100, 20_000);
compare('white space in pieces of 4', 'character', readText(' '), 1_000, 100_000);
compare('tags in code in pieces of 4', 'character', readText('</think>\n'), 1_000, 100_000);
compare('structured answer in pieces of 4', 'character', readAnswer, 1_000, 100_000);
