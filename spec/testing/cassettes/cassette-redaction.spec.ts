import { expect } from 'chai';
import * as fc from 'fast-check';
import { from, throwError } from 'rxjs';
import type { LLMChunk, LLMRequest } from '../../../lib/backend/backend.js';
import { TruncatedError } from '../../../lib/errors/truncated-error.js';
import { readCassette } from '../../../lib/testing/cassettes/read-cassette.js';
import { recordTo, type RecordToConfig } from '../../../lib/testing/cassettes/record-to.js';
import { replayFrom } from '../../../lib/testing/cassettes/replay-from.js';
import { asking, finish, reasoning, restart, text } from './cassette-scenario.js';

const KEY = 'sk-live1234567890abcdefghij';

/** The cassette of one exchange. */
const recorded = (request: LLMRequest, chunks: readonly LLMChunk[], options?: RecordToConfig): string => {
  const lines: string[] = [];
  recordTo(
    (line) => lines.push(line),
    options,
  )({ stream: () => from(chunks) })
    .stream(request)
    .subscribe();
  return lines.join('\n');
};

const chunksOf = (cassette: string): readonly LLMChunk[] => readCassette(cassette)[0]?.chunks.map(({ chunk }) => chunk) ?? [];

const saidIn = (chunks: readonly LLMChunk[], type: 'text' | 'reasoning'): string =>
  chunks.map((chunk) => (chunk.type === type ? chunk.text : '')).join('');

/** A text cut at the given places. */
const cut = (whole: string, places: readonly number[]): readonly string[] => {
  const ends = [...places.map((place) => place % whole.length).sort((one, other) => one - other), whole.length];
  return ends.map((end, index) => whole.slice(index === 0 ? 0 : ends[index - 1], end));
};

const hideDates = (said: string): string => said.replaceAll(/\d{4}-\d\d-\d\d/g, 'today');

const hideNames = (said: string): string => said.replaceAll(/messages|content|name|anna|bert/g, 'N');

const toolOf = (parameters: Readonly<Record<string, number>>): LLMRequest => ({ ...asking('x'), tools: [{ name: 'n', parameters }] });

/** As backends of callers without types may send it. */
const withField = (chunk: LLMChunk, raw: unknown): LLMChunk => Object.assign({ ...chunk }, { raw });

const exclaim = (said: string): string => `${said}!`;

describe('the redaction of a cassette', () => {
  const planted: readonly (readonly [where: string, request: LLMRequest, chunks: readonly LLMChunk[]])[] = [
    ['a message', asking(`My key is ${KEY}.`), []],
    ['a header in a message', asking(`Authorization: Bearer ${KEY.slice(3)}`), []],
    [
      'the parameters of a call that is asked about',
      { messages: [{ role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'n', params: { deep: [{ note: KEY }] } }] }] },
      [],
    ],
    ['the description of a tool', { ...asking('x'), tools: [{ name: 'n', description: KEY, parameters: { default: KEY } }] }, []],
    ['the name of a parameter', { ...asking('x'), tools: [{ name: 'n', parameters: { properties: { [KEY]: {} } } }] }, []],
    ['a text', asking('x'), [text(`It is ${KEY}.`), finish]],
    ['a text of three chunks', asking('x'), [text('It is sk-live12'), text('34567890'), text('abcdefghij.'), finish]],
    ['reasoning of three chunks', asking('x'), [reasoning('sk-live12'), reasoning('34567890'), reasoning('abcdefghij')]],
    ['a text with reasoning between', asking('x'), [text('sk-live12'), reasoning('Hm'), text('34567890abcdefghij')]],
    ['a text after a restart', asking('x'), [text('Hello'), restart, text('sk-live12'), text('34567890abcdefghij')]],
    ['the parameters of a call', asking('x'), [{ type: 'tool_call', id: 'c', name: 'n', params: { note: `use ${KEY}` } }]],
    ['a finish', asking('x'), [{ type: 'finish', reason: KEY }]],
    ['a field of a text that nobody knows', asking('x'), [withField(text('a'), { deep: [KEY] })]],
    ['a field of reasoning that nobody knows', asking('x'), [withField(reasoning('a'), { [KEY]: 1 })]],
    ['a field of a request that nobody knows', { ...asking('x'), metadata: { note: KEY } } as LLMRequest, []],
  ];
  for (const [where, request, chunks] of planted) {
    it(`hides a key in ${where}`, () => {
      const cassette = recorded(request, chunks);
      const chunksLeft = chunksOf(cassette);
      const left = [cassette, saidIn(chunksLeft, 'text'), saidIn(chunksLeft, 'reasoning')].join('\n');
      expect(left).to.include('[redacted]');
      for (const part of ['live12', '34567890', 'abcdefghij']) expect(left).not.to.include(part);
      expect(chunksLeft.map(({ type }) => type)).to.deep.equal(chunks.map(({ type }) => type));
    });
  }

  it('hides a key in an error, in its message and in what it holds', () => {
    const lines: string[] = [];
    const failing = recordTo((line) => lines.push(line));
    const error = new TruncatedError(`with ${KEY}`, { partial: `said ${KEY}` });
    failing({ stream: () => throwError(() => error) })
      .stream(asking('x'))
      .subscribe({ error: () => undefined });
    expect(lines.join('\n')).to.include('"said [redacted]"').and.not.include('live12');
  });

  it('hides what stands under the name of a secret, whatever it looks like', () => {
    const params = { password: 'my "dog"\\', headers: { Authorization: 'Custom abc' }, api_key: ['hunter2'], note: 'my dog', secret: 5 };
    const [chunk] = chunksOf(recorded(asking('x'), [{ type: 'tool_call', id: 'c', name: 'n', params }]));
    expect(chunk).to.have.deep.property('params', {
      password: '[redacted]',
      headers: { Authorization: '[redacted]' },
      api_key: ['[redacted]'],
      note: 'my dog',
      secret: 5,
    });
  });

  it('hides what stands under the name of a secret in a field of a text that nobody knows', () => {
    const raw = { headers: { authorization: 'Custom abc' } };
    const [chunk] = chunksOf(recorded(asking('x'), [withField(text('a'), raw)]));
    expect(chunk).to.deep.equal({ ...text('a'), raw: { headers: { authorization: '[redacted]' } } });
  });

  it('hides a number under the name of a secret, and leaves it a number', () => {
    const [chunk] = chunksOf(
      recorded(asking('x'), [{ type: 'tool_call', id: 'c', name: 'n', params: { password: 123456, maxTokens: 4096 } }]),
    );
    expect(chunk).to.have.deep.property('params', { password: 0, maxTokens: 4096 });
  });

  it('leaves the names and ids that things are told apart by', () => {
    const toolCalls = [{ id: `${KEY}1`, name: 'sk-open_the_red_door', params: {} }];
    const request: LLMRequest = {
      messages: [
        { role: 'assistant', content: '', toolCalls },
        { role: 'tool', toolCallId: `${KEY}1`, content: 'done' },
      ],
      tools: [{ name: 'sk-open_the_red_door', parameters: {} }],
      responseFormat: { name: 'sk-open_the_red_door', schema: {} },
    };
    const call: LLMChunk = { type: 'tool_call', id: `${KEY}1`, name: 'sk-open_the_red_door', params: {} };
    const cassette = recorded(request, [call], { redact: (said) => said.replaceAll(/open|live/g, '*') });
    expect(readCassette(cassette)[0]?.request).to.deep.equal(request);
    expect(chunksOf(cassette)).to.deep.equal([call]);
  });

  it('lets the hook have keys that are data, and loses no value where two become the same', () => {
    const params = { bert: 2, N: 0, anna: 1, deep: [{ 'of anna': { bert: 3 } }] };
    const cassette = recorded(toolOf({ anna: 1 }), [{ type: 'tool_call', id: 'c', name: 'n', params }], { redact: hideNames });
    expect(readCassette(cassette)[0]?.request).to.deep.equal(toolOf({ N: 1 }));
    expect(chunksOf(cassette)[0]).to.have.deep.property('params', { 'N 3': 2, N: 0, 'N 2': 1, deep: [{ 'of N': { N: 3 } }] });
  });

  it('finds a request again whose keys became the same, whatever their order', () => {
    const heard: LLMChunk[] = [];
    replayFrom(recorded(toolOf({ anna: 1, bert: 2 }), [text('Hello')], { redact: hideNames }), { redact: hideNames, timing: 'none' })
      .stream(toolOf({ bert: 2, anna: 1 }))
      .subscribe((chunk) => heard.push(chunk));
    expect(heard).to.deep.equal([text('Hello')]);
  });

  it('lets the hook have the name of a foreign error', () => {
    const lines: string[] = [];
    const failing = recordTo((line) => lines.push(line), { redact: (said) => said.replaceAll('Anna', 'N') });
    const error = Object.assign(new Error('of Anna'), { name: 'AnnaError' });
    failing({ stream: () => throwError(() => error) })
      .stream(asking('x'))
      .subscribe({ error: () => undefined });
    expect(lines.join('\n')).to.include('"NError"').and.not.include('Anna');
  });

  describe('of a text that is JSON', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nabc';
    const broken: readonly (readonly [what: string, said: object, left: object])[] = [
      ['a key that has no end', { key: pem, note: 'open' }, { key: '[redacted]', note: 'open' }],
      ['a number that is a password', { password: 123456, note: 'open' }, { password: 0, note: 'open' }],
      ['a list', [{ key: pem }, 'open'], [{ key: '[redacted]' }, 'open']],
      ['JSON in JSON', { note: JSON.stringify({ key: pem, n: [1] }) }, { note: '{"key":"[redacted]","n":[1]}' }],
    ];
    for (const [what, said, left] of broken) {
      it(`leaves ${what} JSON of the same shape, in a message and over chunks`, () => {
        const whole = JSON.stringify(said);
        const cassette = recorded(asking(whole), [text(whole.slice(0, 9)), text(whole.slice(9))]);
        expect(JSON.parse(saidIn(chunksOf(cassette), 'text'))).to.deep.equal(left);
        expect(JSON.parse(readCassette(cassette)[0]?.request.messages[0]?.content ?? '')).to.deep.equal(left);
      });
    }

    it('asks the hook for the whole of it, and within where that would break it', () => {
      const said = '{ "on": "2026-01-31", "at": 17 }';
      const of = (redact: (text: string) => string): string => saidIn(chunksOf(recorded(asking('x'), [text(said)], { redact })), 'text');
      expect(of((whole) => whole.replace('"at": 17', '"at": 0'))).to.equal('{ "on": "2026-01-31", "at": 0 }');
      expect(of((whole) => whole.replace(/2026.*/, 'today'))).to.equal('{"on":"today","at":17}');
    });
  });

  it('hides a key wherever it is cut, and keeps the number of chunks and what stands around it', () => {
    const whole = `The key is ${KEY}, I think.`;
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), fc.constantFrom(text, reasoning), (places, say) => {
        const pieces = cut(whole, places);
        const cassette = recorded(asking('x'), pieces.map(say));
        const chunks = chunksOf(cassette);
        expect(chunks).to.have.length(pieces.length);
        expect(saidIn(chunks, say('').type as 'text')).to.equal('The key is [redacted], I think.');
      }),
    );
  });

  it('leaves an answer as it came where there is nothing to hide, cut between half pairs and within words', () => {
    const chunks = [text('ri'), text('sk-assessments'), text(''), text('\ud83d'), text('\udeaa'), reasoning('Hm'), finish];
    expect(chunksOf(recorded(asking('x'), chunks))).to.deep.equal(chunks);
  });

  it('lets the hook have its turn after it, on every text but the words that things are told apart by', () => {
    const seen: string[] = [];
    const redact = (said: string): string => {
      seen.push(said);
      return said.replaceAll(/user|text|tool_call|\d{4}-\d\d-\d\d/g, '*');
    };
    const request = { ...asking(`Today is 2026-01-31, ${KEY}`), stop: ['user'] };
    const call: LLMChunk = { type: 'tool_call', id: 'tool_call 7', name: 'n', params: { on: '2026-01-31' } };
    const cassette = recorded(request, [text('On 2026-'), text('01-31.'), call], { redact });
    expect(readCassette(cassette)[0]?.request).to.deep.equal({
      messages: [{ role: 'user', content: 'Today is *, [redacted]' }],
      stop: ['*'],
    });
    expect(chunksOf(cassette)).to.deep.equal([text('On '), text('*.'), { ...call, params: { on: '*' } }]);
    expect(seen.join('\n')).not.to.include('sk-');
  });

  it('still lets a replay find what was asked', () => {
    const request = asking(`My key is ${KEY}, Authorization: Bearer ${KEY}`);
    const backend = replayFrom(recorded(request, [text('Hello')]), { timing: 'none' });
    const heard: LLMChunk[] = [];
    backend.stream(request).subscribe((chunk) => heard.push(chunk));
    expect(heard).to.deep.equal([text('Hello')]);
    expect(backend.requests).to.deep.equal([request]);
  });

  it('lets a replay find what only its own hook makes the same', () => {
    for (const options of [undefined, { redact: hideDates }]) {
      const cassette = recorded(asking('It is 2026-01-31.'), [text('Hello')], options);
      const heard: LLMChunk[] = [];
      replayFrom(cassette, { redact: hideDates, timing: 'none' })
        .stream(asking('It is 2027-02-01.'))
        .subscribe((chunk) => heard.push(chunk));
      expect(heard).to.deep.equal([text('Hello')]);
    }
  });

  it('lets a replay find what a hook that changes its own output has written', () => {
    const heard: LLMChunk[] = [];
    replayFrom(recorded(asking('x'), [text('Hello')], { redact: exclaim }), { redact: exclaim, timing: 'none' })
      .stream(asking('x'))
      .subscribe((chunk) => heard.push(chunk));
    expect(saidIn(heard, 'text')).to.equal('Hello!');
  });
});
