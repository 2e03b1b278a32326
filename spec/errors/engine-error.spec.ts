import { expect } from 'chai';
import { AuthenticationError } from '../../lib/errors/authentication-error.js';
import { BackendError } from '../../lib/errors/backend-error.js';
import { BadRequestError } from '../../lib/errors/bad-request-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { EngineError, isEngineError } from '../../lib/errors/engine-error.js';
import { EventOrderError } from '../../lib/errors/event-order-error.js';
import { EventsNotHeldError } from '../../lib/errors/events-not-held-error.js';
import { MalformedError } from '../../lib/errors/malformed-error.js';
import { NetworkError } from '../../lib/errors/network-error.js';
import { NotFoundError } from '../../lib/errors/not-found-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';
import { ScriptError } from '../../lib/errors/script-error.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { StructuredOutputError } from '../../lib/errors/structured-output-error.js';
import { ToolCallError } from '../../lib/errors/tool-call-error.js';
import { TruncatedError } from '../../lib/errors/truncated-error.js';

const noLooking = () => {
  throw new Error('no looking');
};

describe('EngineError', () => {
  const kinds: readonly (readonly [error: EngineError, tag: string, isRetryable: boolean, isOfBackend: boolean])[] = [
    [new AuthenticationError('m'), 'AuthenticationError', false, true],
    [new BackendError('m'), 'BackendError', false, true],
    [new BadRequestError('m'), 'BadRequestError', false, true],
    [new MalformedError('m'), 'MalformedError', false, true],
    [new NetworkError('m'), 'NetworkError', true, true],
    [new NotFoundError('m'), 'NotFoundError', false, true],
    [new RateLimitError('m', { retryAfter: 5 }), 'RateLimitError', true, true],
    [new ServerError('m'), 'ServerError', true, true],
    [new ToolCallError('m', { received: '{' }), 'ToolCallError', true, true],
    [new TruncatedError('m', { partial: 'half' }), 'TruncatedError', true, true],
    [new StructuredOutputError('m', { issues: ['i'], received: '{' }), 'StructuredOutputError', true, false],
    [new ContractError('m'), 'ContractError', false, false],
    [new EventOrderError('m'), 'EventOrderError', false, false],
    [new EventsNotHeldError(1, 5), 'EventsNotHeldError', false, false],
    [new ScriptError('m'), 'ScriptError', false, false],
  ];
  for (const [error, tag, isRetryable, isOfBackend] of kinds) {
    it(`is a ${tag} with its tag, ${isRetryable ? '' : 'not '}retryable by default`, () => {
      expect(error).to.be.instanceOf(EngineError);
      expect(error).to.include({ _tag: tag, name: tag, isRetryable });
      expect(error instanceof BackendError).to.equal(isOfBackend);
      expect(String(error)).to.match(new RegExp(`^${tag}: .+`));
    });
  }

  describe('of another copy of this library', () => {
    let copy: { readonly RateLimitError: typeof RateLimitError };
    before(async () => {
      const specifier = '../../lib/errors/rate-limit-error.js?another-copy';
      copy = (await import(specifier)) as typeof copy;
    });

    it('is an instance of the same classes, and of no others', () => {
      expect(copy.RateLimitError).not.to.equal(RateLimitError);
      const error: unknown = new copy.RateLimitError('m', { retryAfter: 5 });
      for (const kind of [Error, EngineError, BackendError, RateLimitError]) expect(error).to.be.instanceOf(kind);
      expect(error instanceof RateLimitError && error.retryAfter).to.equal(5);
      for (const kind of [ServerError, ContractError]) expect(error).not.to.be.instanceOf(kind);
    });

    it('is not an instance of a class that somebody made of one of these', () => {
      class OwnError extends RateLimitError {}
      expect(new OwnError('m', { retryAfter: 5 }))
        .to.be.instanceOf(OwnError)
        .and.to.be.instanceOf(RateLimitError);
      expect(new RateLimitError('m', { retryAfter: 5 })).not.to.be.instanceOf(OwnError);
      expect(new copy.RateLimitError('m', { retryAfter: 5 })).not.to.be.instanceOf(OwnError);
    });
  });

  it('takes nothing foreign for an instance', () => {
    const posing = Object.assign(new Error('m'), { constructor: RateLimitError });
    for (const value of [posing, { constructor: RateLimitError }, null, undefined, 'm'])
      expect(value instanceof RateLimitError).to.equal(false);
  });

  it('carries what its kind knows', () => {
    expect(new RateLimitError('m', { retryAfter: 5 }).retryAfter).to.equal(5);
    expect(new TruncatedError('m', { partial: 'half' }).partial).to.equal('half');
    expect(new ToolCallError('m', { received: '{' }).received).to.equal('{');
    expect(new StructuredOutputError('m', { issues: ['i'], received: '{' })).to.deep.include({ issues: ['i'], received: '{' });
    expect(new EventsNotHeldError(1, 5)).to.include({ seq: 1, oldest: 5 });
    expect(new EventsNotHeldError(1, 5).message).to.include('Event 1').and.to.include('5').and.to.include('retainEvents');
  });

  it('can be told whether it is retryable', () => {
    expect(new ServerError('m', { isRetryable: false }).isRetryable).to.equal(false);
    expect(new AuthenticationError('m', { isRetryable: true }).isRetryable).to.equal(true);
  });

  it('holds no credential, neither in its message nor in its stack nor in its cause', () => {
    const secret = 'my-own-secret-4711';
    const cause = Object.assign(new Error(`sk-0123456789abcdef ${secret}`), { headers: { authorization: `Bearer ${secret}` } });
    const error = new ServerError(`with ${secret} and sk-0123456789abcdef`, { cause, secrets: [secret] });
    const everything = `${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error.cause)} ${JSON.stringify(error)}`;
    expect(error.message).to.equal('with [redacted] and [redacted]');
    expect(everything).not.to.include(secret);
    expect(everything).not.to.include('0123456789');
    expect(error.cause).not.to.have.property('headers');
  });

  it('keeps a cause that is of this library as it is', () => {
    const cause = new RateLimitError('slow down', { retryAfter: 5 });
    expect(new ContractError('m', { cause }).cause).to.equal(cause);
  });

  it('is built whatever its cause is', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    const unreadable = new Proxy(new Error('x'), { get: noLooking });
    const odd = Object.assign(new Error('x'), { message: Symbol('x'), stack: 5, name: null, cause: Object.create(null) });
    expect(new ContractError('m', { cause: proxy })).to.have.property('message', 'm');
    expect(new ContractError('m', { cause: unreadable })).to.have.nested.include({ message: 'm', 'cause.message': '' });
    expect(new ContractError('m', { cause: odd })).to.have.nested.include({
      message: 'm',
      'cause.message': 'Symbol(x)',
      'cause.name': 'Error',
    });
  });

  it('is built whatever callers without types pass', () => {
    const message: unknown = Symbol('m');
    const secrets: unknown = [undefined, 5, 'hunter2'];
    expect(new ContractError(message as string, { cause: 'hunter2', secrets: secrets as string[] })).to.include({
      message: 'Symbol(m)',
      cause: '[redacted]',
    });
  });

  it('has no cause where there is none', () => {
    expect(new ContractError('m')).not.to.have.property('cause');
  });
});

describe('isEngineError', () => {
  it('knows the errors of this library, of whichever copy of it', () => {
    expect(isEngineError(new ContractError('m'))).to.equal(true);
    expect(isEngineError(Object.assign(new Error('m'), { [Symbol.for('purpose-rx/error')]: true }))).to.equal(true);
  });

  it('knows no others', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('m'), {});
    revoke();
    for (const other of [proxy, new Error('m'), { _tag: 'ContractError' }, null, undefined, 'ContractError'])
      expect(isEngineError(other)).to.equal(false);
  });
});
