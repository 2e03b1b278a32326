import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { from, type MonoTypeOperatorFunction } from 'rxjs';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { EventOrderError } from '../../lib/errors/event-order-error.js';
import { verifyOrder } from '../../lib/operators/verify-order.js';
import { itObeysTheOperatorLaws } from '../../lib/testing/laws/operator-laws.js';
import { actionOf, eventOf, numbered, scoreOf, stepEnd, stepStart, taskEnd, taskStart, tokenOf } from '../support/events.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const usage = eventOf('usage', 1, { source: 'actor', inputTokens: 1, outputTokens: 1 });
const toolStart = eventOf('tool_start', 1, { callId: '1.1', name: 'look', params: {} });
const toolEnd = eventOf('tool_end', 1, { callId: '1.1', name: 'look', ok: true, output: null });
const failed = eventOf('error', 1, { error: 'no' });
const done = eventOf('done', 1, {});
const earlyStop = eventOf('early_stop', 1, { phi: 9 });
const terminal = eventOf('terminal', 1, {});
const noRecall = eventOf('experience_error', 1, { error: 'no' });
const noRecord = eventOf('experience_error', 0, { error: 'no' });
const custom = { ...eventOf('terminal', 1, {}), type: 'page_loaded' } as unknown as StreamEvent;

const dropped = eventOf('attempt_dropped', 1, { source: 'actor', attempt: 1, reason: 'cut off' });
const restarted = eventOf('attempt_start', 1, { source: 'actor', attempt: 2 });
const asked = eventOf('approval_request', 1, { callId: '1.1', name: 'look', params: {} });
const answered = eventOf('approval_decision', 1, { callId: '1.1', decision: 'approve' });
const executed = eventOf('executed', 1, { state: { data: {} } });
const nudge = eventOf('nudge', 1, { policy: 'plateau', message: 'Try something else.' });
const late = eventOf('tool_late_result', 1, { callId: '1.1', name: 'look', ok: true, output: null });
const billed = eventOf('request_end', 0, {
  ...{ source: 'actor', request: 1, inputTokens: 1, outputTokens: 1 },
  ...{ basis: 'reported', outcome: 'finished' },
});
const input = { id: 'i1', mode: 'steer', message: 'Look up.' } as const;
const received = eventOf('input_received', 0, input);
const applied = eventOf('input_applied', 1, input);

const begin = [taskStart, stepStart(1)];
const look = [...begin, actionOf('look', 1)];
const step = [...look, scoreOf(1, 1), stepEnd(1)];
const next = [stepStart(2), actionOf('look', 2), scoreOf(1, 2), stepEnd(2)];

/** What the operator says of a sequence: how many events passed, and why the next one did not. */
const verdictOn = (events: readonly StreamEvent[]): { passed: number; error?: unknown } => {
  const verdict: { passed: number; error?: unknown } = { passed: 0 };
  from(events)
    .pipe(verifyOrder())
    .subscribe({ next: () => (verdict.passed += 1), error: (error: unknown) => (verdict.error = error) });
  return verdict;
};

describe('verifyOrder', () => {
  const legal: Readonly<Record<string, readonly StreamEvent[]>> = {
    'a run cancelled before its start': [],
    'no step': [taskStart, taskEnd()],
    'a step': [...step, taskEnd()],
    'two steps': [...step, ...next, taskEnd()],
    'tokens and usage before the action and before the score': [
      ...[...begin, tokenOf('a'), usage, tokenOf('b'), actionOf('look', 1)],
      ...[tokenOf('c'), usage, scoreOf(1, 1), stepEnd(1), taskEnd()],
    ],
    'tools at work': [...look, toolStart, toolEnd, tokenOf('c'), scoreOf(1, 1), stepEnd(1), taskEnd()],
    'an environment that fails at work': [...look, toolStart, failed, tokenOf('c'), scoreOf(1, 1), stepEnd(1), taskEnd()],
    DONE: [...begin, tokenOf('a'), actionOf('done', 1), done, taskEnd('done')],
    'an early stop': [...step, earlyStop, taskEnd('early_stop')],
    'a terminal state': [...step, terminal, taskEnd('terminal')],
    'a recall that fails': [...begin, noRecall, actionOf('look', 1), scoreOf(1, 1), stepEnd(1), taskEnd()],
    'a recording that fails': [...step, terminal, noRecord, taskEnd('terminal')],
    'a recording that fails at the step limit': [...step, noRecord, taskEnd()],
    'a type of an environment': [...look, custom, scoreOf(1, 1), custom, stepEnd(1), taskEnd()],
    'a failure in the middle of a decision': [...begin, tokenOf('a'), taskEnd('failed')],
    'a cancellation after the score': [...look, scoreOf(1, 1), taskEnd('cancelled')],
    'attempts while it is decided and while it is judged': [
      ...[...begin, tokenOf('a'), dropped, restarted, tokenOf('b', { attempt: 2 }), actionOf('look', 1)],
      ...[tokenOf('c'), dropped, restarted, scoreOf(1, 1), stepEnd(1), taskEnd()],
    ],
    'an approval, and what the environment made of the action': [
      ...[...look, asked, answered, toolStart, toolEnd, executed, scoreOf(1, 1), stepEnd(1), taskEnd()],
    ],
    'what may stand anywhere, anywhere': [
      ...[taskStart, received, stepStart(1), applied, actionOf('look', 1), billed, scoreOf(1, 1), late, stepEnd(1)],
      ...[billed, taskEnd()],
    ],
    'a nudge between two steps and before a decision': [...step, nudge, stepStart(2), { ...nudge, step: 2 }, ...next.slice(1), taskEnd()],
    'a run that a policy stopped': [...step, taskEnd('stopped')],
    'a run that ran out of time in the middle of a decision': [...begin, tokenOf('a'), taskEnd('timeout')],
    'a run that ran out of budget in the middle of a judgement': [...look, tokenOf('c'), taskEnd('budget')],
    'a cancellation between DONE and done': [...begin, actionOf('DONE', 1), taskEnd('cancelled')],
  };
  for (const [what, events] of Object.entries(legal)) {
    it(`passes ${what}`, () => {
      expect(verdictOn(numbered(...events))).to.deep.equal({ passed: events.length });
    });
  }

  const illegal: Readonly<Record<string, readonly [events: readonly StreamEvent[], message: RegExp]>> = {
    'a run that does not begin': [[stepStart(1)], /step_start \(seq 0\) may not stand here: task_start may/],
    'a second start': [[taskStart, taskStart], /task_start/],
    'a new attempt after the score': [[...look, scoreOf(1, 1), restarted], /attempt_start .*: step_end may/],
    'an approval before the action': [[...begin, asked], /approval_request/],
    'an approval while it is judged': [[...look, tokenOf('c'), answered], /approval_decision/],
    'the state of an action that was not decided': [[...begin, executed], /executed/],
    'a nudge while the environment works': [[...look, nudge], /nudge/],
    'what may stand anywhere before the start': [[received], /input_received/],
    'what may stand anywhere after the end': [[taskStart, taskEnd(), billed], /request_end/],
    'what may stand anywhere in another step': [[...look, { ...late, step: 2 }], /tool_late_result carries step 2, but 1 is due/],
    'a policy that stopped in the middle of a step': [[...look, taskEnd('stopped')], /task_end/],
    'a second end': [[taskStart, taskEnd(), taskEnd()], /nothing may/],
    'an event of an environment after the end': [[taskStart, taskEnd(), custom], /page_loaded/],
    'an event of an environment before the start': [[custom], /page_loaded/],
    'a score without an action': [[...begin, scoreOf(1, 1)], /score .* token, usage, action, experience_error may/],
    'tools before the action': [[...begin, toolStart], /tool_start/],
    'tools after the error': [[...look, failed, toolStart], /tool_start/],
    'two errors': [[...look, failed, failed], /error/],
    'tools while it is judged': [[...look, tokenOf('c'), toolEnd], /tool_end/],
    'a token after the score': [[...look, scoreOf(1, 1), tokenOf('c')], /token .*: step_end may/],
    'a step without a score': [[...look, stepEnd(1)], /step_end/],
    'done after an action that is not DONE': [[...look, done], /done/],
    'work after DONE': [[...begin, actionOf('DONE', 1), toolStart], /done may/],
    'a step after the early stop': [[...step, earlyStop, stepStart(2)], /step_start/],
    'terminal after the early stop': [[...step, earlyStop, terminal], /terminal/],
    'a recall error late in a step': [[...begin, tokenOf('a'), noRecall], /experience_error/],
    'a step after a recording error': [[...step, noRecord, stepStart(2)], /task_end may/],
    'an end in the middle of a step': [[...look, taskEnd()], /task_end/],
    'an end that denies its ending': [[...step, earlyStop, taskEnd('terminal')], /says terminal, but the last step ended with early_stop/],
    'an end that makes its ending up': [[...step, taskEnd('done')], /says done, but the last step ended with step_end/],
    'steps out of order': [[taskStart, stepStart(2)], /carries step 2, but 1 is due/],
    'a step that tells of another': [[taskStart, eventOf('step_start', 1, { step: 2 })], /carries step 1 and tells of step 2/],
    'an event of another step': [[...begin, tokenOf('a', {}, 2)], /carries step 2, but 1 is due/],
    'an end within a step': [[taskStart, { ...taskEnd(), step: 1 }], /carries step 1, but 0 is due/],
  };
  for (const [what, [events, message]] of Object.entries(illegal)) {
    it(`errors at ${what}`, () => {
      const { passed, error } = verdictOn(numbered(...events));
      expect(passed).to.equal(events.length - 1);
      expect(error).to.be.instanceOf(EventOrderError);
      expect((error as EventOrderError).message).to.match(message);
    });
  }

  it('errors at a gap, a repeat and an event of another run', () => {
    const messages = [
      [taskStart, { ...stepStart(1), seq: 2 }],
      [taskStart, { ...stepStart(1), seq: 0 }],
      [taskStart, { ...stepStart(1), seq: 1, runId: 'other' }],
    ].map((events) => (verdictOn(events).error as Error).message);
    expect(messages).to.deep.equal([
      'step_start has seq 2, but 1 is due',
      'step_start has seq 0, but 1 is due',
      'step_start is of run other, among the events of r',
    ]);
  });

  it('errors at a run that ends without a task_end', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [s, S] = numbered(taskStart, stepStart(1));
      const source = cold('-s-S-|', { s, S } as Record<string, StreamEvent>);
      const error = new EventOrderError('The run ended after event 1 without a task_end.');
      expectObservable(source.pipe(verifyOrder())).toBe('-s-S-#', { s, S }, error);
      expectSubscriptions(source.subscriptions).toBe('^----!');
    }));

  it('errors at the first event that is out of order, and leaves the source', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [s, e] = numbered(taskStart, taskEnd());
      const S = { ...stepStart(1), seq: 2 };
      const source = cold('-s-e-S-|', { s, e, S } as Record<string, StreamEvent>);
      const error = new EventOrderError('step_start (seq 2) may not stand here: nothing may');
      expectObservable(source.pipe(verifyOrder())).toBe('-s-e-#', { s, e }, error);
      expectSubscriptions(source.subscriptions).toBe('^----!');
    }));

  it('keeps the state of two subscribers apart', () => {
    const verified$ = from(numbered(...step, taskEnd())).pipe(verifyOrder());
    const errors: unknown[] = [];
    verified$.subscribe({ error: (error: unknown) => errors.push(error) });
    verified$.subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).to.deep.equal([]);
  });

  itObeysTheOperatorLaws<StreamEvent>({ describe, it }, { make: () => verifyOrder(), sample: taskStart });

  it('is a mono-type operator', () => {
    expectTypeOf(verifyOrder()).toEqualTypeOf<MonoTypeOperatorFunction<StreamEvent>>();
  });
});
