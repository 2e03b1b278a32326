import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { take, VirtualTimeScheduler, type Observable } from 'rxjs';
import { toPurposeScore } from '../../../lib/domain/purpose-score.js';
import { decided, scored, token } from '../../../lib/domain/signal.js';
import { BackendError } from '../../../lib/errors/backend-error.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import type { EvaluateContext, PurposeFunction, PurposeSignal } from '../../../lib/purpose/purpose-function.js';
import type { PurposeStep } from '../../../lib/testing/scripts/purpose-script.js';
import { scriptedPurposeFunction, type ScriptedPurposeFunction } from '../../../lib/testing/scripts/scripted-purpose-function.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';

const context: EvaluateContext = {
  purpose: 'open the door',
  stateBefore: { data: { n: 0 } },
  action: decided({ name: 'look' }).action,
  stateAfter: { data: { n: 1 } },
  step: 1,
  scores: [],
};
/** As the context of a later step, after a score of 2. */
const later: EvaluateContext = {
  ...context,
  step: 3,
  scores: [toPurposeScore({ phiBefore: 0, phiAfter: 7 }), toPurposeScore({ phiBefore: 7, phiAfter: 2 })],
};
const usage = { inputTokens: 3, outputTokens: 2 };
const error = new Error('down');
const seen = { phiBefore: 1, phiAfter: 4, confidence: 0.5, evidence: 'it moved' };

const signals: Readonly<Record<string, PurposeSignal>> = {
  x: token('x'),
  y: token('y'),
  3: scored({ phiBefore: 0, phiAfter: 3 }),
  0: scored({ phiBefore: 0, phiAfter: 0 }),
  9: scored({ phiBefore: 0, phiAfter: 9 }),
  t: scored({ phiBefore: 0, phiAfter: 10 }),
  s: scored(seen),
  l: scored({ phiBefore: 2, phiAfter: 3 }),
  e: scored({ phiBefore: 2, phiAfter: 4, evidence: 'seen' }),
  u: { type: 'usage', usage },
  v: { type: 'usage', usage: { inputTokens: 1, outputTokens: 1 } },
};

describe('scriptedPurposeFunction', () => {
  const cases: readonly (readonly [name: string, step: PurposeStep, expected: string, context?: EvaluateContext])[] = [
    ['a Φ', 3, '(3|)'],
    ['a Φ of 0', 0, '(0|)'],
    ['a Φ after the last score of the run', 3, '(l|)', later],
    ['a score', seen, '(s|)'],
    ['a score after the last one of the run', { phiAfter: 4, evidence: 'seen' }, '(e|)', later],
    ['a score that says what it comes after', seen, '(s|)', later],
    ['a signal', scored(seen), '(s|)'],
    ['evidence, scores and signals as they are', ['x', { type: 'usage', usage }, 3], '(xu3|)'],
    ['a Φ in a list after the last score of the run', ['x', 3], '(xl|)', later],
    ['evidence without a score', ['x', 'y'], '(xy|)'],
    ['nothing', [], '|'],
    ['an error', error, '#'],
    ['tokens in time', { tokens: ['x', 'y'], interval: 3, score: 3 }, '---x--(y3|)'],
    ['tokens in time after the last score of the run', { tokens: ['x'], interval: 3, score: 3 }, '---(xl|)', later],
    ['tokens at once with a usage', { tokens: ['x'], usage, score: seen }, '(xus|)'],
    ['tokens in time and then an error', { tokens: ['x', 'y'], interval: 2, usage, error }, '--x-(yu#)'],
    ['no tokens in time', { tokens: [], interval: 2, score: 0 }, '(0|)'],
    ['marbles', { marbles: '--x-(3|)' }, '--x-(3|)'],
    ['the least and the greatest digit of marbles', { marbles: '0-9|' }, '0-9|'],
    ['marbles after the last score of the run', { marbles: '--x-(3|)' }, '--x-(l|)', later],
    ['marbles with values', { marbles: 'x 10ms t-s|', values: { t: 10, s: scored(seen) } }, 'x 10ms t-s|'],
    ['a digit of marbles that has a value', { marbles: '-5|', values: { 5: 'x' } }, '-x|'],
    ['a value of 0', { marbles: '-z|', values: { z: 0 } }, '-0|'],
    ['a usage in marbles', { marbles: '-u-|' }, '-v-|'],
    ['marbles that fail', { marbles: '-x-#', error }, '-x-#'],
    ['marbles that never end', { marbles: '-x--' }, '-x--'],
  ];
  for (const [name, step, expected, asked = context] of cases) {
    it(`plays ${name}`, () =>
      agentMarbles(({ expectObservable }) => {
        expectObservable(scriptedPurposeFunction([step]).evaluate(asked)).toBe(expected, signals, error);
      }));
  }

  it('fails with a BackendError where marbles say no other', () =>
    agentMarbles(({ expectObservable }) => {
      const failed = new BackendError('The script lets this evaluation fail.');
      expectObservable(scriptedPurposeFunction([{ marbles: '-#' }]).evaluate(context)).toBe('-#', undefined, failed);
    }));

  it('takes the next step a subscription, and a step that is left counts as used', () =>
    agentMarbles(({ expectObservable, flush }) => {
      const purposeFunction = scriptedPurposeFunction([{ marbles: '--x-(9|)' }, 3]);
      const signal$ = purposeFunction.evaluate(context);
      expect(purposeFunction.calls).to.have.length(0);
      expectObservable(signal$, '^-!').toBe('---');
      expectObservable(signal$, '---^').toBe('---(3|)', signals);
      flush();
      purposeFunction.verify();
    }));

  it('runs on the scheduler it is given', () => {
    const scheduler = new VirtualTimeScheduler();
    const steps: readonly PurposeStep[] = [{ tokens: ['x'], interval: 5, score: 1 }, { marbles: '-----x(1|)' }];
    const purposeFunction = scriptedPurposeFunction(steps, { scheduler });
    const times: number[] = [];
    const complete = () => times.push(scheduler.now());
    purposeFunction.evaluate(context).subscribe({ complete });
    purposeFunction.evaluate(context).subscribe({ complete });
    expect(times).to.deep.equal([]);
    scheduler.flush();
    expect(times).to.deep.equal([5, 6]);
  });

  it('keeps the contexts as frozen copies', () => {
    const purposeFunction = scriptedPurposeFunction([1]);
    const scores = [...later.scores];
    purposeFunction.evaluate({ ...later, scores }).subscribe();
    scores.push(toPurposeScore({ phiBefore: 2, phiAfter: 1 }));
    expect(purposeFunction.calls).to.deep.equal([later]);
    expect([purposeFunction.calls[0], purposeFunction.calls[0]?.scores].every(Object.isFrozen)).to.equal(true);
  });

  it('fails at an evaluation that it has no step for, and names it', () => {
    const purposeFunction = scriptedPurposeFunction([1]);
    const errors: unknown[] = [];
    purposeFunction.evaluate(context).subscribe();
    purposeFunction.evaluate(context).subscribe({ error: (failure: unknown) => errors.push(failure) });
    const message = "Evaluation 2 was not expected: the purpose function's script has 1 step.";
    expect(errors[0]).to.be.instanceOf(ScriptError);
    expect(errors[0]).to.have.property('message', message);
    expect(() => purposeFunction.verify()).to.throw(ScriptError, message);
  });

  it('refuses marbles that make no sense when it is made', () => {
    expect(() => scriptedPurposeFunction([1, { marbles: '-(a' }])).to.throw(ScriptError);
  });

  it('makes no more of a burst when it is left', () => {
    for (const step of [Array.from({ length: 1000 }, () => 3), { marbles: `(${'3'.repeat(1000)})` }]) {
      let looks = 0;
      const watched = Object.defineProperty({ ...context }, 'scores', { get: () => ((looks += 1), []), enumerable: true });
      const purposeFunction = scriptedPurposeFunction([step]);
      const taken: PurposeSignal[] = [];
      purposeFunction
        .evaluate(watched)
        .pipe(take(2))
        .subscribe((signal) => taken.push(signal));
      expect(taken).to.have.length(2);
      // Once for each score, and once for the copy in `calls`.
      expect(looks).to.equal(3);
    }
  });

  it('is a purpose function of any data', () => {
    type Data = { readonly n: number };
    expectTypeOf(scriptedPurposeFunction([1])).toEqualTypeOf<ScriptedPurposeFunction>();
    expectTypeOf(scriptedPurposeFunction<Data>([1]).calls).toEqualTypeOf<readonly EvaluateContext<Data>[]>();
    expectTypeOf<ScriptedPurposeFunction>().toExtend<PurposeFunction<Data>>();
    expectTypeOf<ScriptedPurposeFunction<Data>>().toExtend<PurposeFunction<Data>>();
    expectTypeOf<ReturnType<ScriptedPurposeFunction['evaluate']>>().toEqualTypeOf<Observable<PurposeSignal>>();
    expectTypeOf<{ readonly tokens: readonly string[] }>().not.toExtend<PurposeStep>();
  });
});
