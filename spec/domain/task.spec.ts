import { expect } from 'chai';
import { left, right } from 'fp-ts/lib/Either.js';
import { decode } from '../../lib/domain/decode.js';
import { StopReason, Task, TaskResult } from '../../lib/domain/task.js';
import { trajectoryOf } from '../../lib/domain/trajectory.js';

describe('Task', () => {
  it('is a purpose and what may go with it', () => {
    for (const task of [
      { purpose: 'look' },
      { purpose: 'look', initialState: { data: {} }, maxSteps: 0, earlyStopPhi: null },
      { purpose: 'look', maxSteps: 20, earlyStopPhi: 9 },
    ])
      expect(decode(Task, task)).to.deep.equal(right(task));
  });

  for (const [what, task, fault] of [
    ['no purpose', {}, '/purpose: expected a purpose in words'],
    ['an empty purpose', { purpose: ' \n' }, '/purpose: expected a purpose in words'],
    ['half a step', { purpose: 'look', maxSteps: 1.5 }, '/maxSteps: expected a whole number from 0, got 1.5'],
    ['fewer than no steps', { purpose: 'look', maxSteps: -1 }, '/maxSteps: expected a whole number from 0, got -1'],
    ['endless steps', { purpose: 'look', maxSteps: Infinity }, '/maxSteps: expected a whole number from 0, got Infinity'],
    ['a Φ out of range', { purpose: 'look', earlyStopPhi: 11 }, '/earlyStopPhi: expected a number from 0 to 10, got 11'],
    ['a state that is none', { purpose: 'look', initialState: { data: 5 } }, '/initialState/data: expected a JSON object'],
  ] as const) {
    it(`refuses ${what}`, () => {
      const decoded = decode(Task, task);
      expect(decoded).to.have.property('left').that.includes(fault);
    });
  }
});

describe('StopReason', () => {
  it('is one of the known ones', () => {
    for (const reason of ['done', 'early_stop', 'terminal', 'max_steps', 'cancelled', 'failed'])
      expect(decode(StopReason, reason)).to.deep.equal(right(reason));
    expect(decode(StopReason, 'tired')).to.deep.equal(left(['/: expected StopReason, got "tired"']));
    expect(StopReason.is('toString')).to.equal(false);
  });
});

describe('TaskResult', () => {
  it('survives a round trip through text, with or without a state and an answer', () => {
    const bare = {
      runId: 'r',
      trajectory: trajectoryOf('look', []),
      stopReason: 'failed',
      finalState: null,
      usage: { inputTokens: 1, outputTokens: 2 },
    };
    for (const result of [bare, { ...bare, stopReason: 'done', finalState: { data: {} }, answer: { text: '42' } }])
      expect(decode(TaskResult, JSON.parse(JSON.stringify(result)))).to.deep.equal(right(result));
  });
});
