import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { config, defer, from, NEVER, Observable, of, Subject, take, throwError, VirtualTimeScheduler } from 'rxjs';
import type { LLMBackend, LLMChunk } from '../../../lib/backend/backend.js';
import { scriptedBackend } from '../../../lib/backend/scripted-backend.js';
import type { MarbleAnswer } from '../../../lib/backend/script-step.js';
import { CassetteError } from '../../../lib/errors/cassette-error.js';
import { ServerError } from '../../../lib/errors/server-error.js';
import { readCassette } from '../../../lib/testing/cassettes/read-cassette.js';
import { recordTo } from '../../../lib/testing/cassettes/record-to.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import { asking, call, finish, playScenario, restart, scenarioBackend, text, usage } from './cassette-scenario.js';

const request = asking('Hello');
const error = new ServerError('down');

/** A backend that answers each request with the same. */
const answering = (answer$: Observable<LLMChunk>): LLMBackend => ({ stream: () => answer$ });

/** A recorder and its lines. */
const recorder = (options: Parameters<typeof recordTo>[1] = {}) => {
  const lines: string[] = [];
  return { lines, record: recordTo((line) => lines.push(line), options) };
};

/** What a line says, in short. */
const kindOf = (line: string): string => {
  const { type, id = '', how = '', at = '' } = JSON.parse(line) as Readonly<Record<string, string | number>>;
  return [type, id, at, how].filter((word) => word !== '').join(' ');
};

const errorsOf = (answer$: Observable<unknown>): readonly unknown[] => {
  const errors: unknown[] = [];
  answer$.subscribe({ error: (failure: unknown) => errors.push(failure) });
  return errors;
};

/** What is reported as unhandled while `act` runs, in virtual time as RxJS's own timeouts are there. */
const unhandledIn = (act: () => void): readonly unknown[] => {
  const unhandled: unknown[] = [];
  config.onUnhandledError = (failure) => unhandled.push(failure);
  try {
    agentMarbles(act);
  } finally {
    config.onUnhandledError = null;
  }
  return unhandled;
};

describe('recordTo', () => {
  const values = { a: text('a'), b: text('b'), u: usage, c: call, r: restart, f: finish };
  const shapes: readonly (readonly [answer: string, left: string | undefined, heard: string, subs: string])[] = [
    ['--a--b-|', undefined, '--a--b-|', '^------!'],
    ['(abuf|) ', undefined, '(abuf|) ', '(^!)'],
    ['-a-r-b(f|)', undefined, '-a-r-b(f|)', '^-----!'],
    ['a-c|', undefined, 'a-c|', '^--!'],
    ['|', undefined, '|', '(^!)'],
    ['#', undefined, '#', '(^!)'],
    ['-a-#', undefined, '-a-#', '^--!'],
    ['-----', '^---!', '-----', '^---!'],
    ['-a-b-|', '^-!', '-a', '^-!'],
    ['-a--b|', '^--!', '-a--', '^--!'],
  ];
  for (const [answer, left, heard, subs] of shapes) {
    it(`passes ${answer.trim()} through as it is${left === undefined ? '' : `, left at ${left}`}`, () =>
      agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const answer$ = cold<LLMChunk>(answer, values, error);
        const { record } = recorder();
        expectObservable(record(answering(answer$)).stream(request), left).toBe(heard, values, error);
        expectSubscriptions(answer$.subscriptions).toBe(subs);
      }));
  }

  it('writes an exchange when it ends, in one go', () =>
    agentMarbles(({ cold, expectObservable, flush }) => {
      const { lines, record } = recorder();
      const answer$ = cold<LLMChunk>('--a--b-|', values);
      expectObservable(record(answering(answer$)).stream(request)).toBe('--a--b-|', values);
      cold('------a|').subscribe(() => {
        expect(lines).to.deep.equal([]);
      });
      flush();
      expect(lines.map(kindOf)).to.deep.equal(['cassette', 'request 1 0', 'chunk 1 2', 'chunk 1 5', 'end 1 7 complete']);
    }));

  it('writes version 2, byte by byte', () =>
    agentMarbles(({ flush }) => {
      const { lines, record } = recorder();
      playScenario(record(scenarioBackend()));
      flush();
      expect(lines.map((line) => `${line}\n`).join('')).to.equal(readFileSync('spec/support/fixtures/cassette-v2.jsonl', 'utf8'));
    }));

  it('is cold: a subscription is one request and one exchange', () => {
    let asked = 0;
    const { lines, record } = recorder();
    const backend = record({
      stream: () =>
        defer(() => {
          asked += 1;
          return of(text(`answer ${asked}`));
        }),
    });
    const answer$ = backend.stream(request);
    expect([asked, lines.length]).to.deep.equal([0, 0]);
    answer$.subscribe();
    answer$.subscribe();
    expect(asked).to.equal(2);
    expect(readCassette(lines).map(({ chunks }) => chunks[0]?.chunk)).to.deep.equal([text('answer 1'), text('answer 2')]);
  });

  it('asks the backend at each subscription, and records what it throws', () => {
    const { lines, record } = recorder({ scheduler: new VirtualTimeScheduler() });
    const backend = record({
      stream: () => {
        throw error;
      },
    });
    expect(errorsOf(backend.stream(request))).to.deep.equal([error]);
    expect(readCassette(lines)[0]?.end).to.deep.include({ how: 'error', at: 0 });
  });

  it('keeps exchanges side by side apart, of one backend or of several', () => {
    const { lines, record } = recorder({ scheduler: new VirtualTimeScheduler() });
    const [one$, other$] = [new Subject<LLMChunk>(), new Subject<LLMChunk>()];
    record(answering(one$)).stream(asking('one')).subscribe();
    record(answering(other$)).stream(asking('other')).subscribe();
    one$.next(text('1'));
    other$.next(text('2'));
    one$.next(text('3'));
    other$.complete();
    one$.complete();
    const [one, other] = [
      ['request 1 0', 'chunk 1 0', 'chunk 1 0', 'end 1 0 complete'],
      ['request 2 0', 'chunk 2 0', 'end 2 0 complete'],
    ];
    expect(lines.map(kindOf)).to.deep.equal(['cassette', ...other, ...one]);
    expect(readCassette(lines).map(({ chunks }) => chunks.map(({ chunk }) => chunk))).to.deep.equal([[text('1'), text('3')], [text('2')]]);
  });

  it('writes an answer that is left before unsubscribe returns, after it has let go of the backend', () => {
    const happened: string[] = [];
    const backend = recordTo((line) => happened.push(kindOf(line)))(
      answering(
        new Observable((subscriber) => {
          subscriber.next(text('a'));
          return () => happened.push('released');
        }),
      ),
    );
    const subscription = backend.stream(request).subscribe();
    subscription.unsubscribe();
    expect(happened.map((kind) => kind.replaceAll(/ \d+/g, ''))).to.deep.equal([
      'released',
      'cassette',
      'request',
      'chunk',
      'end cancelled',
    ]);
    subscription.unsubscribe();
    expect(happened).to.have.length(5);
  });

  it('stops a burst when it is left within it', () => {
    const { lines, record } = recorder();
    let produced = 0;
    const burst$ = new Observable<LLMChunk>((subscriber) => {
      for (; produced < 1000 && !subscriber.closed; produced += 1) subscriber.next(text('x'));
    });
    record(answering(burst$)).stream(request).pipe(take(2)).subscribe();
    expect(produced).to.equal(2);
    expect(lines.map((line) => kindOf(line).split(' ')[0])).to.deep.equal(['cassette', 'request', 'chunk', 'chunk', 'end']);
  });

  it('writes what was asked and said, whatever is done to it later', () => {
    const { lines, record } = recorder();
    const answer$ = new Subject<LLMChunk>();
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const params = { door: 'red' };
    record(answering(answer$)).stream({ messages }).subscribe();
    answer$.next({ type: 'tool_call', id: 'c', name: 'open', params });
    messages.push({ role: 'user', content: 'later' });
    params.door = 'green';
    answer$.complete();
    const [exchange] = readCassette(lines);
    expect(exchange?.request).to.deep.equal(request);
    expect(exchange?.chunks[0]?.chunk).to.have.deep.property('params', { door: 'red' });
  });

  it('tells the time by its scheduler, of a request since the first one, and never backwards', () => {
    const scheduler = new VirtualTimeScheduler();
    let now = 1000;
    scheduler.now = () => now;
    const { lines, record } = recorder({ scheduler });
    const answer$ = new Subject<LLMChunk>();
    const backend = record(answering(answer$));
    backend.stream(request).pipe(take(1)).subscribe();
    now = 1040;
    answer$.next(text('a'));
    now = 1100;
    backend.stream(request).subscribe();
    for (now of [1107, 1103, 1120]) answer$.next(text('b'));
    now = 1090;
    answer$.complete();
    expect(lines.map(kindOf)).to.deep.equal(
      'cassette,request 1 0,chunk 1 40,end 1 40 cancelled,request 2 100,chunk 2 7,chunk 2 7,chunk 2 20,end 2 20 complete'.split(','),
    );
  });

  it('writes each text in one line for every reader of lines', () => {
    const { lines, record } = recorder();
    const odd = 'a\nb\rc\u2028d\u2029e\u0085f\ud83d';
    record(answering(of(text(odd))))
      .stream(asking(odd))
      .subscribe();
    expect(lines.join('')).not.to.match(/[\n\r\u2028\u2029\u0085]/);
    const [exchange] = readCassette(lines);
    expect(exchange?.request).to.deep.equal(asking(odd));
    expect(exchange?.chunks[0]?.chunk).to.deep.equal(text(odd));
  });

  describe('where the recording fails', () => {
    const full = new Error('the disk is full');
    const failing = recordTo(() => {
      throw full;
    });

    it('fails an answer that completes, with the cause', () => {
      const chunks: LLMChunk[] = [];
      const errors: unknown[] = [];
      failing(answering(from([text('a')])))
        .stream(request)
        .subscribe({ next: (chunk) => chunks.push(chunk), error: (failure: unknown) => errors.push(failure) });
      expect(chunks).to.deep.equal([text('a')]);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.be.instanceOf(CassetteError).with.property('message', 'The exchange could not be recorded: the disk is full');
      expect(errors[0]).to.have.nested.property('cause.message', 'the disk is full');
    });

    it('fails an answer that fails, and loses neither error', () => {
      const [failure] = errorsOf(failing(answering(throwError(() => error))).stream(request));
      expect(failure)
        .to.be.instanceOf(CassetteError)
        .with.property('message', 'The exchange could not be recorded: the disk is full The answer itself had failed: down');
      const { cause } = failure as { readonly cause: { readonly errors: readonly Error[] } };
      expect(cause.errors.map(({ message }) => message)).to.deep.equal(['the disk is full', 'down']);
    });

    it('reports what nobody is left to hear as unhandled', () => {
      const unhandled = unhandledIn(() => {
        failing(answering(NEVER)).stream(request).subscribe().unsubscribe();
      });
      expect(unhandled).to.have.length(1);
      expect(unhandled[0]).to.be.instanceOf(CassetteError).with.nested.property('cause.message', 'the disk is full');
    });

    it('reports nothing where all is well', () => {
      const { record } = recorder();
      const unhandled = unhandledIn(() => {
        record(answering(NEVER)).stream(request).subscribe().unsubscribe();
        record(answering(of(text('a'))))
          .stream(request)
          .subscribe();
      });
      expect(unhandled).to.deep.equal([]);
    });

    it('writes the header again that could not be written', () => {
      const lines: string[] = [];
      let broken = true;
      const backend = recordTo((line) => {
        if (broken) throw full;
        lines.push(line);
      })(answering(of(text('a'))));
      expect(errorsOf(backend.stream(request))).to.have.length(1);
      broken = false;
      expect(errorsOf(backend.stream(request))).to.deep.equal([]);
      expect(readCassette(lines)).to.have.length(1);
    });

    it('leaves out what the sink failed in, wherever it did, and goes on', () => {
      const pieces = [(line: string) => line, (line: string) => line.slice(0, -5), (line: string) => line.slice(0, 3), () => ''];
      for (const failing of [5, 6, 7]) {
        for (const [index, piece] of pieces.entries()) {
          let [file, calls] = ['', 0];
          const backend = recordTo((line) => {
            calls += 1;
            file += calls === failing ? piece(line) : `${line}\n`;
            if (calls === failing) throw full;
          })(answering(of(text('a'))));
          backend.stream(asking('one')).subscribe();
          expect(errorsOf(backend.stream(asking('two')))).to.have.length(1);
          backend.stream(asking('three')).subscribe();
          // Its last line was written whole, before the sink failed.
          const two = failing === 7 && index === 0 ? ['two'] : [];
          const asked = readCassette(file).map(({ request: { messages } }) => messages[0]?.content);
          expect(asked, `${failing} ${index}`).to.deep.equal(['one', ...two, 'three']);
        }
      }
    });

    it('refuses a sink that gives a promise', () => {
      const written: string[] = [];
      const sink = (line: string): unknown => Promise.resolve(written.push(line));
      const backend = recordTo(sink)(answering(of(text('a'))));
      const [failure] = errorsOf(backend.stream(request));
      expect(failure)
        .to.be.instanceOf(CassetteError)
        .with.property('message')
        .that.includes('the sink gave a promise, and has to be done with a line when it returns');
    });

    it('does not ask where a number of the request is none that JSON has', () => {
      const { lines, record } = recorder();
      let asked = 0;
      const chunks: LLMChunk[] = [];
      const errors: unknown[] = [];
      record({
        stream: () => {
          asked += 1;
          return of(text('a'));
        },
      })
        .stream({ ...request, maxTokens: Infinity })
        .subscribe({ next: (chunk) => chunks.push(chunk), error: (failure: unknown) => errors.push(failure) });
      expect(errors[0]).to.be.instanceOf(CassetteError).with.property('message').that.includes('/request/maxTokens: expected number');
      expect([asked, chunks, lines]).to.deep.equal([0, [], []]);
      record(answering(of(text('a'))))
        .stream(request)
        .subscribe();
      expect(lines.map(kindOf)[1]).to.equal('request 1 0');
    });

    it('does not ask what it cannot write', () => {
      const { lines, record } = recorder();
      let asked = 0;
      const backend = record({
        stream: () => {
          asked += 1;
          return of(text('a'));
        },
      });
      const circular: { self?: unknown } = {};
      circular.self = circular;
      const [failure] = errorsOf(backend.stream({ ...request, responseFormat: { name: 'x', schema: circular as never } }));
      expect(failure).to.be.instanceOf(CassetteError).with.property('message').that.includes('circular');
      expect([asked, lines.length]).to.deep.equal([0, 0]);
    });

    const unfit: readonly (readonly [what: string, chunk: unknown, message: string])[] = [
      ['is not JSON', { type: 'tool_call', id: 'c', name: 'n', params: { big: 1n } }, 'BigInt'],
      ['is none', { type: 'picture' }, '/chunk/type: expected one of "text"'],
      [
        'holds numbers that JSON has not',
        { type: 'usage', usage: { inputTokens: Number.NaN, outputTokens: 1 } },
        '/chunk/usage/inputTokens',
      ],
    ];
    for (const [what, chunk, message] of unfit) {
      it(`fails at a chunk that ${what}, and writes nothing of the answer`, () => {
        const { lines, record } = recorder();
        const errors: unknown[] = [];
        const unhandled = unhandledIn(() => {
          errors.push(...errorsOf(record(answering(of(chunk as LLMChunk))).stream(request)));
        });
        expect(errors).to.have.length(1);
        expect(errors[0]).to.be.instanceOf(CassetteError).with.property('message').that.includes(message);
        expect([lines, unhandled]).to.deep.equal([[], []]);
      });
    }

    it('fails with what the hook throws', () => {
      const { lines, record } = recorder({
        redact: () => {
          throw full;
        },
      });
      const [failure] = errorsOf(record(answering(of(text('a')))).stream(request));
      expect(failure).to.be.instanceOf(CassetteError).with.nested.property('cause.message', 'the disk is full');
      expect(lines).to.deep.equal([]);
    });
  });

  it('plays the marbles of its steps, scripted and recorded, at the same times', () =>
    agentMarbles(({ expectObservable }) => {
      const step: MarbleAnswer = { marbles: '-a 20ms (bf|)', values };
      const { record } = recorder();
      expectObservable(record(scriptedBackend([step])).stream(request)).toEqual(scriptedBackend([step]).stream(request));
    }));
});
