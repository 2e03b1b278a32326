import { expect } from 'chai';
import * as fc from 'fast-check';
import { asyncScheduler, catchError, concat, from, of, Subject, throwError, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { toChunks, type ToChunksConfig } from '../../lib/backend/chat-completion-stream.js';
import { decodeText } from '../../lib/backend/decode-text.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { calls, costs, delta, DONE, finishes, says, sent } from '../support/server-sent.js';

const configured = (more: Partial<ToChunksConfig> = {}): ToChunksConfig => ({
  contentType: 'text/event-stream',
  settleWithin: 10,
  scheduler: asyncScheduler,
  secrets: [],
  eventBytes: 4 * 2 ** 20,
  ...more,
});

/** Errors as their tags, for marbles. */
const failWithTag = (): MonoTypeOperatorFunction<LLMChunk> => catchError((error: { _tag: string }) => throwError(() => error._tag));

interface Read {
  readonly chunks: LLMChunk[];
  readonly error?: { readonly _tag: string; readonly message: string; readonly partial?: string };
}

/** What comes of a body that is there at once. */
const read = (body: Observable<string>): Read => {
  const chunks: LLMChunk[] = [];
  let outcome: Read | undefined;
  body.pipe(toChunks(configured())).subscribe({
    next: (chunk) => chunks.push(chunk),
    error: (error: Read['error'] & object) => {
      outcome = { chunks, error };
    },
    complete: () => {
      outcome = { chunks };
    },
  });
  if (outcome === undefined) throw new Error('The body has ended, and the answer has not.');
  return outcome;
};

const readAll = (...pieces: readonly string[]): Read => read(from(pieces));

/** A body that breaks after this much of it. */
const broken = (body: string): Observable<string> =>
  concat(
    of(body),
    throwError(() => new TypeError('terminated')),
  );

const text = (value: string): LLMChunk => ({ type: 'text', text: value });
const reasoning = (value: string): LLMChunk => ({ type: 'reasoning', text: value });
const stop: LLMChunk = { type: 'finish', reason: 'stop' };
const usage = (inputTokens: number, outputTokens: number): LLMChunk => ({ type: 'usage', usage: { inputTokens, outputTokens } });

const itReads = (what: string, body: string, expected: readonly LLMChunk[]): void => {
  it(`reads ${what}`, () => {
    expect(readAll(body)).to.deep.equal({ chunks: expected });
    expect(readAll(...Array.from(body))).to.deep.equal({ chunks: expected });
  });
};

const itFails = (what: string, body: string | Observable<string>, tag: string, message: RegExp, partial?: string): void => {
  it(`fails with ${tag} on ${what}`, () => {
    const { error } = typeof body === 'string' ? readAll(body) : read(body);
    expect(error?._tag).to.equal(tag);
    expect(error?.message).to.match(message);
    expect(error?.partial).to.equal(partial);
  });
};

const HELLO = [text('Hel'), text('lo'), stop];
const completion = (message: object, more: object = {}): string =>
  JSON.stringify({ object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }], ...more });

const REASONS = {
  stop: ['STOP', 'end_turn', 'eos', 'eos_token', 'stop_sequence', 'complete', 'COMPLETE'],
  length: ['MAX_TOKENS', 'max_tokens', 'LENGTH', 'model_length'],
  tool_calls: ['tool_use', 'function_call', 'TOOL_CALLS'],
};

describe('toChunks', () => {
  describe('framing', () => {
    const plain = says('Hel') + says('lo') + finishes('stop') + DONE;
    itReads('events', plain, HELLO);
    itReads('comments, keep-alives and empty data', `: hi\n\n:\n\ndata:\n\ndata: \n\n${plain}`, HELLO);
    itReads('CRLF', plain.replaceAll('\n', '\r\n'), HELLO);
    itReads('CR', plain.replaceAll('\n', '\r'), HELLO);
    itReads('no space after the colon', plain.replaceAll('data: ', 'data:'), HELLO);
    itReads('a byte order mark', `\uFEFF${plain}`, HELLO);
    itReads('blank lines before the first event', `\n\r\n ${plain}`, HELLO);
    it('reads an answer after 400 KB of blank lines', () => {
      expect(readAll(...Array.from({ length: 100_000 }, () => '\r\n\r\n'), plain)).to.deep.equal({ chunks: HELLO });
    });
    itReads('other fields of an event', plain.replaceAll('data: ', 'event: message\nid: 7\nretry: 5\ndata: '), HELLO);
    itReads('a last event without its blank line', plain.trimEnd(), HELLO);
    itReads('a last event without its line end and without [DONE]', (says('Hel') + says('lo') + finishes('stop')).trimEnd(), HELLO);
    itReads('an event over several lines', plain.replaceAll(',"', ',\ndata: "'), HELLO);
  });

  describe('ends', () => {
    const hello = says('Hel') + says('lo');
    itReads('[DONE] only', hello + DONE, HELLO);
    itReads('a finish reason only', hello + finishes('stop'), HELLO);
    itReads('data after the end', hello + finishes('stop') + DONE + says('more') + finishes('length') + 'data: {{{\n\n', HELLO);
    itReads('usage before [DONE]', hello + finishes('stop') + costs(3, 2) + DONE, [text('Hel'), text('lo'), usage(3, 2), stop]);
    itReads('usage after [DONE]', hello + finishes('stop') + DONE + costs(3, 2), [text('Hel'), text('lo'), usage(3, 2), stop]);
    itReads('usage in the last choice', hello + delta({}, { finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 2 } }), [
      text('Hel'),
      text('lo'),
      usage(3, 2),
      stop,
    ]);
    itReads(
      'usage that counts up with every chunk',
      sent({ choices: [{ delta: { content: 'a' } }], usage: { prompt_tokens: 3, completion_tokens: 1 } }) +
        sent({ choices: [{ delta: { content: 'b' } }], usage: { prompt_tokens: 3, completion_tokens: 2 } }) +
        sent({ choices: [{ delta: {}, finish_reason: 'stop' }], usage: { prompt_tokens: 0, completion_tokens: 0 } }) +
        DONE,
      [text('a'), text('b'), usage(3, 2), stop],
    );
    itReads('finish reasons that are empty', delta({ content: 'a' }, { finish_reason: '' }) + delta({}, { finish_reason: null }) + DONE, [
      text('a'),
      stop,
    ]);
    itReads('a finish reason that is repeated', says('a') + finishes('stop') + finishes('stop') + DONE, [text('a'), stop]);
    itReads(
      'a finish reason with every chunk',
      delta({ content: 'a' }, { finish_reason: 'stop' }) + delta({ content: 'b' }, { finish_reason: 'stop' }),
      [text('a'), text('b'), stop],
    );
    itReads('a finish reason nobody knows', says('a') + finishes('odd'), [text('a'), { type: 'finish', reason: 'odd' }]);
    for (const [reason, words] of Object.entries(REASONS)) {
      for (const word of words) {
        itReads(`the finish reason ${word} as ${reason}`, says('a') + finishes(word) + DONE, [text('a'), { type: 'finish', reason }]);
      }
    }
    itReads('an answer cut off by length, whatever is said later', says('a') + finishes('length') + finishes('stop') + DONE, [
      text('a'),
      { type: 'finish', reason: 'length' },
    ]);

    itFails('neither a finish reason nor [DONE]', hello, 'TruncatedError', /neither/, 'Hello');
    itFails('a body without anything in it', '', 'TruncatedError', /neither/, '');
    itFails('keep-alives and nothing else', ':\n\n:\n\n', 'TruncatedError', /neither/, '');
    itFails('half an event at the end', `${hello}data: {"choices":[{"del`, 'TruncatedError', /"choices":\[\{"del/, 'Hello');
    itFails('half an event in the middle', `${hello}data: {"choices":[{"del\n\n${says('a')}`, 'MalformedError', /no JSON/);
    itFails('words that are no JSON at the end', `${hello}data: upstream gone\n\n`, 'TruncatedError', /upstream gone/, 'Hello');
    itFails('words that are no JSON before [DONE]', `${hello}data: upstream gone\n\n${DONE}`, 'TruncatedError', /upstream gone/, 'Hello');
    itReads(
      'words that are no JSON on the way',
      `data: ping\n\n${says('Hel')}data: one moment\n\n${says('lo')}data: ping\n\n${DONE}`,
      HELLO,
    );
    itReads('data that is no JSON after the finish reason', `${hello + finishes('stop')}data: {"x\n\ndata: bye\n\n${DONE}`, HELLO);
    itFails('a finish reason that is an error', hello + finishes('error'), 'ServerError', /broke off/);

    itFails('a connection that broke in mid-answer', broken(hello), 'TruncatedError', /connection broke/, 'Hello');
    itFails('a connection that broke before the answer began', broken(': hi\n\n'), 'NetworkError', /before the answer began/);
    itFails(
      'a connection that broke before anything came',
      throwError(() => new TypeError('terminated')),
      'NetworkError',
      /before/,
    );
    itFails('a connection that broke in half a JSON', broken('{"choices":[{}'), 'TruncatedError', /broke/, '');
    itFails('a connection that broke within a tag', broken(says('a\n</th')), 'TruncatedError', /broke/, 'a\n</th');

    it('takes a connection that broke after the end for the end', () => {
      expect(read(broken(hello + finishes('stop')))).to.deep.equal({ chunks: HELLO });
      expect(read(broken(hello + DONE))).to.deep.equal({ chunks: HELLO });
      expect(read(broken((hello + DONE).trimEnd()))).to.deep.equal({ chunks: HELLO });
    });
  });

  describe('ends in time', () => {
    const values = {
      a: says('a'),
      b: says('b'),
      f: finishes('stop'),
      u: costs(3, 2),
      D: DONE,
      k: ': keep-alive\n\n',
      h: 'data: {"cho\n\n',
      p: 'data: ping\n\n',
      w: 'data: one moment\n\n: hi\n\ndata: {}\n\n',
    };
    const chunks = { a: text('a'), b: text('b'), u: usage(3, 2), f: stop };
    const itEnds = (what: string, server: string, subscription: string, expected: string, settleWithin = 10): void => {
      it(what, () =>
        agentMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
          const body = cold(server, values);

          expectObservable(body.pipe(toChunks(configured({ scheduler, settleWithin })), failWithTag())).toBe(
            expected,
            chunks,
            'TruncatedError',
          );
          expectSubscriptions(body.subscriptions).toBe(subscription);
        }),
      );
    };

    itEnds('ends with the body', ' -a-f-u-D---|', '^----------!', '-a-----(uf)|');
    itEnds('ends with the body at the latest', '-a-f-D----|  ', '^---------!  ', '-a--------(f|)');
    itEnds('ends settleWithin after [DONE] where the body stays open', '-a-f-D-------------', '^---- 10ms !', '-a--- 10ms (f|)');
    itEnds('ends settleWithin after the finish reason', '-a-f-----------------', '^-- 10ms !', '-a- 10ms (f|)');
    itEnds('waits for what comes after the finish reason', '-a-f-----b-----------', '^-------- 10ms !', '-a-------b 9ms (f|)');
    itEnds('is not put off by keep-alives', '-a-f--k--k--k--k--k--k--', '^-- 10ms !', '-a- 10ms (f|)');
    itEnds('ends soon after [DONE] once the usage is known', '-a-f-u-D--------', '^------ 20ms !', '-a-----(uf) 16ms |', 1000);
    itEnds('ends soon after usage that came after [DONE]', '-a-f-D-u--------', '^------ 20ms !', '-a-----(uf) 16ms |', 1000);
    itEnds('waits while the answer is under way', '-a 60s b 60s |', '^- 60s - 60s !', '-a 60s b 60s #');

    itEnds('waits on after words that are no JSON', '-a-p 60s w 60s D|', '^--- 60s - 60s -!', '-a-- 60s - 60s -(f|)');
    itEnds('fails settleWithin after half an event where nothing follows', '-a-h------', '^-- 10ms !', '-a- 10ms #');

    it('leaves no timer when it is left', () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
        const body = cold('   -a-f------', values);
        const unsubscribed = '^----!';

        expectObservable(body.pipe(toChunks(configured({ scheduler }))), unsubscribed).toBe('-a', chunks);
        expectSubscriptions(body.subscriptions).toBe(unsubscribed);
        scheduler.schedule(() => {
          expect(scheduler.actions.filter(({ delay }) => delay > 0)).to.have.length(0);
        }, 6);
      }));
  });

  describe('errors inside the stream', () => {
    const hello = says('Hel') + says('lo');
    itFails('an error object first', sent({ error: { message: 'no', code: 429 } }), 'RateLimitError', /no/);
    itFails('an error object in the middle', hello + sent({ error: { message: 'no', code: 502 } }) + DONE, 'ServerError', /no/);
    itFails('an error text', hello + sent({ error: 'overloaded' }), 'ServerError', /overloaded/);
    itFails('an error in a text', hello + sent('overloaded'), 'ServerError', /overloaded/);
    itFails('an error object of its own', sent({ object: 'error', message: 'too long', code: 400 }), 'BadRequestError', /too long/);
    itFails('an error event with an object', `event: error\n${sent({ message: 'no key', code: 401 })}`, 'AuthenticationError', /no key/);
    itFails('an error event with a text', `event: error\ndata: gone away\n\n`, 'ServerError', /gone away/);
    itFails(
      'an error in a choice beside it',
      sent({ choices: [{ delta: {} }], error: { message: 'no', type: 'not_found' } }),
      'NotFoundError',
      /no/,
    );
    itFails(
      'an error after tool calls',
      calls({ index: 0, id: 'a', function: { name: 'look', arguments: '{}' } }) + sent({ error: { message: 'no' } }),
      'ServerError',
      /no/,
    );
    itReads(
      'errors that are none',
      sent({ error: null, choices: [{ delta: { content: 'a' } }] }) +
        sent({ error: {} }) +
        sent({ error: { code: 0, message: '' } }) +
        DONE,
      [text('a'), stop],
    );
  });

  describe('chunk shapes', () => {
    itReads(
      'chunks that say nothing',
      sent({ choices: [], prompt_filter_results: [{}] }) +
        sent({ id: 'x' }) +
        sent({ choices: null }) +
        sent({ choices: [null] }) +
        sent({ choices: [{ index: 0 }] }) +
        sent({ choices: [{ index: 0, delta: null }] }) +
        sent(null) +
        sent(7) +
        delta({ role: 'assistant', content: '' }) +
        delta({ content: null }) +
        says('a') +
        DONE,
      [text('a'), stop],
    );
    itReads(
      'a message for a delta',
      sent({ choices: [{ message: { content: 'a' } }] }) + sent({ choices: [{ message: { content: 'b' } }] }) + DONE,
      [text('a'), text('b'), stop],
    );
    itReads('a message that repeats the deltas', says('a') + sent({ choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] }), [
      text('a'),
      stop,
    ]);
    itReads('a text for a delta', sent({ choices: [{ text: 'a' }] }) + DONE, [text('a'), stop]);
    itReads(
      'content parts',
      delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }) +
        delta({ content: [{ type: 'text', text: 'a' }, 'b', null, { type: 'image_url' }] }) +
        DONE,
      [reasoning('hm'), text('a'), text('b'), stop],
    );
    itReads(
      'the choice that counts',
      sent({
        choices: [
          { index: 1, delta: { content: 'no' }, finish_reason: 'length' },
          { index: 0, delta: { content: 'a' } },
        ],
      }) +
        sent({ choices: [{ index: 1, delta: { content: 'no' } }] }) +
        DONE,
      [text('a'), stop],
    );
    const whole = [text('Hi'), stop];
    itReads('an index that is a text', sent({ choices: [{ index: '0', delta: { content: 'Hi' } }] }) + DONE, whole);
    itReads('an only choice of another index', sent({ choices: [{ index: 1, delta: { content: 'Hi' } }] }) + DONE, whole);
    itReads(
      'a choice of another index that says nothing first',
      sent({ choices: [{ index: 1, delta: { role: 'assistant' } }] }) + says('Hi') + DONE,
      whole,
    );
    itReads('an empty delta beside a message', sent({ choices: [{ delta: {}, message: { content: 'Hi' } }] }) + DONE, whole);
    itReads(
      'a message after a delta of only a role',
      delta({ role: 'assistant' }) + sent({ choices: [{ message: { content: 'Hi' } }] }) + DONE,
      whole,
    );
    itReads(
      'usage that Groq sends',
      sent({ choices: [], x_groq: { usage: { prompt_tokens: '3', completion_tokens: 2.5 } } }) + says('Hi') + DONE,
      [text('Hi'), usage(3, 2), stop],
    );
    itReads('a refusal', delta({ content: null, refusal: 'I will not.' }) + finishes('stop'), [text('I will not.'), stop]);
  });

  describe('reasoning', () => {
    itReads('reasoning_content', delta({ reasoning_content: 'hm', content: null }) + says('a') + DONE, [reasoning('hm'), text('a'), stop]);
    itReads('reasoning', delta({ reasoning: 'hm', content: 'a' }) + DONE, [reasoning('hm'), text('a'), stop]);
    itReads('both of them once', delta({ reasoning: 'hm', reasoning_content: 'hm' }) + DONE, [reasoning('hm'), stop]);
    itReads('reasoning and then nothing', delta({ reasoning: 'hm' }) + finishes('stop'), [reasoning('hm'), stop]);
    itReads('tags that are split', says('<th') + says('ink>hm</thi') + says('nk>\n\na') + DONE, [reasoning('hm'), text('a'), stop]);
    itReads('a lone closing tag', says('hm\n') + says('</think>') + says('\n\na') + DONE, [
      text('hm\n'),
      { type: 'restart' },
      reasoning('hm\n'),
      text('a'),
      stop,
    ]);
  });

  describe('tool calls', () => {
    const call: LLMChunk = { type: 'tool_call', id: 'a', name: 'look', params: { at: 'door' } };
    const pieces =
      calls({ index: 0, id: 'a', function: { name: 'look', arguments: '{"at"' } }) +
      calls({ index: 0, function: { arguments: ':"door"}' } });
    const calling: LLMChunk = { type: 'finish', reason: 'tool_calls' };

    itReads('calls before usage and finish', says('I look.') + pieces + finishes('tool_calls') + costs(3, 2) + DONE, [
      text('I look.'),
      call,
      usage(3, 2),
      calling,
    ]);
    itReads('calls in spite of stop', pieces + finishes('stop') + DONE, [call, stop]);
    itReads('calls with [DONE] only', pieces + DONE, [call, calling]);
    itFails('a call cut off by length, though it looks whole', pieces + finishes('length') + DONE, 'ToolCallError', /too long/);
    itFails(
      'a call cut off by length',
      calls({ index: 0, id: 'a', function: { name: 'look', arguments: '{"at"' } }) + finishes('MAX_TOKENS') + DONE,
      'ToolCallError',
      /too long/,
    );
    itFails('a call cut off by a filter', pieces + finishes('content_filter') + DONE, 'TruncatedError', /\(content_filter\)/, '');
    itReads(
      'a function_call of old',
      delta({ function_call: { name: 'look', arguments: '{"at"' } }) +
        delta({ function_call: { arguments: ':"door"}' } }) +
        finishes('function_call'),
      [{ ...call, id: 'call_1' }, calling],
    );
    itReads(
      'a call without a list',
      delta({ tool_calls: { id: 'a', function: { name: 'look', arguments: { at: 'door' } } } }) + finishes('tool_calls'),
      [call, calling],
    );
    itFails('a call without an end', says('I look.') + pieces, 'TruncatedError', /neither/, 'I look.');
    itFails(
      'arguments that are no JSON',
      calls({ index: 0, id: 'a', function: { name: 'look', arguments: '{"at"' } }) + finishes('tool_calls') + DONE,
      'ToolCallError',
      /look/,
    );
  });

  describe('a body that is no stream', () => {
    itReads(
      'a whole completion',
      ` ${completion({ content: 'Hi', reasoning_content: 'hm', tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } }] }, { usage: { prompt_tokens: 3, completion_tokens: 2 } })}\n`,
      [reasoning('hm'), text('Hi'), { type: 'tool_call', id: 'a', name: 'look', params: {} }, usage(3, 2), stop],
    );
    itReads('a whole completion in an event', `data: ${completion({ content: 'Hi' })}\n\n`, [text('Hi'), stop]);
    itReads('a whole completion with a lone closing tag', completion({ content: 'hm\n</think>\n\nHi' }), [
      reasoning('hm\n'),
      text('Hi'),
      stop,
    ]);

    const html = '<!doctype html><title>Welcome to nginx</title>';
    it('fails with MalformedError on a page, with what it is and what to do', () => {
      const { error } = ((): Read => {
        let failure: Read | undefined;
        of(html)
          .pipe(toChunks(configured({ contentType: 'text/html' })))
          .subscribe({
            error: (error: Read['error'] & object) => {
              failure = { chunks: [], error };
            },
          });
        return failure ?? { chunks: [] };
      })();
      expect(error?._tag).to.equal('MalformedError');
      expect(error?.message).to.include('text/html').and.include('nginx').and.include('baseURL');
    });
    itFails('a text', 'Not Found', 'MalformedError', /Not Found/);
    itFails('a text that may have become an event', 'data', 'TruncatedError', /neither/, '');
    itFails('JSON that is none', '{"choices": oh}', 'MalformedError', /oh/);
    itFails('half a JSON', '{"choices":[{"mess', 'TruncatedError', /neither/, '');
    itFails('JSON that is no completion', '{"status":"ok"}', 'MalformedError', /baseURL/);
    itFails('a completion without a choice', '{"choices":[]}', 'MalformedError', /no chat completion/);
    itFails('a JSON error', '{"error":{"message":"no","code":404}}', 'NotFoundError', /no/);
    itFails('a list of JSON errors', '[{"error":{"message":"no","status":"INVALID_ARGUMENT"}}]', 'BadRequestError', /no/);
    itFails('a JSON error of another shape', '{"detail":"no"}', 'ServerError', /no/);
  });

  describe('whatever the cut of its bytes', () => {
    const body =
      ': start\r\n\r\n' +
      delta({ role: 'assistant', content: '' }) +
      delta({ reasoning_content: 'Grüße – 考える 🤔' }) +
      says('ä€') +
      says('😀 日本\n') +
      says('語') +
      calls({ index: 0, id: 'a', function: { name: 'look', arguments: '{"at":"' } }) +
      calls({ index: 0, function: { arguments: 'Tür 🚪"}' } }) +
      finishes('tool_calls').replaceAll('\n', '\r\n') +
      costs(3, 2) +
      'data: [DONE]';
    const bytes = new TextEncoder().encode(`\uFEFF${body}`);
    const expected = [
      reasoning('Grüße – 考える 🤔'),
      text('ä€'),
      text('😀 日本\n'),
      text('語'),
      { type: 'tool_call', id: 'a', name: 'look', params: { at: 'Tür 🚪' } },
      usage(3, 2),
      { type: 'finish', reason: 'tool_calls' },
    ];
    const readCut = (cuts: readonly number[]): Read => {
      const at = [0, ...[...cuts].sort((one, other) => one - other), bytes.length];
      return read(from(at.slice(1).map((end, index) => bytes.slice(at[index], end))).pipe(decodeText()));
    };

    it('reads the same chunks, cut at one place', () => {
      const whole = JSON.stringify({ chunks: expected });
      for (let cut = 0; cut <= bytes.length; cut += 1) expect(JSON.stringify(readCut([cut]))).to.equal(whole);
    });

    it('reads the same chunks, byte by byte', () => {
      expect(readCut(Array.from(bytes.keys()))).to.deep.equal({ chunks: expected });
    });

    it('reads the same chunks, cut at any places', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
          expect(readCut(cuts)).to.deep.equal({ chunks: expected });
        }),
      );
    });

    it('never takes a shorter body for a whole answer before it says that it ended', () => {
      const end = new TextEncoder().encode(body.slice(0, body.indexOf('"finish_reason"'))).length;
      // From 3 on, that is from behind the byte order mark.
      for (let length = 3; length < end; length += 1) {
        const { error } = read(of(bytes.slice(0, length)).pipe(decodeText()));
        expect(error?._tag).to.equal('TruncatedError');
      }
    });
  });

  it('emits nothing after it was left in the middle of a piece', () => {
    const seen: LLMChunk[] = [];
    const pieces$ = new Subject<string>();
    const subscription = pieces$.pipe(toChunks(configured())).subscribe((chunk) => {
      seen.push(chunk);
      subscription.unsubscribe();
    });
    pieces$.next(says('a') + says('b') + DONE);
    expect(seen).to.deep.equal([text('a')]);
    expect(pieces$.observed).to.equal(false);
  });

  it('keeps the answers of two subscribers apart', () => {
    const answer$ = from([says('a'), DONE]).pipe(toChunks(configured()));
    for (let count = 0; count < 2; count += 1) {
      const seen: LLMChunk[] = [];
      answer$.subscribe((chunk) => seen.push(chunk));
      expect(seen).to.deep.equal([text('a'), stop]);
    }
  });

  it('are the same chunks up to where an answer is too large', () => {
    const body = new TextEncoder().encode(Array.from({ length: 20 }, (_, at) => says(`ä${at}`)).join('') + finishes('stop') + DONE);
    const upTo = (maxBytes: number, cuts: readonly number[]): Read => {
      const at = [0, ...[...cuts].sort((one, other) => one - other), body.length];
      return read(from(at.slice(1).map((end, index) => body.slice(at[index], end))).pipe(decodeText({ maxBytes })));
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.array(fc.nat(body.length), { maxLength: 8 }), (maxBytes, cuts) => {
        const whole = upTo(maxBytes, []);
        expect(whole.error).to.include({ _tag: 'AnswerLimitError', limit: maxBytes });
        const cut = upTo(maxBytes, cuts);
        expect(cut.chunks).to.deep.equal(whole.chunks);
        expect(cut.error?.partial).to.equal(whole.error?.partial);
      }),
    );
  });
});
