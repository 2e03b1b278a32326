import { expect } from 'chai';
import { redact, redactCause } from '../../lib/errors/redact.js';

const KEY = 'Zq8vK2mN4pR6tW1xY3b5';

describe('redact', () => {
  const planted: readonly (readonly [what: string, text: string, secret: string])[] = [
    ['a key of OpenAI', `sk-${KEY} is wrong`, KEY],
    ['a project key', `Incorrect API key provided: sk-proj-${KEY}.`, KEY],
    ['a masked key', 'Incorrect API key provided: sk-proj-********************Zq8v.', 'Zq8v'],
    ['a key of Anthropic', `sk-ant-api03-${KEY}-AA`, KEY],
    ['a key of Groq', `gsk_${KEY}`, KEY],
    ['a key of xAI', `xai-${KEY}`, KEY],
    ['a token of Hugging Face', `hf_${KEY}`, KEY],
    ['a key of Google', `AIzaSy${KEY}`, KEY],
    ['a key of AWS', 'AKIAIOSFODNN7EXAMPLE', 'IOSFODNN7EXAMPLE'],
    ['a token of GitHub', `ghp_${KEY}`, KEY],
    ['a fine-grained token of GitHub', `github_pat_${KEY}`, KEY],
    ['a JWT', `eyJhbGciOiJI.eyJzdWIi${KEY}.${KEY}`, KEY],
    ['a bearer header', `Authorization: Bearer ${KEY}`, KEY],
    ['a bearer header in JSON', JSON.stringify({ authorization: `bearer ${KEY}` }), KEY],
    ['a basic header', 'Authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
    ['a bare authorization header', `authorization: ${KEY}`, KEY],
    ['the header of Azure', `api-key: ${KEY}`, KEY],
    ['another header', `X-API-Key: ${KEY}`, KEY],
    ['a property', JSON.stringify({ apiKey: KEY, rest: 1 }), KEY],
    ['a property in single quotes', `{ 'api_key': '${KEY}' }`, KEY],
    ['an environment variable', `OPENAI_API_KEY=${KEY}`, KEY],
    ['a key of a server of one’s own', `Invalid API key provided: ${KEY}`, KEY],
    ['an access token', `access_token=${KEY}&next=1`, KEY],
    ['a client secret', `client_secret: "${KEY}"`, KEY],
    ['a password', `password=${KEY}`, KEY],
    ['a cookie, all of it', `cookie: session=abcdef; other=${KEY}`, KEY],
    ['a cookie that is set', `Set-Cookie: id=${KEY}; HttpOnly`, KEY],
    ['a parameter of an address', `GET https://host/v1?key=${KEY}&a=1`, KEY],
    ['a password in an address', `https://user:${KEY}@host/path`, KEY],
    ['a token in an address', `https://${KEY}@host/path`, KEY],
  ];
  for (const [what, text, secret] of planted) {
    it(`takes out ${what}`, () => {
      expect(redact(text)).not.to.include(secret).and.not.to.equal('');
      expect(redact(text)).to.include('[redacted]');
      expect(redact(redact(text))).to.equal(redact(text));
    });
  }

  it('keeps what stands around a credential', () => {
    expect(redact(`GET https://u:${KEY}@host/v1?key=${KEY}&a=1 failed`)).to.equal(
      'GET https://[redacted]@host/v1?key=[redacted]&a=1 failed',
    );
    expect(redact(JSON.stringify({ apiKey: KEY, rest: 1 }))).to.equal('{"apiKey":"[redacted]","rest":1}');
    expect(redact(`OPENAI_API_KEY=${KEY} npm run demo`)).to.equal('OPENAI_API_KEY=[redacted] npm run demo');
  });

  const harmless = [
    'Basic validation failed, see the basic understanding of it',
    'task-oriented, risk-averse-behaviour, desk_with_drawers',
    'the token "x" was not expected',
    'http://localhost:8080/v1/chat@home?x=a@b',
    '401 You did not provide an API key.',
    'file:///home/me/lib/index.ts:10:3',
    'monkey=banana, tokens: 4096',
  ];
  for (const text of harmless) {
    it(`leaves "${text}" alone`, () => {
      expect(redact(text)).to.equal(text);
    });
  }

  it('takes out what it is told to, the longest first', () => {
    expect(redact('a hunter2 and hunter22 b', ['hunter2', 'hunter22'])).to.equal('a [redacted] and [redacted] b');
    expect(redact('a.c abc', ['a.c '])).to.equal('[redacted]abc');
  });

  it('does not take out secrets that are too short to be some', () => {
    expect(redact('a cat', ['', 'a', 'cat'])).to.equal('a cat');
  });
});

describe('redactCause', () => {
  it('copies name, message, code and stack of a foreign error, and nothing else', () => {
    const foreign = Object.assign(new TypeError(`no ${KEY} and sk-live-0123456789`), {
      code: 'ECONNRESET',
      request: { headers: { authorization: `Bearer ${KEY}` } },
    });
    const copy = redactCause(foreign, [KEY]);
    expect(copy).to.be.an('error').and.not.to.equal(foreign);
    expect(copy).to.include({ name: 'TypeError', message: 'no [redacted] and [redacted]', code: 'ECONNRESET' });
    expect(copy).not.to.have.property('request');
    expect(copy).to.have.property('stack').that.includes('redact.spec').and.does.not.include(KEY);
  });

  it('copies the causes of causes, and no more than five of them', () => {
    const chain = new Error('top', { cause: new Error(`middle sk-${KEY}`, { cause: 'bottom' }) });
    expect(redactCause(chain, [])).to.have.nested.property('cause.message', 'middle [redacted]');
    expect(redactCause(chain, [])).to.have.nested.property('cause.cause', 'bottom');

    const loop = new Error('loop');
    loop.cause = loop;
    expect(redactCause(loop, [])).to.have.nested.property('cause.cause.cause.cause.cause.message', 'loop');
    expect(redactCause(loop, [])).not.to.have.nested.property('cause.cause.cause.cause.cause.cause');
  });

  it('copies every error of an aggregate', () => {
    const aggregate = new AggregateError([new Error('one'), new Error(`two sk-${KEY}`)], 'both');
    expect(redactCause(aggregate, [])).to.have.nested.property('errors[0].message', 'one');
    expect(redactCause(aggregate, [])).to.have.nested.property('errors[1].message', 'two [redacted]');
  });

  it('keeps no other values, which may hold anything', () => {
    for (const value of [undefined, null, 5, { key: KEY }, [KEY]]) expect(redactCause(value, [])).to.equal(undefined);
  });

  it('copes with a message that is no text', () => {
    expect(redactCause(Object.assign(new Error('x'), { message: { a: 1 } }), [])).to.have.property('message', '[object Object]');
  });
});
