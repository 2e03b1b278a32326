import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import type { StreamEvent } from '../../../lib/domain/stream-event.js';
import { ContractError } from '../../../lib/errors/contract-error.js';
import { toWellFormed } from '../../../lib/internal/well-formed.js';
import { renderTimeline } from '../../../lib/testing/timelines/render-timeline.js';
import { actionOf, eventOf, scoreOf, stepEnd, stepStart, taskEnd, taskStart, tokenOf } from '../../support/events.js';
import { timelineRuns } from './timeline-runs.js';

const fixture = (name: string): string => `spec/support/fixtures/timeline-${name}.txt`;

/** Holds a text against its golden file; `UPDATE_GOLDEN=1` writes the file instead, to be looked at and committed. */
const expectGolden = (name: string, text: string): void => {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(fixture(name), `${text}\n`);
  expect(`${text}\n`).to.equal(readFileSync(fixture(name), 'utf8'));
};

/** The lanes of a timeline, each as its lines, without those that go across. */
const lanesOf = (timeline: string): readonly (readonly string[])[] => {
  const lines = timeline.split('\n').map((line) => Array.from(line));
  const ruler = lines.find((line) => line.includes('┼') && line.every((point) => point === '─' || point === '┼')) ?? [];
  const crossings = ruler.flatMap((point, index) => (point === '┼' ? [index] : []));
  const rows = lines.filter((line) => crossings.every((at) => line[at] === '│')).slice(1);
  return [0, ...crossings].map((begin, lane) =>
    rows.map((row) =>
      row
        .slice(lane === 0 ? 0 : begin + 1, crossings[lane])
        .join('')
        .trim(),
    ),
  );
};

const laneOf = (events: readonly StreamEvent[], lane: number, width = 100): readonly string[] =>
  (lanesOf(renderTimeline(events, { width }))[lane] ?? []).filter((line) => line !== '');
const thoughts = (...events: readonly StreamEvent[]): readonly string[] => laneOf([taskStart, ...events], 1);
const tools = (...events: readonly StreamEvent[]): readonly string[] => laneOf([taskStart, ...events], 2);
const evaluation = (...events: readonly StreamEvent[]): readonly string[] => laneOf([taskStart, ...events], 3);
const phi = (...events: readonly StreamEvent[]): readonly string[] => laneOf([taskStart, ...events], 4);

const at = (timestamp: number, event: StreamEvent): StreamEvent => ({ ...event, timestamp });
const reported = (type: string, data: unknown): StreamEvent => ({ ...stepStart(1), type, data }) as unknown as StreamEvent;
const toolStart = (callId: string, name = callId): StreamEvent => eventOf('tool_start', 1, { callId, name, params: {} });
const toolEnd = (callId: string): StreamEvent => eventOf('tool_end', 1, { callId, name: callId, ok: true });
const acted = (thought: string, name = 'look'): StreamEvent => eventOf('action', 1, { name, params: {}, thought, expectedDelta: '' });

const squeezed = (text: string): string => text.replaceAll(/\s+/g, '');

const judged = (evidence: string) => eventOf('score', 1, { phiBefore: 0, phiAfter: 1, delta: 1, confidence: 1, improved: true, evidence });

const parallel = (calls: readonly (string | { readonly name: string })[]) =>
  eventOf('action', 1, { name: 'parallel', params: { calls }, thought: '', expectedDelta: '' });

const ended = (outcome: { readonly ok: true; readonly output: string } | { readonly ok: false; readonly error: string }) =>
  squeezed(tools(toolStart('a'), eventOf('tool_end', 1, { callId: 'a', name: 'a', ...outcome })).join(''));

const timed = (event: fc.Arbitrary<StreamEvent>): fc.Arbitrary<StreamEvent> =>
  fc
    .tuple(event, fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })))
    .map(([one, timestamp]) => at(timestamp, one));

describe('renderTimeline', () => {
  for (const [name, run] of Object.entries(timelineRuns)) {
    for (const width of [100, 60]) {
      it(`draws the run ${name} at ${width} columns`, () => {
        expectGolden(`${name}-${width}`, renderTimeline(run(), { width }));
      });
    }
  }

  it('draws the picture of its docstring', () => {
    const timeline = renderTimeline([
      eventOf('task_start', 0, { purpose: 'find the door', maxSteps: 20, earlyStopPhi: 9, initialState: { data: {} } }),
      stepStart(1),
      at(10, tokenOf('I look')),
      at(15, tokenOf('around.')),
      at(20, eventOf('action', 1, { name: 'search', params: { text: 'door' }, thought: 'I look around.', expectedDelta: '' })),
      at(20, eventOf('tool_start', 1, { callId: 'c', name: 'search', params: { text: 'door' } })),
      at(50, eventOf('tool_end', 1, { callId: 'c', name: 'search', ok: true, output: 'door.ts' })),
      at(90, eventOf('score', 1, { phiBefore: 0, phiAfter: 6, delta: 6, confidence: 0.9, evidence: 'It is there.', improved: true })),
    ]);
    const source = readFileSync('lib/testing/timelines/render-timeline.ts', 'utf8');
    expect(source).to.include(
      timeline
        .split('\n')
        .map((line) => ` * ${line}\n`)
        .join(''),
    );
  });

  it('is 100 columns wide by default', () => {
    const events = timelineRuns['whole-agent']?.() ?? [];
    expect(renderTimeline(events)).to.equal(renderTimeline(events, { width: 100 }));
  });

  it('draws nothing of no events', () => {
    expect(renderTimeline([])).to.equal('');
  });

  it('takes any iterable, and reads it once', () => {
    const events = timelineRuns['failed']?.() ?? [];
    expect(renderTimeline(events.values())).to.equal(renderTimeline(events));
  });

  it('refuses a width that is too small for lanes', () => {
    for (const width of [39, 0, -1, Number.NaN, 60.5, Infinity])
      expect(() => renderTimeline([taskStart], { width })).to.throw(ContractError, `from 40, and is ${width}`);
    expect(renderTimeline([taskStart], { width: 40 })).to.include('▶ p (at most 3 steps,');
  });

  it('joins the tokens of one channel and time, and keeps others apart', () => {
    const reasoning = { channel: 'reasoning' };
    const lines = thoughts(
      tokenOf('I lo'),
      tokenOf('ok.'),
      tokenOf('Hm', reasoning),
      tokenOf('m', reasoning),
      at(5, tokenOf('m.', reasoning)),
      at(5, tokenOf('I see')),
    );
    expect(lines).to.deep.equal(['I look.', '~ Hmm', '~ m.', 'I see']);
  });

  it('joins a code point that was cut between two tokens', () => {
    expect(thoughts(tokenOf('\ud83d'), tokenOf('\udc4d'))).to.deep.equal(['👍']);
  });

  it('marks an attempt that replaces what its source said before, once and per step', () => {
    const second = { attempt: 2 };
    expect(
      thoughts(stepStart(1), tokenOf('a'), tokenOf('b', second), tokenOf('c', second), stepStart(2), tokenOf('d'), tokenOf('e', second)),
    ).to.deep.equal(['a', '↻ attempt 2', 'bc', 'd', '↻ attempt 2', 'e']);
    expect(evaluation(tokenOf('a', { source: 'purpose', channel: 'evidence', attempt: 3 }))).to.deep.equal(['↻ attempt 3', 'a']);
  });

  it('names the voices that a lane is not for', () => {
    const text = { channel: 'text' };
    const critic = { source: 'critic', channel: 'doubt' };
    expect(
      thoughts(
        tokenOf('a', text),
        at(1, tokenOf('b', text)),
        tokenOf('c'),
        tokenOf('d', critic),
        tokenOf('e', { channel: 'reasoning' }),
        tokenOf('f'),
      ),
    ).to.deep.equal(['text: a', 'b', 'thought: c', 'critic doubt: d', '~ e', 'f']);
  });

  it('tells thought and evidence that were not streamed, and repeats none that were', () => {
    expect(thoughts(stepStart(1), acted('I see.'))).to.deep.equal(['I see.', '⇒ look()']);
    expect(thoughts(stepStart(1), tokenOf('I '), tokenOf('see.'), acted('I see.'))).to.deep.equal(['I see.', '⇒ look()']);
    expect(thoughts(stepStart(1), tokenOf('I see.'), stepStart(2), acted('I see.'))).to.deep.equal(['I see.', 'I see.', '⇒ look()']);
    expect(thoughts(tokenOf('I see.'), tokenOf('No.', { attempt: 2 }), acted('I see.'))).to.deep.equal([
      'I see.',
      '↻ attempt 2',
      'No.',
      'I see.',
      '⇒ look()',
    ]);
    // What is reasoned is told beside a thought, and only the end of what was said can be the thought.
    expect(thoughts(tokenOf('The book says so.', { channel: 'reasoning' }), acted('ok'))).to.deep.equal([
      '~ The book says so.',
      'ok',
      '⇒ look()',
    ]);
    expect(thoughts(tokenOf('The book says so.'), acted('ok'))).to.deep.equal(['The book says so.', 'ok', '⇒ look()']);
    expect(evaluation(judged('It is there.'))).to.deep.equal(['It is there.']);
    expect(evaluation(tokenOf('It is', { source: 'purpose' }), judged('It is'))).to.deep.equal(['thought: It is']);
  });

  it('says done once', () => {
    expect(thoughts(acted('', 'done'), eventOf('done', 1, {}))).to.deep.equal(['⇒ done()']);
    expect(thoughts(acted('', 'look'), eventOf('done', 1, {}))).to.deep.equal(['⇒ look()', '■ done']);
  });

  it('writes a parallel action that is not sound as it is', () => {
    expect(thoughts(parallel([{ name: 'a' }, { name: 'b' }]))).to.deep.equal(['⇒ parallel', '· a()', '· b()']);
    expect(thoughts(parallel(['a']))).to.deep.equal(['⇒ parallel(calls: ["a"])']);
  });

  it('shows the state after a step: its summary, or its data where no tool told of it', () => {
    const summed = eventOf('step_end', 1, { stateSummary: '', state: { data: { n: 1 }, summary: 'One is there.' } });
    expect(tools(stepStart(1), stepEnd(1))).to.deep.equal(['= {"n": 1}']);
    expect(tools(stepStart(1), toolStart('a'), toolEnd('a'), stepEnd(1), stepStart(2), stepEnd(2))).to.deep.equal([
      '┬ a()',
      '✓ a 0 ms',
      '= {"n": 2}',
    ]);
    expect(tools(toolStart('a'), toolEnd('a'), summed)).to.include('= One is there.');
  });

  it('shows what ends a run where it was decided', () => {
    expect(phi(scoreOf(9.5, 1), eventOf('early_stop', 1, { phi: 9.5 }))).to.deep.equal([
      '██████████',
      '9.5 +9.5',
      '100% sure',
      '■ early',
      'stop',
    ]);
    expect(tools(eventOf('terminal', 1, {}))).to.deep.equal(['■ terminal']);
  });

  it('draws a tool whose start is missing, and one that goes on', () => {
    expect(tools(toolEnd('a'), toolStart('b'), at(3, tokenOf('x')), at(9, taskEnd('cancelled')))).to.deep.equal([
      '✓ a',
      '┬ b()',
      '│',
      '┴ b cut off after 9 ms',
    ]);
  });

  it('draws no more rails than a third of the lane', () => {
    const many = Array.from({ length: 50 }, (_none, index) => toolStart(`call-${index}`));
    const rails = tools(...many, at(1, tokenOf('x'))).at(-1);
    expect(rails).to.equal('│'.repeat(9));
  });

  it('cuts long JSON and nothing else', () => {
    const long = 'x'.repeat(1000);
    expect(ended({ ok: true, output: long })).to.equal(`┬a()✓a0ms:"${'x'.repeat(239)}…`);
    expect(ended({ ok: false, error: long })).to.equal(`┬a()✗a0ms:${long}`);
  });

  it('shows no ids of runs', () => {
    const events = timelineRuns['repaired']?.() ?? [];
    expect(renderTimeline(events.map((event) => ({ ...event, runId: 'other' })))).to.equal(renderTimeline(events));
  });

  it('counts times from the first event, backwards too', () => {
    const events = [at(1_700_000_000_000, taskStart), at(1_700_000_000_250, tokenOf('a')), at(1_699_999_999_999, tokenOf('b'))];
    expect(laneOf(events, 0)).to.deep.equal(['250', '-1']);
  });

  it('draws what is out of order too', () => {
    const events = [
      tokenOf('early'),
      taskStart,
      taskEnd('failed'),
      at(4, eventOf('experience_error', 0, { error: 'full' })),
      stepStart(1),
      actionOf('DONE', 1),
    ];
    expectGolden('disorder-60', renderTimeline(events, { width: 60 }));
  });

  const fragment = fc.constantFrom('a', 'word', ' ', '\n', '👍', '𝒳𝒴', 'averyverylongwordwithoutanyblank', '漢字', '"x": [1]');
  const anyText = fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join(''));
  const anyToken = fc
    .record({
      text: anyText,
      source: fc.constantFrom('actor', 'purpose', 'critic'),
      channel: fc.constantFrom('thought', 'evidence', 'reasoning', 'text'),
      attempt: fc.constantFrom(1, 2),
    })
    .map(({ text, ...parts }) => tokenOf(text, parts));
  const anyOther = fc.constantFrom(
    stepStart(1),
    stepEnd(1),
    taskEnd(),
    toolStart('a', 'search'),
    toolStart('b', 'list'),
    toolEnd('a'),
    toolEnd('b'),
    eventOf('tool_progress', 1, { callId: 'a', name: 'search', value: { half: 0.5 } }),
    eventOf('usage', 1, { source: 'actor', inputTokens: 12, outputTokens: 5 }),
    eventOf('error', 1, { error: 'bad\u001b[2J \ud83d' }),
    eventOf('experience_error', 1, { error: 'an error that is longer than most and goes on and on and on and on and on' }),
    scoreOf(7.25, 1),
    reported('page_loaded', { url: 'https://example.org/a/very/long/path/to/somewhere' }),
    reported('tick', null),
  );
  const mixed = fc.array(timed(fc.oneof(anyToken, anyOther)), { maxLength: 25 });
  const shuffled = fc.constantFrom(...Object.values(timelineRuns)).chain((run) => fc.shuffledSubarray([...run()]));
  const anyEvents: fc.Arbitrary<readonly StreamEvent[]> = fc.oneof(mixed, shuffled);
  const anyWidth = fc.integer({ min: 40, max: 130 });

  it('tells every token in its lane, in its order', () => {
    fc.assert(
      fc.property(mixed, anyWidth, (events, width) => {
        const all = [taskStart, ...events];
        const lanes = lanesOf(renderTimeline(all, { width }));
        const texts = lanes.map((lane) => squeezed(lane.join('')).replaceAll('~', ''));
        const read = [0, 0, 0, 0, 0];
        for (const event of events) {
          if (event.type !== 'token') continue;
          const lane = event.data.source === 'purpose' ? 3 : 1;
          const token = squeezed(event.data.token);
          const found = (texts[lane] ?? '').indexOf(token, read[lane]);
          expect(found, `${token} in lane ${lane}`).to.be.at.least(0);
          read[lane] = found + token.length;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('draws no line that is too long or ends in blanks, and nothing that is not text', () => {
    fc.assert(
      fc.property(anyEvents, anyWidth, (events, width) => {
        const timeline = renderTimeline(events, { width });
        expect(timeline).to.equal(toWellFormed(timeline));
        expect(timeline).not.to.match(/[^\P{Cc}\n]/u);
        for (const line of timeline.split('\n')) {
          expect(Array.from(line).length, line).to.be.at.most(width);
          expect(line).to.equal(line.trimEnd());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('draws the same after a round trip through JSON', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        expect(renderTimeline(JSON.parse(JSON.stringify(events)) as StreamEvent[])).to.equal(renderTimeline(events));
      }),
    );
  });

  it('draws every prefix of a run, and says that it has not ended', () => {
    for (const run of Object.values(timelineRuns)) {
      const events = run();
      events.forEach((_event, index) => {
        const timeline = renderTimeline(events.slice(0, index + 1));
        expect(timeline.includes('⋯ not ended after')).to.equal(index + 1 < events.length);
      });
    }
  });

  it('takes events and gives text', () => {
    expectTypeOf(renderTimeline).parameter(0).toEqualTypeOf<Iterable<StreamEvent>>();
    expectTypeOf(renderTimeline).returns.toEqualTypeOf<string>();
  });
});
