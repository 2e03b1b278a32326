import { expect } from 'chai';
import * as fc from 'fast-check';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Action } from '../../lib/domain/action.js';
import { decode } from '../../lib/domain/decode.js';
import { type Json, JsonRecord } from '../../lib/domain/json.js';
import { toPurposeScore } from '../../lib/domain/purpose-score.js';
import type { State } from '../../lib/domain/state.js';
import {
  decodeEventData,
  draft,
  isStreamEventType,
  StreamEvent,
  type StreamEventData,
  type StreamEventType,
} from '../../lib/domain/stream-event.js';
import type { StopReason } from '../../lib/domain/task.js';

/** What JSON.parse gave: as JSON writes it, with no −0 for instance. */
const json: fc.Arbitrary<Json> = fc.json().map((text) => JSON.parse(text) as Json);
const record: fc.Arbitrary<JsonRecord> = json.map((value) => (JsonRecord.is(value) ? value : { value }));
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const phi = fc.double({ min: 0, max: 10, noNaN: true });
const state: fc.Arbitrary<State> = fc.oneof(fc.record({ data: record }), fc.record({ data: record, summary: fc.string() }));
const action: fc.Arbitrary<Action> = fc.record({ name: fc.string(), params: record, thought: fc.string(), expectedDelta: fc.string() });
const error = fc.record({ error: fc.string() });
const called = { callId: fc.string(), name: fc.string() };
const stopReason = fc.constantFrom<StopReason>(
  'done',
  'early_stop',
  'terminal',
  'max_steps',
  'stopped',
  'timeout',
  'budget',
  'cancelled',
  'failed',
);
const totals = { totalSteps: fc.nat(), cumulativeReward: number, successRate: number, finalPhi: number, stopReason };

const mode = fc.constantFrom<'queue' | 'steer' | 'interrupt'>('queue', 'steer', 'interrupt');
const input = fc.record({ id: fc.string(), mode, message: fc.string() });

/** Data of each type; a type that is added without one does not compile. */
const dataOf: { readonly [Type in StreamEventType]: fc.Arbitrary<StreamEventData<Type>> } = {
  task_start: fc.record({
    purpose: fc.string(),
    maxSteps: fc.nat(),
    earlyStopPhi: fc.option(number),
    initialState: fc.option(state),
  }),
  step_start: fc.record({ step: fc.nat() }),
  token: fc.record({ token: fc.string({ unit: 'binary' }), source: fc.string(), channel: fc.string(), attempt: fc.nat() }),
  usage: fc.record({ source: fc.string(), inputTokens: fc.nat(), outputTokens: fc.nat() }),
  action,
  tool_start: fc.record({ ...called, params: json }),
  tool_progress: fc.record({ ...called, value: json }),
  tool_end: fc.oneof(
    fc.record({ ...called, ok: fc.constant(true), output: json }),
    fc.record({ ...called, ok: fc.constant(false), error: fc.string() }),
    fc.record({
      ...called,
      ok: fc.constant(false),
      error: fc.string(),
      settlement: fc.constantFrom<'timeout' | 'cancelled' | 'unsettled'>('timeout', 'cancelled', 'unsettled'),
    }),
  ),
  done: fc.constant({}),
  error,
  score: fc
    .record({ phiBefore: phi, phiAfter: phi, confidence: fc.double({ min: 0, max: 1, noNaN: true }), evidence: fc.string() })
    .map(toPurposeScore),
  step_end: fc.record({ stateSummary: fc.string(), state }),
  early_stop: fc.record({ phi }),
  terminal: fc.constant({}),
  experience_error: error,
  task_end: fc.oneof(
    fc.record(totals),
    fc.record({ ...totals, reason: fc.string() }),
    fc.record({ ...totals, error: fc.record({ _tag: fc.string(), message: fc.string(), isRetryable: fc.boolean() }) }),
  ),
  attempt_dropped: fc.record({ source: fc.string(), attempt: fc.nat(), reason: fc.string() }),
  attempt_start: fc.record({ source: fc.string(), attempt: fc.nat() }),
  request_end: fc.record({
    source: fc.string(),
    request: fc.nat(),
    inputTokens: fc.nat(),
    outputTokens: fc.nat(),
    basis: fc.constantFrom<'reported' | 'estimated'>('reported', 'estimated'),
    outcome: fc.constantFrom<'finished' | 'failed' | 'cancelled'>('finished', 'failed', 'cancelled'),
  }),
  tool_late_result: fc.oneof(
    fc.record({ ...called, ok: fc.constant(true), output: json }),
    fc.record({ ...called, ok: fc.constant(false), error: fc.string() }),
  ),
  approval_request: fc.oneof(fc.record({ ...called, params: json }), fc.record({ ...called, params: json, expiresAt: number })),
  approval_decision: fc.oneof(
    fc.record({ callId: fc.string(), decision: fc.constant<'approve'>('approve') }),
    fc.record({ callId: fc.string(), decision: fc.constant<'deny'>('deny'), reason: fc.string() }),
    fc.record({ callId: fc.string(), decision: fc.constant<'edit'>('edit'), params: json }),
  ),
  input_received: input,
  input_applied: input,
  input_dropped: fc.record({ id: fc.string(), mode, message: fc.string(), reason: fc.string() }),
  nudge: fc.record({ policy: fc.string(), message: fc.string() }),
  budget_exceeded: fc.record({ limit: fc.string(), allowed: number, spent: number }),
  budget_decision: fc.oneof(
    fc.record({ decision: fc.constant<'continue'>('continue'), more: record }),
    fc.record({ decision: fc.constant<'stop'>('stop'), reason: fc.string() }),
  ),
  executed: fc.record({ state }),
  run_resumed: fc.record({ after: fc.nat(), inDoubt: fc.array(fc.string()) }),
};

const envelope = { runId: fc.string(), seq: fc.nat(), step: fc.nat(), timestamp: number };
const eventOf = (type: string, data: fc.Arbitrary<unknown>) => fc.record({ type: fc.constant(type), ...envelope, data });
const types = Object.keys(dataOf).filter(isStreamEventType);

const faultsOf = (value: unknown): readonly string[] => {
  const decoded = decode(StreamEvent, value);
  return isLeft(decoded) ? decoded.left : [];
};

describe('StreamEvent', () => {
  for (const type of types) {
    it(`brings ${type} back from its text as it was`, () => {
      fc.assert(
        fc.property(eventOf(type, dataOf[type]), (event) => {
          const read: unknown = JSON.parse(JSON.stringify(event));
          expect(decode(StreamEvent, read)).to.deep.equal(right(event));
          expect(StreamEvent.is(read)).to.equal(true);
        }),
      );
    });

    it(`names the path of whatever is wrong in the data of ${type}`, () => {
      fc.assert(
        fc.property(eventOf(type, dataOf[type]), (event) => {
          const data = Object(event.data) as Record<string, unknown>;
          for (const key of Object.keys(data)) {
            const faults = faultsOf({ ...event, data: { ...data, [key]: () => 1 } });
            expect(faults).not.to.deep.equal([]);
            for (const fault of faults) expect(fault).to.match(new RegExp(`^/data/${key}: `));
          }
        }),
        { numRuns: 10 },
      );
    });

    it(`refuses ${type} with data that is missing or no object`, () => {
      fc.assert(
        fc.property(eventOf(type, dataOf[type]), fc.constantFrom(undefined, null, 5, 'text'), (event, data) => {
          const faults = faultsOf({ ...event, data });
          expect(faults).not.to.deep.equal([]);
          for (const fault of faults) expect(fault).to.match(/^\/data: /);
        }),
        { numRuns: 10 },
      );
    });
  }

  it('brings back types that an environment reports, with any JSON for data', () => {
    const foreign = fc.string().filter((type) => !isStreamEventType(type));
    fc.assert(
      fc.property(
        foreign.chain((type) => eventOf(type, json)),
        (event) => {
          expect(decode(StreamEvent, JSON.parse(JSON.stringify(event)))).to.deep.equal(right(event));
        },
      ),
    );
  });

  const sound = { type: 'step_start', runId: 'r', seq: 0, step: 1, timestamp: 5, data: { step: 1 } };
  const faults: readonly (readonly [what: string, event: unknown, report: readonly string[]])[] = [
    ['nothing', undefined, ['/: expected StreamEvent, got nothing']],
    ['text', 'step_start', ['/: expected StreamEvent, got "step_start"']],
    ['no run', { ...sound, runId: undefined }, ['/runId: expected string, got nothing']],
    ['a number that is none', { ...sound, seq: Number.NaN }, ['/seq: expected a finite number, got NaN']],
    ['an endless number', { ...sound, data: { step: Infinity } }, ['/data/step: expected a finite number, got Infinity']],
    ['no type', { ...sound, type: undefined }, ['/type: expected string, got nothing']],
    [
      'a state deep inside that is not JSON',
      { ...sound, type: 'step_end', data: { stateSummary: '', state: { data: { a: [Number.NaN] } } } },
      ['/data/state/data: /a/0 is NaN, which JSON cannot hold'],
    ],
    [
      'foreign data that is not JSON',
      { ...sound, type: 'page_loaded', data: { at: new Date(0) } },
      ['/data: /at is a Date, which JSON cannot hold'],
    ],
    [
      'a score out of range',
      { ...sound, type: 'score', data: toPurposeScore({ phiBefore: 0, phiAfter: 11 }) },
      ['/data/phiAfter: expected a number from 0 to 10, got 11'],
    ],
  ];
  for (const [what, event, report] of faults) {
    it(`says what is wrong with ${what}`, () => {
      expect(faultsOf(event)).to.deep.equal(report);
      expect(StreamEvent.is(event)).to.equal(false);
    });
  }

  it('names the whole path where an event is part of something else', () => {
    expect(decode(t.type({ log: t.array(StreamEvent) }), { log: [sound, { ...sound, data: {} }] }))
      .to.have.property('left')
      .that.deep.equals(['/log/1/data/step: expected number, got nothing']);
  });

  it('drops what it does not know', () => {
    expect(decode(StreamEvent, { ...sound, extra: 1, data: { step: 1, extra: 1 } })).to.deep.equal(right(sound));
  });
});

describe('isStreamEventType', () => {
  it('knows the types of the engine and no others', () => {
    expect(types).to.have.length(30);
    for (const type of ['page_loaded', 'toString', '__proto__', '', undefined]) expect(isStreamEventType(type)).to.equal(false);
  });
});

describe('decodeEventData', () => {
  it('decodes by the table for the types of the engine, as JSON for others', () => {
    expect(decodeEventData('step_start', { step: 1 })).to.deep.equal(right({ step: 1 }));
    expect(decodeEventData('step_start', { step: 'a' }))
      .to.have.property('left')
      .that.deep.equals(['/step: expected number, got "a"']);
    expect(decodeEventData('page_loaded', [1])).to.deep.equal(right([1]));
    expect(isLeft(decodeEventData('page_loaded', 10n))).to.equal(true);
  });
});

describe('draft', () => {
  it('is an event that has not been numbered', () => {
    expect(draft('step_start', 1, { step: 1 })).to.deep.equal({ type: 'step_start', step: 1, data: { step: 1 } });
  });
});
