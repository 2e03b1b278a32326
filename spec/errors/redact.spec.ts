import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';
import { errorName, isErrorLike, redact, redactCause } from '../../lib/errors/redact.js';

const KEY = 'Zq8vK2mN4pR6tW1xY3b5';

const noLooking = () => {
  throw new Error('no looking');
};

/** The error, of which reading the properties throws. */
const throwing = (error: Error, ...keys: readonly string[]): Error => {
  // The text of a stack is made when it is first read, of name and message as they are then.
  if (error.stack !== undefined) for (const key of keys) Object.defineProperty(error, key, { get: noLooking });
  return error;
};

/** An object of which nothing can be read. */
const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
  revoke();
  return proxy;
};

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
    ['a password with slashes in an address', `https://user:${KEY}/ss@host/path`, KEY],
    ['what follows a slash in a password', 'https://user:pa/ss7x@host/path', 'ss7x'],
    ['what follows an @ in a password', 'https://user:pa@ss7x@host/path', 'ss7x'],
    ['a header of a scheme of its own', 'Authorization: Token 9944b09199c62bcf', '9944b091'],
    ['a header of another scheme', 'authorization: ApiKey abcd1234', 'abcd1234'],
    ['all of a digest', 'Proxy-Authorization: Digest username="me", realm="", uri="/", response="6629fae4"', '6629fae4'],
    ['all of a digest in JSON', JSON.stringify({ authorization: 'Digest username="me", response="6629fae4"' }), '6629fae4'],
    ['a digest in JSON within JSON', JSON.stringify({ body: JSON.stringify({ authorization: 'Digest a="b", c="6629fae4"' }) }), '6629fae4'],
    ['a short key in a header', 'Authorization: Bearer local12', 'local12'],
    ['a short password in a header', 'Authorization: Basic dTpw', 'dTpw'],
    ['the shortest key', 'x-api-key: k', ': k'],
    ['a header behind many spaces', `authorization:${' '.repeat(40)}Token abcd`, 'abcd'],
    ['a header in a command', 'curl -H "Authorization: Token abcd" https://host', 'abcd'],
    ['a header in a map', "Map(1) { 'authorization' => 'Token abcd' }", 'abcd'],
    ['a header that was cut off', '{"authorization":"Token abcd', 'abcd'],
    ['every cookie of a list', JSON.stringify({ 'set-cookie': ['a=b; HttpOnly', 'id="abcd"'] }), 'abcd'],
    ['every cookie of an indented list', JSON.stringify({ 'set-cookie': ['a=b; HttpOnly', 'id=abcd'] }, null, 2), 'abcd'],
    ['a token in JSON', '{"token": "abcd1234efgh"}', 'abcd1234efgh'],
    ['a token of some kind', 'botToken=123456:abcd-efgh1', 'abcd-efgh1'],
    ['a private key', 'private_key=abcdefgh', 'abcdefgh'],
    ['a private key in PEM', '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE abcd\n-----END RSA PRIVATE KEY-----', 'MIIE'],
    ['a private key in PEM that was cut off', 'private_key: -----BEGIN PRIVATE KEY-----\nMIIE\nabcd', 'abcd'],
    ['an access key of AWS', 'aws_secret_access_key=abcd/efgh', 'abcd/efgh'],
    ['a password of several words', '{"password":"correct horse"}', 'horse'],
    ['a property in camel case', "{ clientSecret: 'abcd' }", 'abcd'],
    ['a key of NVIDIA', `nvapi-${KEY}`, KEY],
    ['a key of Replicate', `r8_${KEY}`, KEY],
    ['a JWT behind a hyphen', `jwt-eyJhbGciOiJI.eyJzdWIi${KEY}.${KEY}`, KEY],
    ['a key behind a line break in JSON', JSON.stringify({ output: `keys:\nsk-proj-${KEY}` }), KEY],
    ['a key behind a tab in JSON', JSON.stringify(`\tghp_${KEY}`), KEY],
    ['a key behind an escape in an address', `https://host/a?next=k%3Dsk-${KEY}`, KEY],
    ['a key with a name before it', `prod_sk-${KEY}`, KEY],
    ['a key without a digit', `sk-${'abcdefghij'.repeat(3)}`, 'abcdefghij'],
    ['the key of a storage account', `AccountName=a;AccountKey=${KEY}==;`, KEY],
    ['the header of a subscription', `Ocp-Apim-Subscription-Key: ${KEY}`, KEY],
    ['an environment variable of a service', `ANTHROPIC_KEY=${KEY}`, KEY],
    ['a password by another name', `passwd: ${KEY}`, KEY],
    ['a password by a short name', `Server=a;Pwd=${KEY};`, KEY],
    ['a password with a backslash', 'password=ab\\cd1234', 'cd1234'],
    ['an access token of Google', `ya29.${KEY}`, KEY],
    ['a client secret of Google', `GOCSPX-${KEY}`, KEY],
    ['a token of npm', `npm_${KEY}${KEY}`, KEY],
    ['a key of SendGrid', `SG.${KEY}.${KEY}`, KEY],
    ['a signature in an address', 'https://host/a?x=1&X-Amz-Signature=abcdefgh', 'abcdefgh'],
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
    expect(redact('Authorization: Token abcd\r\nHost: here')).to.equal('Authorization: [redacted]\r\nHost: here');
    expect(redact('curl -H "Authorization: Basic dTo=" https://host')).to.equal('curl -H "Authorization: [redacted]" https://host');
    expect(redact(JSON.stringify({ message: 'bad authorization: Token abc=', code: 5 }))).to.equal(
      '{"message":"bad authorization: [redacted]","code":5}',
    );
    expect(redact("Map(2) { 'authorization' => 'Token abcd', 'a' => 1 }")).to.equal("Map(2) { 'authorization' => '[redacted]', 'a' => 1 }");
    expect(redact(JSON.stringify({ thought: 'He wrote "password: hunter2" there' }))).to.equal(
      '{"thought":"He wrote \\"password: [redacted]\\" there"}',
    );
    expect(redact(JSON.stringify({ cookie: 'a="b"; c=d', rest: 1 }))).to.equal('{"cookie":"[redacted]","rest":1}');
    expect(redact(JSON.stringify({ 'set-cookie': ['a=b', 'c=d'], rest: 1 }))).to.equal('{"set-cookie":[redacted],"rest":1}');
  });

  const harmless = [
    'Basic validation failed, see the basic understanding of it',
    'task-oriented, risk-averse-behaviour, desk_with_drawers',
    'the token "x" was not expected',
    'http://localhost:8080/v1/chat@home?x=a@b',
    '401 You did not provide an API key.',
    'file:///home/me/lib/index.ts:10:3',
    'monkey=banana, tokens: 4096',
    'max_tokens: 2048, "total_tokens": 5, {"token_count":123456789}',
    'over the token limit: 8192 tokens, token: 12345678',
    'Unexpected token: identifier, "token":"Wonderful"',
    'Basic validation failed',
    'invalid_token: expired since yesterday',
    'Authorization failed: no cookie was sent',
    '{"authorization":"","cookie":[],"x-api-key":null,"Authorization":{"scheme":"Token"}}',
    'authorization:\nhost: here',
    'http://localhost:8080/v1/@scope/name and http://[::1]:8080/a@b',
    'webpack://app/./node_modules/@scope/name/index.js:10:3',
    'hf_search_models, pk_lookup_customer, sk_learn_fit and xai_chat_complete are tools',
    'npm_config_registry, pwdump and monkey_key=banana',
  ];
  for (const text of harmless) {
    it(`leaves "${text}" alone`, () => {
      expect(redact(text)).to.equal(text);
    });
  }

  // Each is some pattern's beginning, which a text may hold thousands of times without ever completing it.
  const beginnings = [
    ...['\\nsk-', '%3Dsk-', 'sk_', 'npm_', 'ya29.', 'SG.', 'dapi', 'Pwd=\\'],
    ...['eyJ-', 'eyJ', 'eyJaaaaaaaa.', 'eyJaaaaaaaa..', 'sk-', 'sk_a', 'AIza', 'AIza-', 'AKIA', 'AKIAASIA', '-----BEGIN '],
    ...['-----BEGIN PRIVATE KEY-----', 'bearer ', 'bearer\t\t', 'Basic ', 'basic a', 'basic aaaaaaaa ', '?key=', '&sig=a'],
    ...['://', '://a', '://a:', '://a:b', '://a:b/', '://a:b?', 'authorization', 'authorization ', 'authorization:', 'authorization: a='],
    ...['authorization="', 'authorization: a="', 'cookie: ["', 'cookie: [', 'cookie":"', 'cookie\\":\\"', 'x-api-key => ', 'api key'],
    ...[
      'api key provided ',
      'secret\\',
      'password="',
      'password=\\',
      'access_token=',
      'token',
      'token=',
      'token=a',
      'token=1',
      'token: "a-',
    ],
    ...['"', "'", '\\', '\\"', '=', '=\\', '[', ' ', '\t', '\n', 'a', '1', '-', '@', ':', '/'],
  ];
  const openings = ['', 'authorization: ', 'authorization: "', 'cookie: ["', 'token: ', 'password=', 'eyJaaaaaaaa.', 'basic ', '://a:'];
  for (const beginning of beginnings) {
    it(`gets through a long text of ${JSON.stringify(beginning)}`, () => {
      const long = beginning.repeat(Math.ceil(120_000 / beginning.length));
      for (const opening of openings) expect(redact(opening + long)).not.to.equal('');
    });
  }

  it('hides a text that is too long to be matched', () => {
    expect(redact(`authorization: ${'a='.repeat(10_000_000)}`)).to.match(/^(authorization: )?\[redacted\]$/);
  });

  it('takes out the end of a long credential too', () => {
    for (const opening of ['Authorization: Token ', 'bearer 1', 'sk-', 'eyJ', '{"password":"', 'token=1'])
      expect(redact(`${opening}${'a'.repeat(100_000)}tail`))
        .to.have.lengthOf.below(60)
        .and.not.include('tail');
  });

  it('takes out what it is told to, the longest first', () => {
    expect(redact('a hunter2 and hunter22 b', ['hunter2', 'hunter22'])).to.equal('a [redacted] and [redacted] b');
    expect(redact('a.c abc', ['a.c '])).to.equal('[redacted]abc');
  });

  it('does not take out secrets that are too short to be some', () => {
    expect(redact('a cat', ['', 'a', 'cat'])).to.equal('a cat');
  });
});

const withMessage = (message: unknown) => redactCause(Object.assign(new Error('x'), { message }), []);

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
    expect(withMessage({ a: 1 })).to.have.property('message', '[object Object]');
    expect(withMessage(Symbol('why'))).to.have.property('message', 'Symbol(why)');
    expect(withMessage(Object.create(null))).to.have.property('message', '');
  });

  it('copes with a name, a stack, a code and errors that are none', () => {
    const copy = redactCause(Object.assign(new Error('x'), { name: 5, stack: { a: 1 }, code: 5, errors: 5 }), []);
    expect(copy).to.include({ name: 'Error', message: 'x', stack: 'Error: x' });
    expect(copy).not.to.have.any.keys('code', 'errors', 'cause');
  });

  it('takes credentials out of the name and the code', () => {
    const copy = redactCause(Object.assign(new Error('x'), { name: `sk-${KEY}`, code: KEY }), [KEY]);
    expect(copy).to.include({ name: '[redacted]', code: '[redacted]' });
  });

  it('keeps what can be read of an error that throws', () => {
    const copy = redactCause(throwing(new RangeError('x', { cause: 'why' }), 'message'), []);
    expect(copy).to.include({ name: 'RangeError', message: '', cause: 'why' }).and.have.property('stack').that.includes('redact.spec');
    expect(redactCause(throwing(new RangeError('x'), 'cause', 'stack', 'name', 'code', 'errors'), [])).to.include({
      name: 'Error',
      message: 'x',
      stack: 'Error: x',
    });
  });

  it('copies an error of another realm, and what looks like one', () => {
    const copy = redactCause(runInContext("new TypeError('x', { cause: new Error('why') })", createContext()), []);
    expect(copy).to.be.an.instanceOf(Error).and.include({ name: 'TypeError', message: 'x' });
    expect(copy).to.have.nested.property('cause.message', 'why');
    expect(redactCause({ name: 'HttpError', message: `sk-${KEY}`, headers: {} }, []))
      .to.be.an.instanceOf(Error)
      .and.include({ name: 'HttpError', message: '[redacted]', stack: 'HttpError: [redacted]' });
  });

  it('keeps nothing of what cannot be read at all', () => {
    expect(redactCause(revoked(), [])).to.equal(undefined);
  });
});

describe('isErrorLike', () => {
  it('knows errors of every realm and what has a name and a message', () => {
    for (const error of [
      new TypeError('x'),
      runInContext("Object.assign(new Error('x'), { name: 5 })", createContext()),
      { name: 'E', message: 'x' },
      throwing(new Error('x'), 'name'),
    ])
      expect(isErrorLike(error)).to.equal(true);
  });

  it('knows nothing else', () => {
    for (const other of [undefined, null, 'Error', 5, {}, { name: 'E' }, { message: 'x' }, { name: 5, message: 'x' }, revoked()])
      expect(isErrorLike(other)).to.equal(false);
  });
});

describe('errorName', () => {
  it('is the name where that is a text, and Error otherwise', () => {
    expect(errorName(new RangeError('x'))).to.equal('RangeError');
    expect(errorName({ name: `sk-${KEY}`, message: 'x' })).to.equal('[redacted]');
    for (const other of [Object.assign(new Error('x'), { name: Symbol('x') }), Object.assign(new Error('x'), { name: '' }), 'x', revoked()])
      expect(errorName(other)).to.equal('Error');
  });
});
