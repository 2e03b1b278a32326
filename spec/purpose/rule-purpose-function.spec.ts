import { expect } from 'chai';
import type { State } from '../../lib/domain/state.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { rulePurposeFunction, type RuleJudgement } from '../../lib/purpose/rule-purpose-function.js';
import { toPurposeScore } from '../../lib/domain/purpose-score.js';

type Counter = { readonly count: number };

/** What a rule makes of a counter that goes from one number to another. */
const evaluate = (phi: (state: State<Counter>) => RuleJudgement, before: number, after: number): unknown =>
  rulePurposeFunction<Counter>(phi).evaluate({
    purpose: 'count',
    stateBefore: { data: { count: before } },
    action: { name: 'add', params: {}, thought: '', expectedDelta: '' },
    stateAfter: { data: { count: after } },
    step: 2,
    scores: [toPurposeScore({ phiBefore: 0, phiAfter: 9 })],
  });

const refuse = (): never => {
  throw new RangeError('no such rule');
};

describe('rulePurposeFunction', () => {
  it('scores both states by the rule, at once and with full confidence', () => {
    expect(evaluate(({ data }) => data.count, 3, 5)).to.deep.equal({
      type: 'score',
      score: { phiBefore: 3, phiAfter: 5, delta: 2, confidence: 1, evidence: 'Φ 3 → 5 by rule', improved: true },
    });
    expect(evaluate(({ data }) => data.count, 5, 5)).to.have.nested.property('score.improved', false);
  });

  it('takes the evidence that the rule gives for the state after', () => {
    expect(evaluate(({ data }) => ({ phi: data.count, evidence: `count is ${data.count}` }), 3, 5)).to.have.nested.property(
      'score.evidence',
      'count is 5',
    );
  });

  it('gives evidence of its own where the rule has a Φ alone', () => {
    expect(evaluate(({ data }) => ({ phi: data.count }), 4, 2)).to.have.nested.property('score.evidence', 'Φ 4 → 2 by rule');
  });

  it('takes the ends of the range', () => {
    expect(evaluate(({ data }) => data.count, 0, 10)).to.have.nested.property('score.delta', 10);
  });

  for (const wrong of [10.01, -1, Number.NaN, Infinity]) {
    it(`refuses ${wrong}, of either state, and names it`, () => {
      const message = `to give a number from 0 to 10, and gave ${wrong}.`;
      expect(() => evaluate(({ data }) => data.count, 1, wrong)).to.throw(ContractError, message);
      expect(() => evaluate(({ data }) => data.count, wrong, 1)).to.throw(ContractError, message);
      expect(() => evaluate(({ data }) => ({ phi: data.count, evidence: 'x' }), 1, wrong)).to.throw(ContractError, message);
    });
  }

  it('lets through what the rule throws', () => {
    expect(() => evaluate(refuse, 1, 2)).to.throw(RangeError, 'no such rule');
  });
});
