import { expect } from 'chai';
import * as fc from 'fast-check';
import { ContractError } from '../../lib/errors/contract-error.js';
import { repeatedAction } from '../../lib/policies/repeated-action.js';
import { runsSoFar, runSoFar, type StepSoFar } from '../support/run-so-far.js';
import { drawn, reasonOf } from '../support/verdicts.js';

const a: StepSoFar = { name: 'read', params: { at: 'door' }, output: 1 };
const b: StepSoFar = { name: 'go', params: { to: 'door' }, output: 2 };
const c: StepSoFar = { name: 'wait', output: 3 };

describe('repeatedAction', () => {
  it('stops at the third of the same calls with the same result', () => {
    expect(drawn(repeatedAction(), runsSoFar(a, a, a, a))).to.equal('..xx');
    expect(drawn(repeatedAction({ times: 2 }), runsSoFar(b, a, a))).to.equal('..x');
  });

  it('stops where two calls take turns', () => {
    expect(drawn(repeatedAction(), runsSoFar(c, a, b, a, b, a, b))).to.equal('......x');
    expect(drawn(repeatedAction({ times: 2 }), runsSoFar(a, b, a, b))).to.equal('...x');
  });

  it('lets a call be made again that finds something new', () => {
    expect(drawn(repeatedAction(), runsSoFar(a, a, { ...a, output: 2 }, a, a))).to.equal('.....');
    expect(drawn(repeatedAction({ times: 2 }), runsSoFar(a, b, a, { ...b, output: 5 }))).to.equal('....');
  });

  it('lets a call be made again with other parameters or between others', () => {
    expect(drawn(repeatedAction(), runsSoFar(a, a, { ...a, params: { at: 'wall' } }))).to.equal('...');
    expect(drawn(repeatedAction(), runsSoFar(a, b, c, a, b, c, a, b, c))).to.equal('.........');
  });

  it('takes parameters and results for the same whatever the order of their keys, and nothing else', () => {
    const one = { name: 'find', params: { x: 1, y: [1, { z: null }] }, output: { p: 1, q: 2 } };
    const other = { name: 'find', params: { y: [1, { z: null }], x: 1 }, output: { q: 2, p: 1 } };
    expect(drawn(repeatedAction(), runsSoFar(one, other, one))).to.equal('..x');
    for (const params of [{ x: 1 }, { x: 1, y: { 0: 1, 1: { z: null } } }, { x: '1', y: [1, { z: null }] }, { x: 1, y: [1, {}] }])
      expect(drawn(repeatedAction({ times: 2 }), runsSoFar(one, { ...one, params }))).to.equal('..');
  });

  it('goes by the state after, where the environment tells of no calls', () => {
    const still: StepSoFar = { name: 'wait', data: { n: 1 } };
    expect(drawn(repeatedAction(), runsSoFar(still, still, still))).to.equal('..x');
    expect(drawn(repeatedAction(), runsSoFar(still, { ...still, data: { n: 2 } }, { ...still, data: { n: 3 } }))).to.equal('...');
  });

  it('goes by the results of the calls and not by the state, which grows with each observation', () => {
    const steps = [1, 2, 3].map((n): StepSoFar => ({ ...a, data: { observations: n } }));
    expect(drawn(repeatedAction(), runsSoFar(...steps))).to.equal('..x');
  });

  it('says what was repeated', () => {
    expect(reasonOf(repeatedAction(), runSoFar(a, a, a))).to.equal('read({"at":"door"}) came 3 times to the same result');
    expect(reasonOf(repeatedAction({ times: 2 }), runSoFar(a, b, a, b))).to.equal(
      'read({"at":"door"}) and go({"to":"door"}) in turn came 2 times to the same result',
    );
    const long = { ...a, params: { at: 'x'.repeat(5000) } };
    expect(reasonOf(repeatedAction(), runSoFar(long, long, long))?.length).to.be.lessThan(300);
  });

  it('finds what a plain look at the last steps finds', () => {
    const step = fc.constantFrom(a, b, { ...a, output: 9 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.integer({ min: 2, max: 3 }), (steps, times) => {
        const text = steps.map((one) => (one === b ? 'b' : one === a ? 'a' : 'c')).join('');
        const goesRound = new RegExp(`((.)\\2{${times - 1}}|(..)\\3{${times - 1}})$`).test(text);
        expect(reasonOf(repeatedAction({ times }), runSoFar(...steps)) !== undefined, text).to.equal(goesRound);
      }),
    );
  });

  it('refuses a number that makes no sense', () => {
    expect(() => repeatedAction({ times: 1 })).to.throw(ContractError, 'times has to be a whole number from 2, not 1.');
  });
});
