import { expect } from 'chai';
import { AllBackendsFailedError } from '../../lib/errors/all-backends-failed-error.js';
import { AuthenticationError } from '../../lib/errors/authentication-error.js';
import { BackendError } from '../../lib/errors/backend-error.js';
import { errorTexts, keptErrors } from '../../lib/errors/kept-errors.js';
import { RetriesExhaustedError } from '../../lib/errors/retries-exhausted-error.js';
import { ServerError } from '../../lib/errors/server-error.js';

const KEY = 'sk-0123456789abcdef';
const down = new ServerError('The server is down.');
const unauthorized = new AuthenticationError('The key is wrong.');
const foreign = Object.assign(new Error(`refused ${KEY}`), { headers: { authorization: KEY } });

describe('keptErrors', () => {
  it('keeps errors of this library as they are, and redacted copies of others', () => {
    const [own, copy, text] = keptErrors([down, foreign, `no ${KEY}`]);
    expect(own).to.equal(down);
    expect(copy).to.be.instanceOf(Error).and.not.equal(foreign);
    expect(copy).to.have.property('message', 'refused [redacted]');
    expect(copy).not.to.have.property('headers');
    expect(text).to.equal('no [redacted]');
    expect(keptErrors([{ odd: true }, undefined])).to.have.length(2);
  });

  it('hides what it is told to be secret', () => {
    const [copy] = keptErrors([new Error('it was hunter2 again')], ['hunter2']);
    expect(copy).to.have.property('message', 'it was [redacted] again');
  });
});

describe('errorTexts', () => {
  it('numbers the texts, redacted', () => {
    expect(errorTexts([down, foreign])).to.equal('1. The server is down. 2. refused [redacted]');
  });
});

for (const Kind of [RetriesExhaustedError, AllBackendsFailedError]) {
  describe(Kind.name, () => {
    it('keeps every error, and the last one as its cause', () => {
      const error = new Kind('m', { errors: [down, foreign, unauthorized] });
      expect(error).to.be.instanceOf(BackendError);
      expect(error).to.include({ _tag: Kind.name, name: Kind.name, message: 'm', cause: unauthorized });
      expect(error.errors).to.have.length(3);
      expect(JSON.stringify([error, error.errors, error.stack])).not.to.include('0123456789');
    });
  });
}

describe('whether trying again may help', () => {
  it('is told by the last error of a row of attempts', () => {
    expect(new RetriesExhaustedError('m', { errors: [unauthorized, down] }).isRetryable).to.equal(true);
    expect(new RetriesExhaustedError('m', { errors: [down, unauthorized] }).isRetryable).to.equal(false);
    expect(new RetriesExhaustedError('m', { errors: [down, foreign] }).isRetryable).to.equal(false);
  });

  it('is told by any error of several backends', () => {
    expect(new AllBackendsFailedError('m', { errors: [down, unauthorized] }).isRetryable).to.equal(true);
    expect(new AllBackendsFailedError('m', { errors: [foreign, unauthorized] }).isRetryable).to.equal(false);
  });
});
