import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as t from 'io-ts';
import { EMPTY, from, type Observable, of, take, throwError } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { generateStructured, type StructuredOptions, type StructuredSignal } from '../../lib/backend/generate-structured.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { JsonRecord } from '../../lib/domain/json.js';
import { jsonSchema } from '../../lib/domain/json-schema.js';
import { objectCodec } from '../../lib/domain/object-codec.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { StructuredOutputError } from '../../lib/errors/structured-output-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const Verdict = objectCodec('Verdict', { a: t.string });
type Verdict = t.TypeOf<typeof Verdict>;

const request: LLMRequest = { messages: [{ role: 'user', content: 'Are we done?' }] };
const text = (piece: string): LLMChunk => ({ type: 'text', text: piece });
const token = (piece: string, attempt = 1): StructuredSignal<Verdict> => ({ type: 'token', token: piece, channel: 'a', attempt });
const value = (a: string): StructuredSignal<Verdict> => ({ type: 'value', value: { a } });

const collect = <A>(signal$: Observable<StructuredSignal<A>>): { readonly signals: StructuredSignal<A>[]; error?: unknown } => {
  const seen: { readonly signals: StructuredSignal<A>[]; error?: unknown } = { signals: [] };
  signal$.subscribe({
    next: (signal) => seen.signals.push(signal),
    error: (error: unknown) => {
      seen.error = error;
    },
  });
  return seen;
};

/** The request that one subscription makes. */
const asked = (codec: t.Mixed, given: Partial<LLMRequest> = {}, options?: StructuredOptions): LLMRequest | undefined => {
  const backend = scriptedBackend(['{"a":"x"}']);
  collect(generateStructured(backend, { ...request, ...given }, codec, options));
  return backend.requests[0];
};

describe('generateStructured', () => {
  const pieces = { '{': text('{'), k: text('"a":'), q: text('"'), x: text('x'), y: text('y'), e: text('"}') };

  it('gives text while it forms and the value when the backend completes', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('   -{-k-q-x-y-e-|', pieces);
      const expected = '      -------x-y---(v|)';
      const signals = { x: token('x'), y: token('y'), v: value('xy') };
      expectObservable(generateStructured({ stream: () => answer }, request, Verdict)).toBe(expected, signals);
      expectSubscriptions(answer.subscriptions).toBe('^------------!');
    }));

  it('asks again with what was wrong, under the next attempt', () =>
    agentMarbles(({ expectObservable, flush }) => {
      const backend = scriptedBackend([
        { marbles: '-w-u-|', values: { w: '{"a":"x","a":5}', u: { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } } } },
        { marbles: '-r|', values: { r: '{"a":"y"}' } },
      ]);
      const expected = '-x-u--y(v|)';
      expectObservable(generateStructured(backend, request, Verdict)).toBe(expected, {
        x: token('x'),
        u: { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
        y: token('y', 2),
        v: value('y'),
      });
      flush();
      expect(backend.requests[1]?.messages.slice(0, 2)).to.deep.equal([
        ...request.messages,
        { role: 'assistant', content: '{"a":"x","a":5}' },
      ]);
      expect(backend.requests[1]?.messages[2]?.content).to.include('/a: expected string, got 5');
      backend.verify();
    }));

  it('asks for nothing more where its subscriber leaves at what was held back to the end', () => {
    let requests = 0;
    const backend: LLMBackend = {
      stream: () => {
        requests += 1;
        return from([text('<think>Hm'), text('</thi')]);
      },
    };
    const heard: unknown[] = [];
    generateStructured(backend, request, Verdict)
      .pipe(take(2))
      .subscribe((signal) => heard.push('token' in signal ? signal.token : signal));
    expect(heard).to.deep.equal(['Hm', '</thi']);
    expect(requests).to.equal(1);
  });

  it('fails when no repair is left, with the last answer and what was wrong with it', () =>
    agentMarbles(({ flush }) => {
      const backend = scriptedBackend(['{"a":1}', '{"a":2}', 'No.']);
      const { signals, error } = collect(generateStructured(backend, request, Verdict, { repairs: 2 }));
      flush();
      expect(signals).to.deep.equal([]);
      expect(error).to.be.instanceOf(StructuredOutputError);
      expect(error).to.deep.include({ issues: ['there is no JSON object in the answer'], received: 'No.', isRetryable: true });
      expect(error).to.have.property(
        'message',
        "The model's answer does not decode, though it was asked for again 2 times: there is no JSON object in the answer",
      );
      expect(backend.requests[2]?.messages.map(({ role }) => role)).to.deep.equal(['user', 'assistant', 'user', 'assistant', 'user']);
      backend.verify();
    }));

  it('repairs once by default and never where that is asked', () => {
    const once = scriptedBackend(['No.', 'No.']);
    expect(collect(generateStructured(once, request, Verdict)).error).to.be.instanceOf(StructuredOutputError);
    once.verify();
    const never = scriptedBackend(['No.']);
    expect(collect(generateStructured(never, request, Verdict, { repairs: 0 })).error).to.have.property(
      'message',
      "The model's answer does not decode: there is no JSON object in the answer",
    );
  });

  it('counts attempts on over restarts, false starts and repairs', () => {
    const backend = scriptedBackend([[text('{"a":"w" oops {"a":"x"'), { type: 'restart' }, text('{"a":"y"')], '{"a":"z"}']);
    expect(collect(generateStructured(backend, request, Verdict)).signals).to.deep.equal([
      token('w', 1),
      token('x', 2),
      token('y', 3),
      token('z', 4),
      value('z'),
    ]);
  });

  it('takes back by an empty token what a refused answer said, where the next one says nothing', () => {
    const Count = objectCodec('Count', { n: t.number });
    expect(collect(generateStructured(scriptedBackend(['{"n":"five"}', '{"n":5}']), request, Count)).signals).to.deep.equal([
      { type: 'token', token: 'five', channel: 'n', attempt: 1 },
      { type: 'token', token: '', channel: 'n', attempt: 2 },
      { type: 'value', value: { n: 5 } },
    ]);
    const twice = scriptedBackend(['{"n":"five"}', 'No.', '{"n":5}']);
    expect(collect(generateStructured(twice, request, Count, { repairs: 2 })).signals.slice(0, -1)).to.deep.equal([
      { type: 'token', token: 'five', channel: 'n', attempt: 1 },
      { type: 'token', token: '', channel: 'n', attempt: 3 },
    ]);
  });

  it('emits the tokens of the chosen channels alone, beside the reasoning', () => {
    const Pair = objectCodec('Pair', { a: t.string, b: t.string });
    const backend = scriptedBackend([[{ type: 'reasoning', text: 'hm' }, text('{"b":"y","a":"x"}')]]);
    expect(collect(generateStructured(backend, request, Pair, { channels: ['a'] })).signals).to.deep.equal([
      { type: 'token', token: 'hm', channel: 'reasoning', attempt: 1 },
      token('x'),
      { type: 'value', value: { a: 'x', b: 'y' } },
    ]);
  });

  it('refuses at the call a number of repairs that makes no sense, and bears the most that there may be', () => {
    for (const repairs of [Number.NaN, -1, 0.5, 101, Number.POSITIVE_INFINITY]) {
      expect(() => generateStructured(scriptedBackend([]), request, Verdict, { repairs })).to.throw(
        ContractError,
        `from 0 to 100, not ${repairs}`,
      );
    }
    let asked = 0;
    const stubborn: LLMBackend = {
      stream: () => {
        asked += 1;
        return of(text('No.'));
      },
    };
    expect(collect(generateStructured(stubborn, request, Verdict, { repairs: 100 })).error).to.be.instanceOf(StructuredOutputError);
    expect(asked).to.equal(101);
  });

  it('names at most twelve faults in its message, and leaves no credential in the error', () => {
    const many = t.type(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, t.number])));
    const { error } = collect(generateStructured(scriptedBackend(['{"f0":"sk-abcdefghijklmnop"}']), request, many, { repairs: 0 }));
    expect(error)
      .to.have.property('message')
      .that.matches(/\/f11: expected number, got nothing; and 8 more$/);
    expect(error).to.have.property('issues').that.has.length(20);
    expect(JSON.stringify(error)).not.to.include('abcdefghijklmnop');
    expect(error).to.have.property('received').that.does.not.include('abcdefghijklmnop');
    expect(error).to.have.property('message').that.does.not.include('abcdefghijklmnop');
  });

  it('drops keys __proto__, which would pass a codec by', () => {
    const NumberFromString = new t.Type<number, string>(
      'NumberFromString',
      t.number.is,
      (input, context) => (typeof input === 'string' ? t.success(Number(input)) : t.failure(input, context)),
      String,
    );
    const Order = t.intersection([t.type({ id: NumberFromString }), t.partial({ isAdmin: t.literal(false) })]);
    for (const key of ['__proto__', String.raw`\u005f_proto__`]) {
      const answer = `{"id":"7","${key}":{"isAdmin":true},"more":[{"${key}":{"deep":true}}]}`;
      const [last] = collect(generateStructured(scriptedBackend([answer]), request, Order)).signals.slice(-1);
      expect(last).to.have.nested.property('value.id', 7);
      expect(last?.type === 'value' && 'isAdmin' in last.value).to.equal(false);
    }
  });

  it('says where an answer was cut off', () => {
    const cutOff = [text('{"a":"x'), { type: 'finish', reason: 'length' }] satisfies LLMChunk[];
    const backend = scriptedBackend([cutOff, cutOff]);
    const { error } = collect(generateStructured(backend, { ...request, maxTokens: 7 }, Verdict));
    expect(error).to.have.property('message').that.includes('cut off at its limit of 7 tokens');
    expect(backend.requests[1]?.messages.at(-1)?.content).to.include('cut off at its limit of 7 tokens');
  });

  it('fails with an error of the backend as it is, even after a whole value', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const error = new Error('cut');
      const late = { stream: () => cold('-v-#', { v: text('{"a":"x"}') }, error) };
      expectObservable(generateStructured(late, request, Verdict)).toBe('-x-#', { x: token('x') }, error);
      const throwing: LLMBackend = {
        stream: () => {
          throw error;
        },
      };
      expectObservable(generateStructured(throwing, request, Verdict)).toBe('#', undefined, error);
      expectObservable(generateStructured({ stream: () => throwError(() => error) }, request, Verdict)).toBe('#', undefined, error);
    }));

  it('reaches the backend when it is left, in a repair too', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('-w|', { w: text('No.') });
      const second = cold('-{-k-q-x-', pieces);
      const answers = [first, second, first, second];
      const backend: LLMBackend = { stream: () => answers.shift() ?? EMPTY };
      const signal$ = generateStructured(backend, request, Verdict);
      expectObservable(signal$, '^---------!').toBe('---------x', { x: token('x', 2) });
      expectSubscriptions(first.subscriptions).toBe('^-!');
      expectSubscriptions(second.subscriptions).toBe('--^-------!');
    }));

  it('is cold: nothing is asked before a subscription, and each asks anew', () => {
    const backend = scriptedBackend(['{"a":"x"}', '{"a":"y"}']);
    const signal$ = generateStructured(backend, request, Verdict);
    expect(backend.requests).to.have.length(0);
    expect(collect(signal$).signals.at(-1)).to.deep.equal(value('x'));
    expect(collect(signal$).signals.at(-1)).to.deep.equal(value('y'));
  });

  it('asks at temperature 0.3 for 1024 tokens unless the request says otherwise', () => {
    expect(asked(Verdict)).to.deep.include({ temperature: 0.3, maxTokens: 1024 });
    expect(asked(Verdict, { temperature: null, maxTokens: 9 })).to.deep.include({ temperature: null, maxTokens: 9 });
  });

  it('asks for the schema of the codec, of the options or of the request', () => {
    const schema = { type: 'object' };
    expect(asked(Verdict)?.responseFormat).to.deep.equal({ name: 'Verdict', schema: jsonSchema(Verdict) });
    expect(asked(JsonRecord, {}, { schema, name: 'Any thing!' })?.responseFormat).to.deep.equal({ name: 'Any_thing_', schema });
    expect(asked(Verdict, { responseFormat: { name: 'mine', schema } })?.responseFormat).to.deep.equal({ name: 'mine', schema });
  });

  it('asks for no schema where there is none with an object at its root', () => {
    expect(asked(JsonRecord)).not.to.have.property('responseFormat');
    expect(asked(t.union([Verdict, t.type({ b: t.string })]))).not.to.have.property('responseFormat');
  });

  it('takes a value that strict mode filled with nulls', () => {
    const codec = objectCodec('Optional', { a: t.string }, { b: t.number });
    expect(collect(generateStructured(scriptedBackend(['{"a":"x","b":null}']), request, codec)).signals.at(-1)).to.deep.equal(value('x'));
  });

  it('is typed by its codec', () => {
    expectTypeOf(generateStructured(scriptedBackend([]), request, Verdict)).toEqualTypeOf<Observable<StructuredSignal<Verdict>>>();
  });

  it('reads an answer of 100 KB in pieces of four characters', () => {
    const a = 'He said: "look\\here" é😀\n'.repeat(4_000);
    const chunks = Array.from(JSON.stringify({ n: 1, deep: [{ a }], a }).match(/[^]{1,4}/g) ?? [], text);
    const { signals } = collect(generateStructured({ stream: () => from(chunks) }, request, Verdict));
    expect(signals.at(-1)).to.deep.equal(value(a));
    expect(signals.map((signal) => (signal.type === 'token' ? signal.token : '')).join('')).to.equal(a);
  });
});
