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
    expect(chunksOf(cassette)).to.deep.equal([text('On '), text('*.'), { ...call, id: '* 7', params: { on: '*' } }]);
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
