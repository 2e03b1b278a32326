import { expect } from 'chai';
import { map, throwError, timer } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { LLMBackend } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import { withFallback } from '../../lib/backend/with-fallback.js';
import { withHedge } from '../../lib/backend/with-hedge.js';
import { withRetry } from '../../lib/backend/with-retry.js';
import { withTimeout } from '../../lib/backend/with-timeout.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { tool, type AnyTool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import type { Experience } from '../../lib/experience/experience.js';
import { journalTo } from '../../lib/policies/journal-to.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { recordTo } from '../../lib/testing/cassettes/record-to.js';
import { FIN, misbehavingServer, RESET, type MisbehavingServer, type Reply } from '../support/misbehaving-server.js';
import { CLIENT_MAJORS } from '../support/openai-clients.js';
import { orchestrate } from '../support/orchestrate.js';
import { outcomeOf } from '../support/outcome.js';
import { consoleDuring, PLANTED, visible, type PlantedSecret } from '../support/planted-secrets.js';
import { calls, delta, DONE, finishes, says, sent } from '../support/server-sent.js';

const { key: KEY, oddKey: ODD_KEY, header: HEADER, cookie: COOKIE } = PLANTED;

/** What goes along with every request of a client. */
interface Identity {
  readonly apiKey: PlantedSecret;
}

const headers = { 'x-tenant': HEADER.value, cookie: COOKIE.value };

/** What a server that echoes what it was sent has to say. */
const echoOf = ({ apiKey }: Identity) => ({
  authorization: `Bearer ${apiKey.value}`,
  headers: { authorization: `Bearer ${apiKey.value}`, 'x-tenant': HEADER.value, cookie: COOKIE.value },
  words: `Bearer ${apiKey.value} of ${HEADER.value}, with ${COOKIE.value}, is not known; theme=D4RKC0RE and visit=C00K13C0RE are old`,
});

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const JSON_TYPE = { 'content-type': 'application/json' };
const PAGE_TYPE = { 'content-type': 'text/html' };

/** Headers of an answer cannot hold everything that those of a request can, but this much. */
const tellingHeaders = ({ apiKey }: Identity) => ({
  'set-cookie': COOKIE.value,
  'www-authenticate': `Bearer realm="${encodeURIComponent(apiKey.value)}", error="${apiKey.value}"`,
  'x-request-id': apiKey.value,
  'x-tenant': HEADER.value,
});

/** What a server does, and whether it puts secrets into what its model says, which is told as it comes. */
interface Echo {
  readonly reply: (identity: Identity) => Reply;
  readonly isSaid?: boolean;
}

const refused = (status: number, body: (identity: Identity) => string, type: Readonly<Record<string, string>> = JSON_TYPE): Echo => ({
  reply: (identity) => ({ status, headers: { ...tellingHeaders(identity), ...type, 'retry-after': '0' }, body: [body(identity)] }),
});

const streamed = (...body: readonly ((identity: Identity) => Exclude<Reply['body'], undefined>[number])[]): Echo => ({
  reply: (identity) => ({
    headers: { ...tellingHeaders(identity), 'content-type': 'text/event-stream' },
    body: body.map((step) => step(identity)),
  }),
});

const said = (echo: Echo): Echo => ({ ...echo, isSaid: true });

const errorBody = (identity: Identity): string => JSON.stringify({ error: { message: echoOf(identity).words, ...echoOf(identity) } });
const otherBody = (identity: Identity): string => JSON.stringify({ request: echoOf(identity).headers, why: [echoOf(identity).words] });
const page = (identity: Identity): string =>
  `<html><body><pre>${escapeHtml(echoOf(identity).words)}</pre><!-- ${echoOf(identity).words} --></body></html>`;
const half = (text: string): string => text.slice(0, Math.floor(text.length * 0.7));

const echoes: Readonly<Record<string, Echo>> = {
  'a 401 with an error': refused(401, errorBody),
  'a 401 with JSON of its own': refused(401, otherBody),
  'a 401 in words': refused(401, (identity) => echoOf(identity).words, { 'content-type': 'text/plain' }),
  'a 401 with JSON whose slashes are escaped': refused(401, (identity) => otherBody(identity).replaceAll('/', String.raw`\/`)),
  'a 401 with JSON within JSON': refused(401, (identity) => JSON.stringify({ detail: otherBody(identity) })),
  'a 401 with the key in an address': refused(401, ({ apiKey }) =>
    JSON.stringify({ detail: `GET /v1/models?user=${encodeURIComponent(apiKey.value)}` }),
  ),
  'a 401 that breaks off in the middle of the key': refused(401, ({ apiKey }) => `not known: ${half(apiKey.value)}`),
  'a 403': refused(403, errorBody),
  'a 400': refused(400, errorBody),
  'a 404 with a page': refused(404, page, PAGE_TYPE),
  'a 429': refused(429, errorBody),
  'a 500': refused(500, errorBody),
  'a 502 with a page': refused(502, page, PAGE_TYPE),
  'a 503 that goes on and on': refused(503, (identity) => echoOf(identity).words.repeat(500), { 'content-type': 'text/plain' }),
  'a page in place of an answer': {
    reply: (identity) => ({ headers: { ...tellingHeaders(identity), ...PAGE_TYPE }, body: [page(identity)] }),
  },
  'a type that tells': {
    reply: (identity) => ({ headers: { 'content-type': `text/html; of="${identity.apiKey.value}"` }, body: [page(identity)] }),
  },
  'JSON that is no answer': { reply: (identity) => ({ headers: JSON_TYPE, body: [otherBody(identity)] }) },
  'an error within the stream': streamed((identity) => `data: ${errorBody(identity)}\n\n`),
  'an error within the stream, as a text': streamed((identity) => sent({ error: echoOf(identity).words })),
  'an event that is an error': streamed((identity) => `event: error\ndata: ${echoOf(identity).words}\n\n`),
  'an event that is no JSON': streamed(
    (identity) => `data: {"why": ${otherBody(identity)}\n\n`,
    () => says('Hi'),
  ),
  'an event that is cut in the middle of the key': streamed(({ apiKey }) => `data: {"error": "not known: ${half(apiKey.value)}`),
  'an event that is nested too deep': streamed(
    (identity) => `data: {"a": "${echoOf(identity).authorization}", "b": ${'['.repeat(20_000)}\n\n`,
  ),
  'words in place of events': streamed((identity) => `data: ${echoOf(identity).words}\n\n`),
  'a reset behind an error': streamed(
    (identity) => `data: ${half(errorBody(identity))}`,
    () => RESET,
  ),
  'an end behind an error': streamed(
    (identity) => `data: ${half(errorBody(identity))}`,
    () => FIN,
  ),
  'a finish that tells': streamed(
    () => calls({ index: 0, id: 'a', function: { name: 'look', arguments: '{' } }),
    (identity) => finishes(echoOf(identity).words),
    () => DONE,
  ),
  'a call with arguments that are none': streamed(
    (identity) => calls({ index: 0, id: 'a', function: { name: 'look', arguments: `{"at": ${echoOf(identity).words}` } }),
    () => finishes('tool_calls'),
    () => DONE,
  ),
  'a call that is too long': streamed(
    (identity) => calls({ index: 0, id: 'a', function: { name: 'look', arguments: `{"at": "${echoOf(identity).words}` } }),
    () => finishes('length'),
    () => DONE,
  ),
  'a call without a name': streamed(
    (identity) => calls({ index: 0, id: 'a', function: { arguments: JSON.stringify(echoOf(identity)) } }),
    () => finishes('tool_calls'),
    () => DONE,
  ),
  'a reset within a text that tells': said(
    streamed(
      (identity) => says(echoOf(identity).words),
      () => RESET,
    ),
  ),
  'an end within a text that tells': said(
    streamed(
      (identity) => says(echoOf(identity).words),
      () => FIN,
    ),
  ),
  'a text that is no action': said(
    streamed(
      () => says(`The key is ${KEY.value}.`),
      () => finishes('length'),
      () => DONE,
    ),
  ),
  'reasoning that tells, and a reset': said(
    streamed(
      (identity) => delta({ reasoning_content: echoOf(identity).words }),
      () => RESET,
    ),
  ),
};

/** A recall and a record that fail and tell of the key, as clients of databases do. */
const tellingExperience = ({ apiKey }: Identity): Experience => ({
  recall: () => throwError(() => Object.assign(new Error(`GET https://user:${KEY.value}@store/?key=${apiKey.value}`), { headers })),
  record: () => throwError(() => new Error(`authorization: Bearer ${apiKey.value}`)),
});

const look = tool({ name: 'look', run: () => 'a mat' });

/** Everything that stands where a program, its users or its logs could see it. */
interface Seen {
  readonly events: readonly StreamEvent[];
  readonly error: unknown;
  /** The events on `events$`. */
  readonly watched: readonly StreamEvent[];
  /** The lines of what is kept of it. */
  readonly kept: Readonly<Record<'cassette' | 'journal', readonly string[]>>;
  /** What else there is to be seen. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** A whole agent against a server that always does the same. */
async function watch(client: LLMBackend, identity: Identity, actions: 'json' | 'tools', tools: readonly AnyTool[] = [look]): Promise<Seen> {
  const cassette: string[] = [];
  const journal: string[] = [];
  const watched: StreamEvent[] = [];
  const recorded = recordTo((line) => cassette.push(line));
  const inner = withTimeout({ total: 10_000 })(recorded(client));
  const backend = recorded(withFallback({ backends: [inner] })(withRetry({ attempts: 2, delay: 0 })(withHedge({ after: 5000 })(inner))));
  const environment = toolEnvironment({ tools, concurrency: 8, settleWithin: 1 });
  let seen: Omit<Seen, 'watched' | 'kept'> | undefined;
  const printed = await consoleDuring(async () => {
    const orchestrator = orchestrate({
      actor: llmActor({ backend, tools: environment.tools, actions }),
      purposeFunction: llmPurposeFunction({ backend }),
      environment,
      experience: tellingExperience(identity),
      ledger: true,
      journal: journalTo({ append: (event) => void journal.push(JSON.stringify(event)) }),
    });
    orchestrator.events$.subscribe((event) => watched.push(event));
    const run = orchestrator.runTaskStream({ purpose: 'find the key' });
    const { values: events, error } = await outcomeOf(run);
    const asked = await outcomeOf(run.result$);
    console.error(error);
    seen = { events, error, rest: { error, asked, run } };
  });
  if (seen === undefined) throw new Error('The run did not end.');
  return { ...seen, watched, kept: { cassette, journal }, rest: { ...seen.rest, printed } };
}

/** Whoever reads what a model says, reads it; it is told token by token, and no secret can be looked for in that. */
const isOfModel = (line: string): boolean => /"type":"(?:token|chunk)"/.test(line);

const expectSecretless = (identity: Identity, what: string, value: unknown): void => {
  const text = visible(value);
  for (const { core } of [identity.apiKey, HEADER, COOKIE]) {
    const at = text.indexOf(core);
    expect(at, `${what}: …${text.slice(Math.max(0, at - 80), at + 80)}…`).to.equal(-1);
  }
};

/** Ways to give a key, each with another kind of actor. */
const ways: readonly {
  readonly how: string;
  readonly apiKey: PlantedSecret;
  readonly actions: 'json' | 'tools';
  readonly make: (url: string, key: string) => LLMBackend;
}[] = [
  {
    how: 'by apiKey',
    apiKey: ODD_KEY,
    actions: 'json',
    make: (url, apiKey) => openAIBackend({ model: 'm', baseURL: url, apiKey, headers }),
  },
  ...CLIENT_MAJORS.map(({ name, make }, index) => ({
    how: `by a client of ${name}`,
    apiKey: KEY,
    actions: index === 0 ? ('tools' as const) : ('json' as const),
    make: (url: string, apiKey: string) =>
      openAIBackend({ model: 'm', client: make({ baseURL: url, apiKey, defaultHeaders: headers, maxRetries: 0 }) }),
  })),
];

const lines = (events: readonly StreamEvent[]): readonly string[] => events.map((event) => JSON.stringify(event));

describe('a server that echoes the key', () => {
  let server: MisbehavingServer;
  beforeEach(async () => {
    server = await misbehavingServer();
  });
  afterEach(() => server.close());

  for (const { how, apiKey, actions, make } of ways) {
    for (const [what, { reply, isSaid = false }] of Object.entries(echoes)) {
      it(`shows it to nobody by ${what}, given ${how}`, async () => {
        const identity = { apiKey };
        server.reply(...Array.from({ length: 10 }, () => reply(identity)));
        const { events, error, watched, kept, rest } = await watch(make(server.url, apiKey.value), identity, actions);
        expect(server.requests[0]?.headers).to.include({ ...headers, authorization: `Bearer ${apiKey.value}` });
        expect(error).to.be.an('error');
        expect(events.at(-1)).to.have.nested.property('data.stopReason', 'failed');
        for (const [where, all] of Object.entries({ events: lines(events), watched: lines(watched), ...kept })) {
          expect(all).not.to.deep.equal([]);
          expectSecretless(identity, where, isSaid ? all.filter((line) => !isOfModel(line)) : all);
        }
        for (const [where, value] of Object.entries(rest)) expectSecretless(identity, where, value);
      });
    }
  }
});

const action = (name: string, params: object = {}): Reply => ({
  body: [says(JSON.stringify({ thought: 'So.', name, params, expectedDelta: '' })), finishes('stop'), DONE],
});
const verdict: Reply = {
  body: [says(JSON.stringify({ evidence: 'a mat', phiBefore: 0, phiAfter: 1, confidence: 1 })), finishes('stop'), DONE],
};

/** Tools that go wrong and tell of what they know, each in its own way. */
const tellingTools = [
  tool({
    name: 'throw',
    run: () => {
      throw Object.assign(new Error(`401 for Authorization: Bearer ${ODD_KEY.value}`), { config: { headers } });
    },
  }),
  tool({ name: 'fail', run: () => throwError(() => new Error(`no row for apiKey=${KEY.value}`, { cause: new Error(COOKIE.value) })) }),
  tool({ name: 'refuse', run: () => Promise.reject(new Error(`cookie: ${COOKIE.value}`)) }),
  tool({ name: 'give up', run: () => throwError(() => ({ name: 'E', message: { headers: { cookie: COOKIE.value } } })) }),
  tool({
    name: 'hang',
    timeout: 1,
    run: () =>
      new Promise((_resolve, reject) => void setTimeout(reject, 15, new Error(`GET https://user:${KEY.value}@host/?key=${KEY.value}`))),
  }),
  tool({ name: 'wait', run: () => timer(40).pipe(map(() => 'a mat')) }),
];

describe('tools and an experience that tell of keys', () => {
  let server: MisbehavingServer;
  beforeEach(async () => {
    server = await misbehavingServer();
  });
  afterEach(() => server.close());

  it('show them to nobody by their errors, at once or late', async () => {
    const names = tellingTools.map(({ name }) => name);
    server.reply(action('parallel', { calls: names.map((name) => ({ name, params: {} })) }), verdict, action('DONE', { answer: 'there' }));
    const client = openAIBackend({ model: 'm', baseURL: server.url, apiKey: ODD_KEY.value, headers });
    const { events, error, watched, kept, rest } = await watch(client, { apiKey: ODD_KEY }, 'json', tellingTools);
    expect(error).to.equal(undefined);
    const ends = events.flatMap((event) => (event.type === 'tool_end' && !event.data.ok ? [event.data.name] : []));
    expect(ends).to.have.members(names.filter((name) => name !== 'wait'));
    expect(events.map(({ type }) => type)).to.include.members(['tool_late_result', 'experience_error', 'request_end']);
    expect(watched.filter(({ type }) => type === 'experience_error')).to.have.lengthOf.above(1);
    const asked = server.requests.map(({ body }) => body);
    for (const apiKey of [KEY, ODD_KEY]) {
      for (const [where, value] of Object.entries({ events, watched, asked, ...kept, ...rest })) expectSecretless({ apiKey }, where, value);
    }
  });
});
