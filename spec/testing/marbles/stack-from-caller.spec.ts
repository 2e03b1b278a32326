import { expect } from 'chai';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import { stackFromCaller } from '../../../lib/testing/marbles/stack-from-caller.js';

/** The error that a call ends with. */
const thrownBy = (call: () => void): Error => {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('Nothing was thrown.');
};

const firstLine = ({ stack = '', message }: Error): string => stack.slice(stack.indexOf(message) + message.length).split('\n')[1] ?? '';

const deep = (): Error => new RangeError('deep');
const entry = (): Error => stackFromCaller(deep(), entry);

describe('stackFromCaller', () => {
  it('gives the same error, whose stack begins with its name and message, and then the caller of the entry', () => {
    const error = entry();
    expect(error).to.be.instanceOf(RangeError);
    expect(error.stack).to.match(/^RangeError: deep\n/);
    expect(firstLine(error)).to.contain('stack-from-caller.spec');
    expect(error.stack).to.not.match(/\bat (deep|entry)\b/);
  });

  it('lets what an expectation fails with begin at the line of the test', () => {
    const error = thrownBy(() => {
      agentMarbles(({ run, expectRun }) => {
        expectRun(run()).toBe('(S|)');
      });
    });
    expect(error.stack).to.match(/^ExpectationError: The run is not what was expected\.\n/);
    expect(firstLine(error)).to.contain('stack-from-caller.spec');
    expect(error.stack).to.not.contain('lib/testing');
  });
});
