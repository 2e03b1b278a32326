import { expect } from 'chai';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { estimateInput, estimateTokens } from '../../lib/backend/estimate-tokens.js';
import { foldLedger, type LedgerEntry } from '../../lib/domain/ledger.js';
import { foldRun } from '../../lib/domain/run-state.js';
import type { StreamEvent, StreamEventOf } from '../../lib/domain/stream-event.js';
import type { FaultWorld } from './fault-world.js';
import { isSound, marksIn, type Asker } from './faulty-answer.js';
import type { Served } from './faulty-model.js';

type Events = readonly StreamEvent[];

/** Something was made of an answer: one, which was whole and valid and ended in good order. */
const checkMade = ({ model }: FaultWorld, what: string, made: unknown, askers: readonly Asker[]): void => {
  const marks = marksIn(JSON.stringify(made));
  expect(marks.length, `answers in ${what}`).to.equal(1);
  const take = model.takes.get(marks[0] ?? '');
  if (take === undefined || !isSound(take) || !askers.includes(take.asker))
    expect.fail(`${what} was made of an answer that is not sound: ${JSON.stringify(take)}`);
};

/** What one source has said in a step, as somebody hears it who knows of attempts. */
interface Hearing {
  attempt: number;
  readonly texts: Map<string, string>;
}

/** No text of two answers is joined, and what is told in the end is what was decided. */
export const checkTexts = (world: FaultWorld, events: Events): void => {
  const heard = new Map<string, Hearing>();
  const hearing = (source: string): Hearing => {
    const found = heard.get(source) ?? { attempt: 1, texts: new Map<string, string>() };
    heard.set(source, found);
    return found;
  };
  for (const event of events) {
    switch (event.type) {
      case 'step_start':
        heard.clear();
        break;
      case 'attempt_dropped':
        expect(event.data.attempt, `seq ${event.seq}: the attempt that is dropped`).to.equal(hearing(event.data.source).attempt);
        break;
      case 'attempt_start': {
        const { source, attempt } = event.data;
        expect(attempt, `seq ${event.seq}: the attempt that begins`).to.equal(hearing(source).attempt + 1);
        heard.set(source, { attempt, texts: new Map() });
        break;
      }
      case 'token': {
        const { source, channel, attempt, token } = event.data;
        const { attempt: current, texts } = hearing(source);
        expect(attempt, `seq ${event.seq}: attempt of a token`).to.equal(current);
        texts.set(channel, (texts.get(channel) ?? '') + token);
        const joined = marksIn([...texts.values()].join(''));
        expect(joined.length, `seq ${event.seq}: answers in what ${source} says in attempt ${attempt}`).to.be.at.most(1);
        break;
      }
      case 'action':
        checkMade(world, `the action of step ${event.step}`, event.data, ['json', 'tools']);
        expect(hearing('actor').texts.get('thought') ?? '', 'the thought that was told').to.equal(event.data.thought);
        break;
      case 'score':
        checkMade(world, `the score of step ${event.step}`, event.data.evidence, ['score']);
        expect(hearing('purpose').texts.get('evidence') ?? '', 'the evidence that was told').to.equal(event.data.evidence);
        break;
      default:
    }
  }
};

/** Calls run once, with leave, each with one start and at most one end; those of a finished step have one. */
export const checkCalls = ({ runs, leaves, model }: FaultWorld, events: Events): void => {
  const idsOf = (type: 'tool_start' | 'tool_end' | 'tool_late_result'): string[] =>
    events.flatMap((event) => (event.type === type ? [event.data.callId] : []));
  const starts = idsOf('tool_start');
  const ends = idsOf('tool_end');
  expect(new Set(starts).size, 'starts, each of a call of its own').to.equal(starts.length);
  expect(new Set(ends).size, 'ends, each of a call of its own').to.equal(ends.length);
  expect(starts, 'calls that ended have begun').to.include.members(ends);
  expect(starts, 'calls with a late result have begun').to.include.members(idsOf('tool_late_result'));
  for (const { calls } of foldRun(events).turns)
    for (const { callId, result } of calls) expect(result, `result of ${callId}`).to.have.property('ok');
  expect(new Set(runs.map(({ callId }) => callId)).size, 'calls that tools saw').to.equal(runs.length);
  for (const { callId, mark } of runs) {
    const decided = leaves.get(callId)?.decision;
    expect(['approve', 'edit', undefined], `leave of ${callId}`).to.include(decided);
    if (decided === 'edit') expect(mark, `parameters of ${callId}`).to.equal('edited');
    else checkMade({ model } as FaultWorld, `the call ${callId}`, mark, ['json', 'tools']);
  }
  for (const event of events)
    if (event.type === 'tool_end' && event.data.ok) {
      const marks = marksIn(JSON.stringify(event.data.output ?? null));
      expect(marks.length, `answers in the output of ${event.data.callId}`).to.be.at.most(1);
      const take = model.takes.get(marks[0] ?? '');
      if (take !== undefined && !isSound(take)) expect.fail(`${event.data.callId} gave half an answer`);
    }
};

/** What a request cost by what was said: the least and the most that may be told of it. */
const costOf = ({ request, said }: Served) => {
  let [least, most, input] = [0, 0, 0];
  let [reported, spoken, hasReport] = [0, 0, false];
  const close = (): void => {
    least += hasReport ? reported : estimateTokens(spoken);
    most += hasReport ? Math.max(reported, estimateTokens(spoken)) : estimateTokens(spoken);
    input += hasReport ? 10 : estimateInput(request);
    [reported, spoken, hasReport] = [0, 0, false];
  };
  for (const chunk of said) {
    if (chunk.type === 'restart') close();
    else if (chunk.type === 'usage') [reported, hasReport] = [Math.max(reported, chunk.usage.outputTokens), true];
    else if (chunk.type === 'tool_call') spoken += chunk.name.length + JSON.stringify(chunk.params).length;
    else if (chunk.type !== 'finish') spoken += chunk.text.length;
  }
  close();
  return { least, most, input };
};

const hasSaid = (said: readonly LLMChunk[]): boolean => said.some(({ type }) => type !== 'restart');

const checkEntry = (entry: LedgerEntry, served: Served): void => {
  const which = `request ${entry.request}`;
  expect(entry.outcome, `outcome of ${which}`).to.equal(served.outcome);
  const { least, most, input } = costOf(served);
  if (entry.outcome === 'failed' && !hasSaid(served.said)) {
    expect([entry.inputTokens, entry.outputTokens], `tokens of ${which}, which was refused`).to.deep.equal([0, 0]);
    return;
  }
  expect(entry.inputTokens, `input of ${which}`).to.equal(input);
  expect(entry.outputTokens, `output of ${which}`).to.be.within(least, most);
};

/** One entry for each request that was served, and the sums are theirs. */
export const checkLedger = ({ model: { served } }: FaultWorld, events: Events): void => {
  const { entries, totals } = foldLedger(events);
  const byNumber = [...entries].sort((one, other) => one.request - other.request);
  expect(
    byNumber.map(({ request }) => request),
    'requests in the ledger',
  ).to.deep.equal(served.map((_, index) => index + 1));
  for (const [index, entry] of byNumber.entries()) {
    const request = served[index];
    if (request !== undefined) checkEntry(entry, request);
  }
  const sum = (key: 'inputTokens' | 'outputTokens'): number => entries.reduce((total, entry) => total + entry[key], 0);
  expect(totals, 'totals').to.deep.equal({
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    requests: served.length,
  });
};

/** What is DONE was said so by an answer that was whole. */
export const checkAnswer = (world: FaultWorld, answer: unknown, end: StreamEventOf<'task_end'>): void => {
  // A run may be left while it tells that it is DONE.
  if (end.data.stopReason === 'done' || answer !== undefined) checkMade(world, 'the answer', answer, ['json', 'tools']);
};

/** Nothing goes on: no request, no question, no tool that was not told to stop. */
export const whatGoesOn = ({ model, runs, open }: FaultWorld, pendingTimers: readonly number[]): readonly string[] => [
  ...model.served.flatMap(({ outcome }, index) => (outcome === 'open' ? [`request ${index + 1}`] : [])),
  ...runs.flatMap(({ callId, signal, hasEnded }) => (hasEnded || signal.aborted ? [] : [`the tool of ${callId}`])),
  ...(open() === 0 ? [] : [`${open()} questions to people or ears to users`]),
  ...pendingTimers.map((due) => `a timer, due at ${due}`),
];
