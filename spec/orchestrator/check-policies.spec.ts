import { expect } from 'chai';
import { ContractError } from '../../lib/errors/contract-error.js';
import { checkPolicies, requirePolicies } from '../../lib/orchestrator/check-policies.js';
import { halt } from '../../lib/orchestrator/run-control.js';
import type { StopPolicy } from '../../lib/orchestrator/stop-policy.js';
import { runSoFar } from '../support/run-so-far.js';
import { clockAt, nudge, saying, stop } from '../support/verdicts.js';

const found = (...policies: readonly StopPolicy[]) => checkPolicies(policies, runSoFar({}, {}), clockAt(0));
const nudged = (policy: string) => ({ type: 'nudge', step: 2, data: { policy, message: 'm' } });

describe('checkPolicies', () => {
  it('ends the run for the reason of the first that stops, under its name', () => {
    expect(found(saying('a'), saying('b', stop('B')), saying('c', stop('C')))).to.deep.equal([halt('stopped', 'b: B')]);
  });

  it('gives all that nudge, in their order, in the step under way', () => {
    expect(found(saying('a', nudge('a')), saying('b'), saying('c', nudge('c')))).to.deep.equal([nudged('a'), nudged('c')]);
  });

  it('gives no nudge where one stops', () => {
    expect(found(saying('a', nudge('a')), saying('b', stop('B')))).to.deep.equal([halt('stopped', 'b: B')]);
  });

  it('gives nothing where nothing is found', () => {
    expect(found(saying('a'))).to.deep.equal([]);
  });

  it('refuses a policy that throws, and keeps the cause', () => {
    const policy: StopPolicy = {
      name: 'p',
      check: () => {
        throw new Error('no state with key sk-abcdefghijklmnop');
      },
    };
    expect(() => found(policy)).to.throw(ContractError, /^The stop policy p failed: no state with key (?!.*abcdefghijklmnop)/);
    try {
      found(policy);
    } catch (error) {
      expect(error).to.have.nested.property('cause.message').that.includes('no state with key');
    }
  });

  it('refuses what is no verdict', () => {
    for (const verdict of [
      Promise.resolve(undefined),
      true,
      null,
      'stop',
      { type: 'stop' },
      { type: 'nudge', message: 'm' },
      { type: 'go' },
    ])
      expect(() => found({ name: 'p', check: () => verdict as never })).to.throw(
        ContractError,
        'The stop policy p gave something that is no verdict',
      );
  });
});

describe('requirePolicies', () => {
  it('refuses two of one name, and what is no policy', () => {
    expect(() => {
      requirePolicies([saying('a'), saying('b')]);
    }).not.to.throw();
    expect(() => {
      requirePolicies([saying('a'), saying('a')]);
    }).to.throw(ContractError, 'Two stop policies are called a: give one of them a name of its own');
    for (const bad of [{ name: '', check: () => undefined }, { name: 'a' }, { check: () => undefined }, null, 'a']) {
      expect(() => {
        requirePolicies([bad as never]);
      }).to.throw(ContractError, 'stopWhen has to be a list of stop policies');
    }
    for (const bad of [null, saying('a'), 'a']) {
      expect(() => {
        requirePolicies(bad as never);
      }).to.throw(ContractError, 'stopWhen has to be a list of stop policies');
    }
  });
});
