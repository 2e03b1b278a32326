import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { CassetteError } from '../../../lib/errors/cassette-error.js';
import { readCassette } from '../../../lib/testing/cassettes/read-cassette.js';

const fixture = (version: number): string => readFileSync(`spec/support/fixtures/cassette-v${version}.jsonl`, 'utf8');

const header = '{"type":"cassette","version":2}';
const request = (id: number, content = `question ${id}`): string =>
  JSON.stringify({ type: 'request', id, at: 0, hash: 'x', request: { messages: [{ role: 'user', content }] } });
const chunk = (id: number, said: string, at = 1): string => JSON.stringify({ type: 'chunk', id, at, chunk: { type: 'text', text: said } });
const end = (id: number, at = 2): string => JSON.stringify({ type: 'end', id, at, how: 'complete' });

/** What was asked, what was said, and how it ended. */
const read = (cassette: string | Iterable<string>): readonly string[] =>
  readCassette(cassette).map(({ request: { messages }, chunks, end: { at, how } }) => {
    const said = chunks.map((timed) => (timed.chunk.type === 'text' ? timed.chunk.text : timed.chunk.type));
    return `${messages[0]?.content}: ${said.join('')} ${how} ${at}`;
  });

const comparable = (version: number) =>
  readCassette(fixture(version)).map(({ request, chunks, end, id }) => ({ id, request, chunks, end }));

describe('readCassette', () => {
  it('reads version 1 as version 2', () => {
    expect(comparable(1)).to.have.length(5);
    expect(comparable(1)).to.deep.equal(comparable(2));
  });

  it('keeps the line that an exchange begins in', () => {
    expect(readCassette(fixture(1)).map(({ line }) => line)).to.deep.equal([2, 3, 4, 5, 6]);
    expect(readCassette(fixture(2)).map(({ line }) => line)).to.deep.equal([2, 8, 14, 20, 23]);
  });

  it('takes a text, lines, lines with their breaks, a growing list, and what Windows makes of it', () => {
    const lines = [header, request(1), chunk(1, 'a'), end(1)];
    const expected = ['question 1: a complete 2'];
    const broken = lines.map((line) => `${line}\n`);
    for (const cassette of [lines.join('\n'), broken.join(''), lines, broken, new Set(lines), `\ufeff${lines.join('\r\n\r\n')}\r\n`])
      expect(read(cassette)).to.deep.equal(expected);
  });

  it('reads exchanges side by side, in the order of asking and not of their ends', () => {
    const lines = [header, request(2), chunk(2, 'b'), request(1), chunk(1, 'a'), chunk(2, 'B'), end(2), end(1, 9)];
    expect(read(lines)).to.deep.equal(['question 1: a complete 9', 'question 2: bB complete 2']);
  });

  it('begins anew at a second header, of whatever version', () => {
    const lines = [header, request(1, 'one'), end(1), header, request(1, 'two'), end(1), ...fixture(1).split('\n').slice(0, 2)];
    expect(read(lines)).to.deep.equal(['one:  complete 2', 'two:  complete 2', 'Be brief.: The door is open.usagefinish complete 28']);
  });

  it('leaves out an exchange without its end, which was not written whole', () => {
    const half = [request(1, 'half'), chunk(1, 'a', 7)];
    const whole = [request(2, 'whole'), end(2)];
    const expected = ['whole:  complete 2'];
    expect(read([header, ...half, ...whole])).to.deep.equal(expected);
    expect(read([header, ...whole, ...half])).to.deep.equal(expected);
    expect(read([header, ...half, header, ...whole])).to.deep.equal(expected);
  });

  it('cuts off a last line that is torn, wherever it is, and what it belongs to', () => {
    const whole = [header, request(1), chunk(1, 'a'), end(1), request(2), end(2)].join('\n');
    const last = end(2);
    for (let kept = 1; kept < last.length; kept += 1) {
      expect(read(whole.slice(0, kept - last.length))).to.deep.equal(['question 1: a complete 2']);
    }
    expect(read('{"type":"cass')).to.deep.equal([]);
  });

  it('goes on at a header behind a torn line, with a break between them or without', () => {
    const [before, after] = [[header, request(1, 'one'), end(1)].join('\n'), [header, request(1, 'two'), end(1)].join('\n')];
    const torn = chunk(2, 'a');
    for (const between of ['', '\n', '\n\n']) {
      for (let kept = 1; kept < torn.length; kept += 1) {
        const cassette = `${before}\n${request(2)}\n${torn.slice(0, kept)}${between}${after}`;
        expect(read(cassette), `${kept}`).to.deep.equal(['one:  complete 2', 'two:  complete 2']);
      }
    }
    expect(read(before + after)).to.deep.equal(['one:  complete 2', 'two:  complete 2']);
  });

  it('reads hashes where they are', () => {
    const without = request(2).replace('"hash":"x",', '');
    expect(readCassette([header, request(1), end(1), without, end(2)]).map(({ hash }) => hash)).to.deep.equal(['x', '']);
  });

  it('reads nothing from nothing', () => {
    for (const empty of ['', '\n\n', [], header]) expect(read(empty)).to.deep.equal([]);
  });

  it('drops keys that would set a prototype', () => {
    const line = JSON.stringify({ type: 'chunk', id: 1, at: 0, chunk: { type: 'tool_call', id: 'c', name: 'n', params: { a: 1 } } });
    const [exchange] = readCassette([header, request(1), line.replace('"a"', '"__proto__":{"b":2},"a"'), end(1)]);
    expect(JSON.stringify(exchange?.chunks[0]?.chunk)).to.equal('{"type":"tool_call","id":"c","name":"n","params":{"a":1}}');
  });

  const advice = 'Mend the line, or delete the cassette and record it again.';
  const faults: readonly (readonly [what: string, lines: readonly string[], number: number, message: string])[] = [
    ['a cassette without a header', [request(1)], 1, 'a header such as {"type":"cassette","version":2} has to come first'],
    ['a line in the middle that is not JSON', [header, '{"type":', request(1)], 2, 'it is not JSON'],
    ['a last line that never was JSON', [header, 'hello'], 2, 'it is not JSON'],
    ['a last line that is not JSON and has its break', [header, '{"type":\n'], 2, 'it is not JSON'],
    ['a value that is no object', [header, '5'], 2, '/: expected CassetteLine, got 5'],
    ['an unknown kind of line', [header, '{"type":"pause"}'], 2, '/type: expected one of "request", "chunk", "end", got "pause"'],
    ['a line of no kind', [header, '{}'], 2, '/type: expected one of "request", "chunk", "end", got nothing'],
    ['a property of a chunk', [header, request(1), chunk(1, 'a').replace('"a"', '5')], 3, '/chunk/text: expected string, got 5'],
    [
      'an unknown chunk',
      [header, request(1), '', chunk(1, 'a').replace('"text"', '"image"')],
      4,
      '/chunk/type: expected one of "text", "reasoning", "tool_call", "usage", "finish", "restart", got "image"',
    ],
    [
      'an end of no kind',
      [header, request(1), end(1).replace('complete', 'lost')],
      3,
      '/how: expected one of "complete", "error", "cancelled", got "lost"',
    ],
    [
      'an error without its data',
      [header, request(1), end(1).replace('complete', 'error')],
      3,
      '/error: expected RecordedError, got nothing',
    ],
    [
      'a request that is none',
      [header, request(1).replace('"messages"', '"texts"')],
      2,
      '/request/messages: expected ReadonlyArray<ChatMessage>, got nothing',
    ],
    ['a chunk of no exchange', [header, request(1), chunk(2, 'a')], 3, 'no exchange 2 is under way'],
    ['a chunk after the end', [header, request(1), end(1), chunk(1, 'a')], 4, 'no exchange 1 is under way'],
    ['a chunk of an exchange of another section', [header, request(1), header, chunk(1, 'a')], 4, 'no exchange 1 is under way'],
    [
      'an id that its section has',
      [header, request(1), end(1), request(1)],
      4,
      'exchange 1 is at line 2 already, as where two recorders share a file',
    ],
    ['a torn line in the middle', [header, '{"type":', request(1), header], 2, 'it is not JSON'],
    ['what never was JSON before a header', ['hello', header], 1, 'it is not JSON'],
    [
      'a line of version 2 under version 1',
      ['{"type":"cassette","version":1}', request(1)],
      2,
      '/chunks: expected ReadonlyArray<[number, LLMChunk]>, got nothing; /end: expected End, got nothing',
    ],
    ['a version that is no number', ['{"type":"cassette","version":"2"}'], 1, '/version: expected number, got "2"'],
  ];
  for (const [what, lines, number, message] of faults) {
    it(`refuses ${what}`, () => {
      expect(() => readCassette(lines)).to.throw(CassetteError, `Line ${number} of the cassette cannot be read: ${message}. ${advice}`);
    });
  }

  it('refuses a version that it does not know, and says which it does', () => {
    for (const version of [0, 3])
      expect(() => readCassette([header, request(1), end(1), `{"type":"cassette","version":${version}}`])).to.throw(
        CassetteError,
        `Line 4 of the cassette says version ${version}, and this version of purpose-rx reads 1 and 2. Upgrade purpose-rx, or delete the cassette and record it again.`,
      );
  });
});
