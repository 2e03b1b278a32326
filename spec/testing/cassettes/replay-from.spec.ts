import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { of, take, VirtualTimeScheduler } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../../lib/backend/backend.js';
import { CassetteError } from '../../../lib/errors/cassette-error.js';
import { recordTo } from '../../../lib/testing/cassettes/record-to.js';
import { replayFrom, type ReplayBackend, type ReplayFromConfig } from '../../../lib/testing/cassettes/replay-from.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import { asking, text } from './cassette-scenario.js';

const header = '{"type":"cassette","version":2}';

/** The lines of an exchange of texts, one a millisecond. */
const exchange = (id: number, request: LLMRequest, said: string, end: object = { how: 'complete' }): readonly string[] =>
  [
    { type: 'request', id, at: 0, hash: 'of another version', request },
    ...Array.from(said, (letter, index) => ({ type: 'chunk', id, at: index + 1, chunk: text(letter) })),
    { type: 'end', id, at: said.length + 1, ...end },
  ].map((line) => JSON.stringify(line));

/** A cassette of these questions with their answers. */
const cassetteOf = (...answers: readonly (readonly [question: string, said: string])[]): readonly string[] => [
  header,
  ...answers.flatMap(([question, said], index) => exchange(index + 1, asking(question), said)),
];

const atOnce = (cassette: readonly string[], options: ReplayFromConfig = {}): ReplayBackend =>
  replayFrom(cassette, { timing: 'none', ...options });

/** What an answer says and how it ends. */
const heard = (backend: LLMBackend, request: LLMRequest): string => {
  let told = '';
  backend.stream(request).subscribe({
    next: (chunk) => (told += chunk.type === 'text' ? chunk.text : `<${chunk.type}>`),
    error: (error: unknown) => (told += `# ${error instanceof Error ? error.message : String(error)}`),
    complete: () => (told += '|'),
  });
  return told;
};

const advice = 'Delete the cassette and record it again, match by order, or let redact take out what changes from run to run.';

const end = (how: string): string => JSON.stringify({ type: 'end', id: 1, at: 7, how });

const extended = (extra: number): LLMRequest => ({ ...asking('x'), extra }) as LLMRequest;

const story = (content: string): LLMRequest => ({
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content },
  ],
  temperature: 0.3,
});

const tools = (names: string): LLMRequest => ({
  ...asking('x'),
  tools: Array.from(names, (name) => ({ name, parameters: {} })),
});

/** The text of a cassette of these requests with their answers. */
const recordedOf = (...exchanges: readonly (readonly [LLMRequest, string])[]): string => {
  const lines: string[] = [];
  const said = exchanges.map(([, name]) => text(name)).values();
  const backend = recordTo((line) => lines.push(line))({ stream: () => of(said.next().value ?? text('')) });
  for (const [request] of exchanges) backend.stream(request).subscribe();
  return `${lines.join('\n')}\n`;
};

const unfit = (value: unknown): LLMRequest => ({ ...asking('x'), extra: value }) as LLMRequest;

const throwing = (): string => {
  throw new Error('the hook fell over');
};

describe('replayFrom', () => {
  const values = { a: text('a'), b: text('b') };
  const recording = [
    header,
    ...[
      { type: 'request', id: 1, at: 0, hash: '', request: asking('x') },
      { type: 'chunk', id: 1, at: 2, chunk: values.a },
      { type: 'chunk', id: 1, at: 5, chunk: values.b },
    ].map((line) => JSON.stringify(line)),
  ];
  it('plays an answer in the rhythm in which it came', () =>
    agentMarbles(({ expectObservable }) => {
      expectObservable(replayFrom([...recording, end('complete')]).stream(asking('x'))).toBe('--a--b-|', values);
      expectObservable(replayFrom([...recording, end('complete')]).stream(asking('x')), '---^').toBe('-----a--b-|', values);
    }));

  it('plays an answer at once where timing is none', () =>
    agentMarbles(({ expectObservable }) => {
      expectObservable(replayFrom([...recording, end('complete')], { timing: 'none' }).stream(asking('x'))).toBe('(ab|)', values);
    }));

  it('stays open where the recorded answer was left', () =>
    agentMarbles(({ expectObservable }) => {
      const lines = [...recording, end('cancelled')];
      expectObservable(replayFrom(lines).stream(asking('x'))).toBe('--a--b---', values);
      expectObservable(replayFrom(lines, { timing: 'none' }).stream(asking('x'))).toBe('(ab)-', values);
    }));

  it('stops when it is left, and counts the answer as used', () =>
    agentMarbles(({ expectObservable, flush }) => {
      const backend = replayFrom([...recording, end('complete')]);
      expectObservable(backend.stream(asking('x')), '^---!').toBe('--a', values);
      flush();
      backend.verify();
    }));

  it('runs on the scheduler it is given, and leaves nothing on it when it is left', () => {
    const scheduler = new VirtualTimeScheduler();
    const times: number[] = [];
    const backend = replayFrom([...recording, end('complete')], { scheduler });
    backend.stream(asking('x')).subscribe(() => times.push(scheduler.now()));
    scheduler.flush();
    expect(times).to.deep.equal([2, 5]);
    const other = replayFrom([...recording, end('complete')], { scheduler })
      .stream(asking('x'))
      .subscribe();
    other.unsubscribe();
    expect(scheduler.actions.filter(({ closed }) => !closed)).to.deep.equal([]);
  });

  it('makes up for a chunk that was late, so that nothing drifts', () => {
    const scheduler = new VirtualTimeScheduler();
    let late = 0;
    scheduler.now = () => scheduler.frame + late;
    const frames: number[] = [];
    replayFrom(cassetteOf(['x', 'abcd']), { scheduler })
      .stream(asking('x'))
      .subscribe(() => {
        frames.push(scheduler.frame);
        if (frames.length === 1) late = 2;
      });
    scheduler.flush();
    expect(frames).to.deep.equal([1, 1, 1, 2]);
  });

  it('plays thirty thousand chunks that are due at once', () => {
    const many = cassetteOf(['x', 'a'.repeat(30_000)]);
    let count = 0;
    atOnce(many)
      .stream(asking('x'))
      .subscribe(() => (count += 1));
    expect(count).to.equal(30_000);
    let left = 0;
    atOnce(many)
      .stream(asking('x'))
      .pipe(take(3))
      .subscribe(() => (left += 1));
    expect(left).to.equal(3);
  });

  it('is cold: nothing is asked before a subscription, and each takes an answer', () => {
    const backend = atOnce(cassetteOf(['x', 'first'], ['x', 'second']));
    const answer$ = backend.stream(asking('x'));
    expect(backend.requests).to.deep.equal([]);
    const told: LLMChunk[] = [];
    answer$.subscribe((chunk) => told.push(chunk));
    answer$.subscribe((chunk) => told.push(chunk));
    expect(told.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')).to.equal('firstsecond');
  });

  it('keeps the requests as frozen copies, those without an answer too', () => {
    const backend = atOnce(cassetteOf());
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    backend.stream({ messages }).subscribe({ error: () => undefined });
    messages.push({ role: 'user', content: 'later' });
    expect(backend.requests).to.deep.equal([asking('Hello')]);
    expect([backend.requests[0], backend.requests[0]?.messages[0]].every(Object.isFrozen)).to.equal(true);
  });

  describe('by what is asked', () => {
    it('finds the answer whatever the order of requests and of keys, and whatever the file says of hashes', () => {
      const request: LLMRequest = { messages: [{ role: 'user', content: 'x' }], temperature: 0, maxTokens: 5 };
      const backend = atOnce([header, ...exchange(1, request, 'a'), ...exchange(2, asking('x'), 'b')]);
      expect(heard(backend, asking('x'))).to.equal('b|');
      expect(heard(backend, { maxTokens: 5, temperature: 0, messages: [{ content: 'x', role: 'user' }] })).to.equal('a|');
      backend.verify();
    });

    it('takes what is left out and what is undefined for the same', () => {
      const request = { ...asking('x'), stop: undefined } as unknown as LLMRequest;
      expect(heard(atOnce(cassetteOf(['x', 'a'])), request)).to.equal('a|');
    });

    it('compares what it does not know too', () => {
      const lines: string[] = [];
      const backend = recordTo((line) => lines.push(line))({ stream: () => of(text('a')) });
      backend.stream(extended(1)).subscribe();
      expect(heard(atOnce(lines), extended(1))).to.equal('a|');
      expect(heard(atOnce(lines), extended(2))).to.include('/extra: recorded 1, asked 2');
    });

    it('gives the answers to the same request in the order of asking', () => {
      const backend = atOnce([header, ...exchange(2, asking('x'), 'second'), ...exchange(1, asking('x'), 'first')]);
      expect([heard(backend, asking('x')), heard(backend, asking('x'))]).to.deep.equal(['first|', 'second|']);
    });

    it('fails where the answers to a request are used up', () => {
      const backend = atOnce(cassetteOf(['x', 'a'], ['y', 'b'], ['x', 'c']));
      heard(backend, asking('x'));
      heard(backend, asking('x'));
      expect(heard(backend, asking('x'))).to.equal(
        '# Request 3 was recorded 2 times, as exchange 1 (line 2) and exchange 3 (line 8), and is asked once more. Delete the cassette and record it again, or ask it less often.',
      );
    });

    it('says how a request differs from the nearest one recorded, and what to do', () => {
      const backend = atOnce([
        header,
        ...exchange(1, asking('Hello'), 'a'),
        ...exchange(2, story('The state is: the door is open'), 'b'),
        ...exchange(3, story('x'), 'c'),
      ]);
      const errors: unknown[] = [];
      const asked = { ...story('The state is: the door is shut'), temperature: 0.3, maxTokens: 5 };
      backend.stream(asked).subscribe({ error: (error: unknown) => errors.push(error) });
      expect(errors[0]).to.be.instanceOf(CassetteError);
      expect(errors[0])
        .to.have.property('message')
        .that.equals(
          [
            'Request 1 is not in the cassette. It is nearest to exchange 2 (line 5), but for 2 differences:',
            '  /messages/1/content: recorded "…ate is: the door is open", asked "…ate is: the door is shut"',
            '  /maxTokens: recorded nothing, asked 5',
            advice,
          ].join('\n'),
        );
    });

    it('says no more than five differences', () => {
      const message = heard(atOnce([header, ...exchange(1, tools('abcdefg'), 'a')]), tools('ABCDEFG'));
      expect(message.split('\n')).to.have.length(8);
      expect(message).to.include('but for 7 differences').and.include('/tools/4/name').and.include('\n  and 2 more\n');
      expect(message).not.to.include('/tools/5');
    });

    it('names of as many differences an answer that is not used yet, then the one whose text is most alike', () => {
      const backend = atOnce(cassetteOf(['The door was red.', 'a'], ['A window', 'b'], ['The door is open.', 'c']));
      expect(heard(backend, asking('The door is shut.'))).to.include('nearest to exchange 3 (line 8)');
      heard(backend, asking('The door is open.'));
      expect(heard(backend, asking('The door is shut.'))).to.include('nearest to exchange 1 (line 2)');
      heard(backend, asking('The door was red.'));
      expect(heard(backend, asking('The door is shut.'))).to.include('nearest to exchange 2 (line 5)');
    });

    it('says so where the cassette is empty', () => {
      expect(heard(atOnce([]), asking('x'))).to.equal(
        '# Request 1 is not in the cassette, which holds no exchange. Delete the cassette and record it again.',
      );
    });
  });

  describe('where the redaction makes several requests the same', () => {
    const [one, other] = [asking('Whose key is sk-aaaaaaaa1111?'), asking('Whose key is sk-bbbbbbbb2222?')];
    const third = asking('Whose key is sk-cccccccc3333?');
    it('gives each its own answer, whatever the order, and holds no key', () => {
      const cassette = recordedOf([one, 'ALICE'], [other, 'BOB']);
      expect(cassette).not.to.match(/aaaa|bbbb/);
      const backend = replayFrom(cassette, { timing: 'none' });
      expect(heard(backend, other)).to.equal('BOB|');
      expect(() => backend.verify()).to.throw(CassetteError, '1 of the 2 exchanges of the cassette was never asked for: exchange 1');
      expect(heard(backend, one)).to.equal('ALICE|');
      backend.verify();
    });

    it('does not give the answer to another where those to it are used up', () => {
      const backend = replayFrom(recordedOf([one, 'ALICE'], [other, 'BOB'], [other, 'BOBBY']), { timing: 'none' });
      expect([heard(backend, other), heard(backend, other)]).to.deep.equal(['BOB|', 'BOBBY|']);
      expect(heard(backend, other)).to.include('# Request 3 was recorded 2 times, as exchange 2 (line 5) and exchange 3 (line 8)');
    });

    it('gives the answers in the order of recording to a request of no such hash', () => {
      const edited = recordedOf([one, 'ALICE'], [other, 'BOB']).replaceAll(/"hash":"\w+",/g, '');
      for (const cassette of [recordedOf([one, 'ALICE'], [other, 'BOB']), edited]) {
        const backend = replayFrom(cassette, { timing: 'none' });
        expect([heard(backend, third), heard(backend, third)]).to.deep.equal(['ALICE|', 'BOB|']);
      }
    });

    it('replaces the answers of earlier sections by those of the newest that has the request', () => {
      const cassette = recordedOf([one, 'ALICE'], [other, 'BOB'], [asking('x'), 'x']) + recordedOf([one, 'ANNA'], [other, 'BERT']);
      const backend = replayFrom(cassette, { timing: 'none' });
      expect([heard(backend, other), heard(backend, third), heard(backend, asking('x'))]).to.deep.equal(['BERT|', 'ANNA|', 'x|']);
      backend.verify();
      expect(heard(backend, one)).to.include('was recorded 1 time, as exchange 4 (line 12), and is asked once more. Delete the cassette');
    });
  });

  it('gives the answers of all sections by order', () => {
    const backend = atOnce([...cassetteOf(['x', 'old']), ...cassetteOf(['x', 'new'])], { match: 'order' });
    expect([heard(backend, asking('x')), heard(backend, asking('x'))]).to.deep.equal(['old|', 'new|']);
    backend.verify();
  });

  describe('where a request cannot be read', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const cases: readonly (readonly [what: string, request: LLMRequest, options: ReplayFromConfig, message: string])[] = [
      ['for a BigInt', unfit(1n), {}, 'BigInt'],
      ['for a circle', unfit(circular), {}, 'Request 1 could not be read: '],
      [
        'as the hook throws',
        asking('x'),
        { redact: throwing },
        'Request 1 could not be read: the hook fell over. A request has to be JSON',
      ],
    ];
    for (const [what, request, options, message] of cases) {
      it(`fails ${what}, and is a miss`, () => {
        const backend = atOnce(cassetteOf(), options);
        const errors: unknown[] = [];
        backend.stream(request).subscribe({ error: (error: unknown) => errors.push(error) });
        expect(errors[0]).to.be.instanceOf(CassetteError).with.property('message').that.includes(message);
        expect(() => backend.verify()).to.throw(CassetteError, /^1 request of 1 found no answer in the cassette\.\nRequest 1 could not/);
      });
    }
  });

  it('redacts what was recorded when it is first compared, and never by order', () => {
    let calls = 0;
    const redact = (said: string): string => {
      calls += 1;
      return said;
    };
    atOnce(cassetteOf(['x', 'a']), { redact });
    const byOrder = atOnce(cassetteOf(['x', 'a']), { redact, match: 'order' });
    expect(heard(byOrder, asking('x'))).to.equal('a|');
    byOrder.verify();
    expect(calls).to.equal(0);
  });

  describe('by order', () => {
    it('gives the n-th request the n-th answer, whatever it asks', () => {
      const backend = atOnce(cassetteOf(['x', 'a'], ['y', 'b']), { match: 'order' });
      expect([heard(backend, asking('other')), heard(backend, asking('x'))]).to.deep.equal(['a|', 'b|']);
      backend.verify();
      expect(heard(backend, asking('y'))).to.equal(
        '# Request 3 was not expected: the cassette holds 2 exchanges. Delete the cassette and record it again.',
      );
    });
  });

  describe('verify', () => {
    it('names the answers that were never asked for', () => {
      const backend = atOnce(cassetteOf(['one', 'a'], ['two', 'b'], [`three${'!'.repeat(60)}`, 'c']));
      const three = `exchange 3 (line 8), "three${'!'.repeat(55)}…".`;
      heard(backend, asking('two'));
      expect(() => backend.verify()).to.throw(
        CassetteError,
        `2 of the 3 exchanges of the cassette were never asked for: exchange 1 (line 2), "one"; ${three}`,
      );
      heard(backend, asking('one'));
      expect(() => backend.verify()).to.throw(CassetteError, `1 of the 3 exchanges of the cassette was never asked for: ${three}`);
    });

    it('names the requests that found no answer', () => {
      const backend = atOnce(cassetteOf(['one', 'a']));
      heard(backend, asking('one'));
      heard(backend, asking('one'));
      heard(backend, asking('two'));
      expect(() => backend.verify()).to.throw(
        CassetteError,
        /^2 requests of 3 found no answer in the cassette\.\nRequest 2 was recorded 1 time, [^\n]*\nRequest 3 is not in the cassette\./,
      );
    });

    it('names five of each and says how many more', () => {
      const backend = atOnce(cassetteOf(...Array.from('abcdefg', (letter) => ['same', letter] as const)));
      expect(() => backend.verify()).to.throw(/exchange 5 \(line 14\), "same"; and 2 more\.$/);
      for (let count = 0; count < 14; count += 1) heard(backend, asking('same'));
      expect(() => backend.verify()).to.throw(/^7 requests of 14 found no answer[^]*\nRequest 12 [^\n]*\nand 2 more$/);
      expect(() => backend.verify()).to.throw(
        /Request 8 was recorded 7 times, as [^\n]*, exchange 5 \(line 14\), and 2 more, and is asked once more/,
      );
    });

    it('says nothing where all was asked for', () => {
      const backend = atOnce(cassetteOf(['one', 'a']));
      heard(backend, asking('one'));
      expect(() => backend.verify()).not.to.throw();
    });
  });

  it('refuses what it cannot read when it is made', () => {
    expect(() => replayFrom('{"type":"cassette","version":9}')).to.throw(CassetteError, 'version 9');
  });

  it('is a backend', () => {
    expectTypeOf(replayFrom).returns.toExtend<LLMBackend>();
  });
});
