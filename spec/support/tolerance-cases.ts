import { gzipSync } from 'node:zlib';
import { RESET, STALL } from './misbehaving-server.js';
import { calls, costs, delta, DONE, finishes, says, sent } from './server-sent.js';

/** What is read of an answer. */
export interface Read {
  readonly text?: string;
  readonly reasoning?: string;
  readonly calls?: readonly (readonly [name: string, params: object])[];
  readonly usage?: readonly [input: number, output: number];
  readonly finish?: string;
  /** The tag of the error. */
  readonly error?: string;
}

/** What a server sends in place of what it should, and what is read of it. */
export interface ToleranceCase {
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the server does when it has sent all. Defaults to a clean end. */
  readonly end?: typeof STALL | typeof RESET;
  readonly read: Read;
}

const hello = [says('Grüß '), says('dich 👋')];
const good = [...hello, finishes('stop'), costs(3, 2), DONE].join('');
const heard: Read = { text: 'Grüß dich 👋', usage: [3, 2], finish: 'stop' };
const ended = `${finishes('stop')}${DONE}`;
const said = (...bodies: readonly string[]): ToleranceCase => ({
  body: `${bodies.join('')}${ended}`,
  read: { text: 'hello', finish: 'stop' },
});
const answered = (...lines: readonly string[]): ToleranceCase => ({ body: lines.join(''), read: heard });
const failed = (error: string, read: Read, ...lines: readonly string[]): ToleranceCase => ({
  body: lines.join(''),
  read: { ...read, error },
});

const completion = (message: object, finish_reason = 'stop'): string =>
  JSON.stringify({ choices: [{ index: 0, message, finish_reason }], usage: { prompt_tokens: 3, completion_tokens: 2 } });

const framing: Readonly<Record<string, ToleranceCase>> = {
  'comments as keep-alives': answered(
    ': keep-alive\n\n',
    hello[0] ?? '',
    ': OPENROUTER PROCESSING\n\n',
    good.slice((hello[0] ?? '').length),
  ),
  'a bare colon': answered(':\n\n:\n', good, ':\n\n'),
  'empty data': answered('data:\n\ndata: \n\n', good),
  'no space after the colon': answered(good.replaceAll('data: ', 'data:')),
  'carriage returns with the line feeds': answered(good.replaceAll('\n', '\r\n')),
  'carriage returns alone': answered(good.replaceAll('\n', '\r')),
  'a byte order mark': answered('\uFEFF', good),
  'names, ids and retries': answered('retry: 100\nid: 1\nevent: message\n', good),
  'data in several lines': answered(
    'data: {"choices":\ndata: [{"index":0,"delta":{"content":"Grüß dich 👋"}}]}\n\n',
    finishes('stop'),
    costs(3, 2),
    DONE,
  ),
  'a last event without a blank line': answered(good.trimEnd()),
  'a last event without a line end, of a finish': {
    body: `${hello.join('')}${finishes('stop').trimEnd()}`,
    read: { text: 'Grüß dich 👋', finish: 'stop' },
  },
  'blank lines first': answered('\n\n\n', good),
  gzip: { body: gzipSync(good), headers: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }, read: heard },
};

const noStream: Readonly<Record<string, ToleranceCase>> = {
  'a whole completion': {
    body: completion({ role: 'assistant', content: 'Grüß dich 👋' }),
    headers: { 'content-type': 'application/json' },
    read: heard,
  },
  'a whole completion called an event stream': { body: completion({ role: 'assistant', content: 'Grüß dich 👋' }), read: heard },
  'a whole completion with calls': {
    body: completion(
      { content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }] },
      'tool_calls',
    ),
    headers: { 'content-type': 'application/json' },
    read: { calls: [['look', { at: 1 }]], usage: [3, 2], finish: 'tool_calls' },
  },
  'an event stream called JSON': { body: good, headers: { 'content-type': 'application/json' }, read: heard },
  'an event stream called text': { body: good, headers: { 'content-type': 'text/plain' }, read: heard },
  'a page': {
    body: '<!doctype html><html><body>Welcome</body></html>',
    headers: { 'content-type': 'text/html' },
    read: { error: 'MalformedError' },
  },
  'a page called an event stream': { body: '<html><body>Bad gateway</body></html>', read: { error: 'MalformedError' } },
  'an error as JSON': {
    body: '{"error":{"message":"overloaded"}}',
    headers: { 'content-type': 'application/json' },
    read: { error: 'ServerError' },
  },
  'nothing at all': { body: '', read: { error: 'TruncatedError' } },
};

const ends: Readonly<Record<string, ToleranceCase>> = {
  'neither a finish nor [DONE]': failed('TruncatedError', { text: 'Grüß dich 👋' }, ...hello),
  '[DONE] alone': { body: `${hello.join('')}${DONE}`, read: { text: 'Grüß dich 👋', finish: 'stop' } },
  '[DONE] and an open connection': { body: good, end: STALL, read: heard },
  'a finish and an open connection': {
    body: `${hello.join('')}${finishes('stop')}`,
    end: STALL,
    read: { text: 'Grüß dich 👋', finish: 'stop' },
  },
  'data after the end': { body: `${good}${says(' and more')}`, read: heard },
  'usage after [DONE]': { body: `${hello.join('')}${finishes('stop')}${DONE}${costs(3, 2)}`, read: heard },
  'an empty finish on every chunk': {
    body: `${delta({ content: 'Grüß ' }, { finish_reason: '' })}${delta({ content: 'dich 👋' }, { finish_reason: '' })}${finishes('stop')}${costs(3, 2)}${DONE}`,
    read: heard,
  },
  'an unknown finish': { body: `${hello.join('')}${finishes('eos_token')}${DONE}`, read: { text: 'Grüß dich 👋', finish: 'stop' } },
  'the same finish twice': { body: `${hello.join('')}${finishes('stop')}${finishes('stop')}${costs(3, 2)}${DONE}`, read: heard },
  'a reset in the middle': { body: hello.join(''), end: RESET, read: { text: 'Grüß dich 👋', error: 'TruncatedError' } },
  'a clean close in the middle of an event': failed('TruncatedError', { text: 'Grüß ' }, hello[0] ?? '', (hello[1] ?? '').slice(0, 20)),
};

const reported = { error: { message: 'the model is overloaded', code: 503 } };
const errors: Readonly<Record<string, ToleranceCase>> = {
  first: failed('ServerError', {}, sent(reported)),
  'in the middle': failed('ServerError', { text: 'Grüß ' }, hello[0] ?? '', sent(reported), hello[1] ?? '', ended),
  'after tool calls': failed(
    'ServerError',
    {},
    calls({ index: 0, id: 'a', function: { name: 'look', arguments: '{}' } }),
    sent(reported),
    ended,
  ),
  'as a text': failed('ServerError', { text: 'Grüß ' }, hello[0] ?? '', sent({ error: 'overloaded' })),
  'as an event of its own': failed('ServerError', { text: 'Grüß ' }, hello[0] ?? '', 'event: error\ndata: {"message":"overloaded"}\n\n'),
  'as an event of its own, in words': failed('ServerError', {}, 'event: error\ndata: overloaded\n\n'),
};

const shapes: Readonly<Record<string, ToleranceCase>> = {
  'no choices': said(sent({ id: 'x', object: 'chat.completion.chunk' }), says('hello')),
  'an empty list of choices': said(sent({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] }), says('hello')),
  'a choice without a delta': said(sent({ choices: [{ index: 0, finish_reason: null }] }), says('hello')),
  'a delta that is null': said(sent({ choices: [{ index: 0, delta: null }] }), says('hello')),
  'content that is null, missing or empty': said(
    delta({ content: null }),
    delta({ role: 'assistant' }),
    delta({ content: '' }),
    says('hello'),
  ),
  'content in parts': said(
    delta({
      content: [
        { type: 'text', text: 'hel' },
        { type: 'text', text: 'lo' },
      ],
    }),
  ),
  'usage on every chunk, counted up': {
    body: `${delta({ content: 'hel' })}${costs(3, 1)}${says('lo')}${costs(3, 2)}${finishes('stop')}${costs(3, 2)}${DONE}`,
    read: { text: 'hello', usage: [3, 2], finish: 'stop' },
  },
  'a whole message in place of a delta': said(sent({ choices: [{ index: 0, message: { content: 'hello' } }] })),
};

const looks: Read = { calls: [['look', { at: 1 }]], finish: 'tool_calls' };
const both: Read = {
  calls: [
    ['look', { at: 1 }],
    ['look', { at: 2 }],
  ],
  finish: 'tool_calls',
};
const called = (read: Read, ...pieces: readonly object[]): ToleranceCase => ({
  body: `${pieces.map((piece) => calls(piece)).join('')}${finishes('tool_calls')}${DONE}`,
  read,
});
const fn = (args: unknown, name?: string): object => ({ function: { ...(name === undefined ? {} : { name }), arguments: args } });
const toolCalls: Readonly<Record<string, ToleranceCase>> = {
  'whole, in pieces': called(looks, { index: 0, id: 'a', ...fn('', 'look') }, { index: 0, ...fn('{"at"') }, { index: 0, ...fn(':1}') }),
  'without an index': called(looks, { id: 'a', ...fn('{"at"', 'look') }, fn(':1}')),
  'two, all of index 0': called(both, { index: 0, id: 'a', ...fn('{"at":1}', 'look') }, { index: 0, id: 'b', ...fn('{"at":2}', 'look') }),
  'two side by side': called(
    both,
    ...[
      { index: 0, id: 'a', ...fn('', 'look') },
      { index: 1, id: 'b', ...fn('', 'look') },
    ],
    ...[
      { index: 0, ...fn('{"at":') },
      { index: 1, ...fn('{"at":') },
      { index: 0, ...fn('1}') },
      { index: 1, ...fn('2}') },
    ],
  ),
  'id and name repeated': called(looks, { index: 0, id: 'a', ...fn('{"at"', 'look') }, { index: 0, id: 'a', ...fn(':1}', 'look') }),
  'id and name empty afterwards': called(looks, { index: 0, id: 'a', ...fn('{"at"', 'look') }, { index: 0, id: '', ...fn(':1}', '') }),
  'arguments as an object': called(looks, { index: 0, id: 'a', ...fn({ at: 1 }, 'look') }),
  'no arguments': called({ calls: [['look', {}]], finish: 'tool_calls' }, { index: 0, id: 'a', ...fn('', 'look') }),
  'arguments twice': called(looks, { index: 0, id: 'a', ...fn('{"at":1}', 'look') }, { index: 0, id: 'a', ...fn('{"at":1}', 'look') }),
  'cut off by length': {
    body: `${calls({ index: 0, id: 'a', ...fn('{"at', 'look') })}${finishes('length')}${DONE}`,
    read: { error: 'ToolCallError' },
  },
  'whole, but the answer was cut off by length': {
    body: `${calls({ index: 0, id: 'a', ...fn('{"at":1}', 'look') })}${finishes('length')}${DONE}`,
    read: { error: 'ToolCallError' },
  },
  'whole, but the answer was filtered': {
    body: `${calls({ index: 0, id: 'a', ...fn('{"at":1}', 'look') })}${finishes('content_filter')}${DONE}`,
    read: { error: 'TruncatedError' },
  },
  'whole, and the connection closed': { body: calls({ index: 0, id: 'a', ...fn('{"at":1}', 'look') }), read: { error: 'TruncatedError' } },
  'not JSON': called({ error: 'ToolCallError' }, { index: 0, id: 'a', ...fn('{"at":}', 'look') }),
  'a finish of stop in spite of them': {
    body: `${calls({ index: 0, id: 'a', ...fn('{"at":1}', 'look') })}${ended}`,
    read: { calls: [['look', { at: 1 }]], finish: 'stop' },
  },
};

const thought = (read: Read, ...chunks: readonly string[]): ToleranceCase => ({
  body: `${chunks.join('')}${ended}`,
  read: { finish: 'stop', ...read },
});
const reasoning: Readonly<Record<string, ToleranceCase>> = {
  'as reasoning_content': thought({ reasoning: 'Hm. ', text: 'Yes' }, delta({ reasoning_content: 'Hm. ' }), says('Yes')),
  'as reasoning': thought({ reasoning: 'Hm. ', text: 'Yes' }, delta({ reasoning: 'Hm. ' }), says('Yes')),
  'in tags in the text': thought({ reasoning: 'Hm. ', text: 'Yes' }, says('<think>Hm. </think>Yes')),
  'in tags that are split': thought({ reasoning: 'Hm. ', text: 'Yes' }, ...['<th', 'ink>Hm', '. </', 'thi', 'nk', '>Yes'].map(says)),
  'with the closing tag alone': thought({ reasoning: 'Hm. ', text: 'Yes' }, ...['Hm. ', '</think>', 'Yes'].map(says)),
  'and then nothing': thought({ reasoning: 'Hm. ' }, delta({ reasoning_content: 'Hm. ' })),
  'and then the connection closes': { body: delta({ reasoning_content: 'Hm. ' }), read: { reasoning: 'Hm. ', error: 'TruncatedError' } },
};

/** What servers that call themselves compatible send, by class and member. */
export const toleranceCases: Readonly<Record<string, Readonly<Record<string, ToleranceCase>>>> = {
  framing,
  'what is no stream after all': noStream,
  ends,
  'errors inside a status of 200': errors,
  'shapes of chunks': shapes,
  'tool calls': toolCalls,
  reasoning,
};
