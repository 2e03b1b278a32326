import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as fc from 'fast-check';
import { EMPTY, from, NEVER, Observable, of, Subject, tap, throwError } from 'rxjs';
import type { EventBufferConfig } from '../../lib/adapters/buffer-config.js';
import { toAsyncIterable } from '../../lib/adapters/to-async-iterable.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { BufferOverflowError } from '../../lib/errors/buffer-overflow-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { scriptedActor } from '../../lib/testing/scripts/scripted-actor.js';
import { actionOf, numbered, tokenOf } from '../support/events.js';
import { firehose, spoken } from '../support/hear-now.js';
import { orchestrate } from '../support/orchestrate.js';
import { aMacrotask, expectNoUnhandledRejection } from '../support/unhandled-rejections.js';

const ERROR = { whenFull: 'error' } as const;

/** An iterator, and `return` and `throw` are there. */
const iterate = <T>(iterable: AsyncIterable<T>): Required<AsyncIterator<T>> =>
  iterable[Symbol.asyncIterator]() as Required<AsyncIterator<T>>;

/** What it says when it is asked so often, one after the other. */
const ask = async <T>(iterator: AsyncIterator<T>, times: number): Promise<unknown[]> => {
  const said: unknown[] = [];
  for (let index = 0; index < times; index += 1) {
    said.push(
      await iterator.next().then(
        ({ done, value }): unknown => (done === true ? '|' : value),
        (error: unknown) => `# ${String(error)}`,
      ),
    );
  }
  return said;
};

/** An event in short: its token or its type. */
const short = (said: unknown): unknown => {
  if (typeof said !== 'object' || said === null) return said;
  const event = said as StreamEvent;
  return event.type === 'token' ? event.data.token : event.type;
};

/** What is said of events that have all been pushed before they were asked for: the first next() is under way by then. */
const sayAll = async (events: readonly StreamEvent[], config?: EventBufferConfig): Promise<unknown[]> => {
  const source = new Subject<StreamEvent>();
  const iterator = iterate(toAsyncIterable(source, config));
  const first = iterator.next();
  for (const event of events) source.next(event);
  source.complete();
  const { value } = await first;
  return [value, ...(await ask(iterator, events.length + 1))]
    .map(short)
    .filter((said, index, all) => said !== '|' || all[index - 1] !== '|');
};

/** What each unit of text belongs to, and the other events at their places. */
const flat = (events: readonly StreamEvent[]): string =>
  events
    .map((event) => {
      if (event.type !== 'token') return event.type;
      const { token, ...text } = event.data;
      return token.replaceAll(/./g, (unit) => `${JSON.stringify(text)}${unit},`);
    })
    .join('');

const X = actionOf('look', 1);
const t = (token: string): StreamEvent => tokenOf(token);

describe('toAsyncIterable', () => {
  it('gives the values and ends', async () => {
    const said: number[] = [];
    for await (const value of toAsyncIterable(of(1, 2, 3), ERROR)) said.push(value);
    expect(said).to.deep.equal([1, 2, 3]);
  });

  it('ends at once where there is nothing', async () => {
    expect(await ask(iterate(toAsyncIterable(EMPTY, ERROR)), 2)).to.deep.equal(['|', '|']);
  });

  it('subscribes at the first next() and not before, once an iteration', () => {
    let subscriptions = 0;
    const iterable = toAsyncIterable(
      new Observable(() => {
        subscriptions += 1;
      }),
      ERROR,
    );
    const [one, other] = [iterate(iterable), iterate(iterable)];
    expect(subscriptions).to.equal(0);
    void one.next();
    void one.next();
    expect(subscriptions).to.equal(1);
    void other.next();
    expect(subscriptions).to.equal(2);
  });

  it('answers those who ask at the same time in their order', async () => {
    const { source, speaker } = spoken<number>();
    const iterator = iterate(toAsyncIterable(source, ERROR));
    const asked = [iterator.next(), iterator.next(), iterator.next()];
    speaker().next(1);
    speaker().next(2);
    speaker().complete();
    expect(await Promise.all(asked)).to.deep.equal([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  it('keeps what comes until it is asked for', async () => {
    const { source, speaker } = spoken<number>();
    const iterator = iterate(toAsyncIterable(source, ERROR));
    const first = iterator.next();
    for (const value of [1, 2, 3]) speaker().next(value);
    speaker().complete();
    expect((await first).value).to.equal(1);
    expect(await ask(iterator, 3)).to.deep.equal([2, 3, '|']);
  });

  it("rejects with the source's error after what waits, once", async () => {
    const { source, speaker } = spoken<number>();
    const iterator = iterate(toAsyncIterable(source, ERROR));
    const first = iterator.next();
    speaker().next(1);
    speaker().next(2);
    speaker().error('down');
    await first;
    expect(await ask(iterator, 3)).to.deep.equal([2, '# down', '|']);
  });

  it('rejects the first of those who ask at the same time, and is done for the others', async () => {
    const { source, speaker } = spoken<number>();
    const iterator = iterate(toAsyncIterable(source, ERROR));
    const asked = Promise.allSettled([iterator.next(), iterator.next()]);
    speaker().error('down');
    expect((await asked).map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled']);
  });

  for (const leave of ['return', 'throw'] as const) {
    it(`leaves the source at ${leave}() before that returns, and is done for who asks`, async () => {
      const { source, isHeld } = spoken<number>();
      const iterator = iterate(toAsyncIterable(source, ERROR));
      const asked = [iterator.next(), iterator.next()];
      const left = leave === 'return' ? iterator.return() : iterator.throw('why');
      expect(isHeld()).to.equal(false);
      expect(await left.catch((error: unknown) => error)).to.deep.equal(leave === 'return' ? { done: true, value: undefined } : 'why');
      expect((await Promise.all(asked)).map(({ done }) => done)).to.deep.equal([true, true]);
      expect(await ask(iterator, 1)).to.deep.equal(['|']);
    });
  }

  it('tells whoever waits for the end of a source that cannot be let go of, and answers all who ask', async () => {
    const stuck = new Observable<number>(() => () => {
      throw new Error('stuck');
    });
    for (const leave of ['return', 'throw'] as const) {
      const iterator = iterate(toAsyncIterable(stuck, ERROR));
      const asked = ask(iterator, 1);
      const left = leave === 'return' ? iterator.return() : iterator.throw('why');
      expect(await left.catch(String), leave).to.match(/stuck/);
      expect(await asked).to.deep.equal(['|']);
    }
    await expectNoUnhandledRejection(async () => {
      const iterator = iterate(toAsyncIterable(stuck, ERROR));
      void iterator.next();
      void iterator.return();
      await aMacrotask();
    });
  });

  it('leaves the source at a break and at what the loop throws, and drops what waits', async () => {
    for (const isThrown of [false, true]) {
      const { source, speaker, isHeld } = spoken<number>();
      const loop = async (): Promise<void> => {
        for await (const value of toAsyncIterable(source, ERROR)) {
          expect([value, isHeld()]).to.deep.equal([1, true]);
          if (isThrown) throw new Error('enough');
          break;
        }
      };
      const looping = loop().catch((error: unknown) => error);
      for (const value of [1, 2, 3]) speaker().next(value);
      await looping;
      expect(isHeld()).to.equal(false);
    }
  });

  it('drops what waits when it is left', async () => {
    const { source, speaker } = spoken<number>();
    const iterator = iterate(toAsyncIterable(source, ERROR));
    void iterator.next();
    for (const value of [1, 2, 3]) speaker().next(value);
    await iterator.return();
    expect(await ask(iterator, 1)).to.deep.equal(['|']);
  });

  it('never subscribes who leaves before it asks', async () => {
    let isAsked = false;
    const source = NEVER.pipe(tap({ subscribe: () => (isAsked = true) }));
    const iterator = iterate(toAsyncIterable(source, ERROR));
    await iterator.return();
    expect(await ask(iterator, 1)).to.deep.equal(['|']);
    expect(isAsked).to.equal(false);
  });

  it('leaves a source that is still inside its own subscribe', () => {
    const { source, emitted } = firehose();
    const iterator: Required<AsyncIterator<number>> = iterate(
      toAsyncIterable(
        source.pipe(
          tap((value) => {
            if (value === 3) void iterator.return();
          }),
        ),
        ERROR,
      ),
    );
    void iterator.next();
    expect(emitted()).to.equal(3);
  });

  it('leaves no rejection unhandled that nobody looks at', () =>
    expectNoUnhandledRejection(async () => {
      const failing = iterate(
        toAsyncIterable(
          throwError(() => new Error('down')),
          ERROR,
        ),
      );
      void failing.next();
      void failing.throw(new Error('why'));
      const { source, speaker } = spoken<number>();
      const later = iterate(toAsyncIterable(source, ERROR));
      void later.next();
      speaker().error(new Error('down'));
      await aMacrotask();
    }));

  describe('with a full buffer', () => {
    it('ends with an error where it says so, after what waits, and leaves the source', async () => {
      const { source, emitted } = firehose();
      const iterator = iterate(toAsyncIterable(source, { buffer: 2, whenFull: 'error' }));
      expect(await ask(iterator, 3)).to.deep.equal([1, 2, 3]);
      const error = await iterator.next().catch((given: unknown) => given);
      expect(error).to.be.instanceOf(BufferOverflowError).and.include({ buffer: 2, isRetryable: false });
      expect(await ask(iterator, 1)).to.deep.equal(['|']);
      expect(emitted()).to.equal(4);
    });

    it('counts nobody as waiting who was asked for', async () => {
      const { source, speaker } = spoken<number>();
      const iterator = iterate(toAsyncIterable(source, { buffer: 1, whenFull: 'error' }));
      for (let value = 1; value <= 5; value += 1) {
        const asked = iterator.next();
        speaker().next(value);
        expect((await asked).value).to.equal(value);
      }
      speaker().next(6);
      expect(await ask(iterator, 1)).to.deep.equal([6]);
    });

    it('joins neighbouring tokens of one text by default, and goes beyond for others', async () => {
      expect(await sayAll([X, t('a'), t('b'), X, t('c'), t('d')], { buffer: 1 })).to.deep.equal(['action', 'ab', 'action', 'cd', '|']);
    });

    it('does what its picture shows', async () => {
      const drawn = [t('a'), t('b'), t('c'), X];
      expect(await sayAll(drawn, { buffer: 1 })).to.deep.equal(['a', 'bc', 'action', '|']);
      expect(await sayAll(drawn, { buffer: 1, whenFull: 'drop-oldest' })).to.deep.equal(['a', 'action', '|']);
      const said = await sayAll(drawn, { buffer: 1, whenFull: 'error' });
      expect(said.slice(0, 2)).to.deep.equal(['a', 'b']);
      expect(said[2]).to.match(/^# BufferOverflowError: 1 values wait/);
    });

    it('joins no tokens before it is full', async () => {
      expect(await sayAll([X, t('a'), t('b'), t('c')], { buffer: 3 })).to.deep.equal(['action', 'a', 'b', 'c', '|']);
      expect(await sayAll([X, t('a'), t('b'), t('c'), t('d')], { buffer: 3 })).to.deep.equal(['action', 'abcd', '|']);
    });

    it('joins no tokens of different texts', async () => {
      const others = [
        tokenOf('b', { source: 'purpose' }),
        tokenOf('c', { channel: 'reasoning' }),
        tokenOf('d', { attempt: 2 }),
        tokenOf('e', {}, 2),
        { ...t('f'), runId: 'other' },
      ];
      for (const other of others) {
        expect(
          (await sayAll([X, t('a'), other, t('a')], { buffer: 1 })).map((said) => String(said).length),
          JSON.stringify(other),
        ).to.deep.equal([6, 1, 1, 1, 1]);
      }
    });

    it('gives a joined token the number and the time of its last', async () => {
      const events = numbered(X, t('a'), { ...t('b'), timestamp: 7 });
      const source = new Subject<StreamEvent>();
      const iterator = iterate(toAsyncIterable(source, { buffer: 1 }));
      void iterator.next();
      for (const event of events) source.next(event);
      expect(await ask(iterator, 1)).to.deep.equal([{ ...t('ab'), seq: 2, timestamp: 7 }]);
    });

    it('drops the oldest token and nothing else with drop-oldest, and tells how many', async () => {
      const drops: number[] = [];
      const config: EventBufferConfig = { buffer: 2, whenFull: 'drop-oldest', onDrop: (dropped) => drops.push(dropped) };
      expect(await sayAll([X, X, t('a'), t('b'), t('c'), X], config)).to.deep.equal(['action', 'action', 'action', '|']);
      expect(drops).to.deep.equal([1, 2, 3]);
      expect(await sayAll([X, t('a'), t('b'), t('c')], config)).to.deep.equal(['action', 'b', 'c', '|']);
      expect(await sayAll([X, X, X, X, t('a')], config)).to.deep.equal(['action', 'action', 'action', 'action', '|']);
    });

    it('takes tokens again with drop-oldest where there is room again', async () => {
      const source = new Subject<StreamEvent>();
      const iterator = iterate(toAsyncIterable(source, { buffer: 2, whenFull: 'drop-oldest' }));
      void iterator.next();
      for (const event of [X, t('a'), t('b'), t('c')]) source.next(event);
      expect((await ask(iterator, 2)).map(short)).to.deep.equal(['b', 'c']);
      for (const event of [t('d'), t('e'), X]) source.next(event);
      expect((await ask(iterator, 2)).map(short)).to.deep.equal(['e', 'action']);
    });
  });

  it('drops no event in the place of a token that was taken', async () => {
    const source = new Subject<StreamEvent>();
    const iterator = iterate(toAsyncIterable(source, { buffer: 2, whenFull: 'drop-oldest' }));
    void iterator.next();
    for (const event of [t('a'), t('b'), X]) source.next(event);
    expect((await ask(iterator, 1)).map(short)).to.deep.equal(['b']);
    for (const event of [t('c'), t('d')]) source.next(event);
    expect((await ask(iterator, 2)).map(short)).to.deep.equal(['action', 'd']);
  });

  it('loses nothing by joining, in whatever order is pushed and taken, and bounds what waits', async () => {
    const kinds = [
      t('a'),
      t('b'),
      tokenOf('r', { channel: 'reasoning' }),
      tokenOf('p', { source: 'purpose' }),
      tokenOf('n', { attempt: 2 }),
      X,
    ];
    const moves = fc.array(fc.oneof(fc.constantFrom(...kinds), fc.constant('take' as const)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(moves, fc.integer({ min: 1, max: 4 }), async (made, buffer) => {
        const source = new Subject<StreamEvent>();
        const iterator = iterate(toAsyncIterable(source, { buffer }));
        const asked = [iterator.next()];
        for (const move of made) {
          if (move === 'take') asked.push(iterator.next());
          else source.next(move);
        }
        source.complete();
        const taken = await Promise.all(asked);
        const rest: StreamEvent[] = [];
        for await (const event of { [Symbol.asyncIterator]: () => iterator }) rest.push(event);
        const pushed = made.filter((move) => move !== 'take');
        expect(flat([...taken.flatMap(({ done, value }) => (done === true ? [] : [value])), ...rest])).to.equal(flat(pushed));
        const joinable = rest.filter((event, index) => {
          const before = rest[index - 1];
          return before?.type === 'token' && event.type === 'token' && flat([before]).slice(0, -2) === flat([event]).slice(0, -2);
        });
        if (rest.length > buffer) expect(joinable).to.deep.equal([]);
      }),
    );
  });

  it('drops nothing but tokens, the oldest that wait, and tells of each, in whatever order is pushed and taken', async () => {
    const moves = fc.array(fc.constantFrom('token', 'other', 'take'), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(moves, fc.integer({ min: 1, max: 4 }), async (made, buffer) => {
        let dropped = 0;
        const source = new Subject<StreamEvent>();
        const iterator = iterate(toAsyncIterable(source, { buffer, whenFull: 'drop-oldest', onDrop: (count) => (dropped = count) }));
        const asked = [iterator.next()];
        /** What is to be taken, and what waits, as a plain list. */
        const taken: StreamEvent[] = [];
        const waiting: StreamEvent[] = [];
        let drops = 0;
        const serve = (): void => {
          while (waiting.length > 0 && taken.length < asked.length) taken.push(...waiting.splice(0, 1));
        };
        for (const [seq, move] of made.entries()) {
          if (move === 'take') asked.push(iterator.next());
          else {
            const event = { ...(move === 'token' ? t('a') : X), seq };
            source.next(event);
            waiting.push(event);
            const oldest =
              waiting.length > buffer && taken.length === asked.length ? waiting.findIndex(({ type }) => type === 'token') : -1;
            drops += waiting.splice(oldest, oldest < 0 ? 0 : 1).length;
          }
          serve();
        }
        source.complete();
        const given = (await Promise.all(asked)).flatMap(({ done, value }) => (done === true ? [] : [value]));
        for await (const event of { [Symbol.asyncIterator]: () => iterator }) given.push(event);
        expect(given).to.deep.equal([...taken, ...waiting]);
        expect(dropped).to.equal(drops);
      }),
    );
  });

  it('drops as it should over thousands of events, some of which are taken in between', async () => {
    for (const [buffer, takeEvery] of [
      [50, 400],
      [50, 3],
      [2_000, 7],
      [2_000, 100_000],
    ] as const) {
      const source = new Subject<StreamEvent>();
      const iterator = iterate(toAsyncIterable(source, { buffer, whenFull: 'drop-oldest' }));
      const asked = [iterator.next()];
      const taken: number[] = [];
      let waiting: StreamEvent[] = [];
      for (let seq = 0; seq < 8_000; seq += 1) {
        // Now and then many tokens in a row, and now and then many that are none.
        const event = { ...(seq % 5 === 0 || seq % 1_000 < 30 ? X : t('a')), seq };
        source.next(event);
        if (seq === 0) {
          taken.push(0);
          continue;
        }
        waiting.push(event);
        const oldest = waiting.length > buffer ? waiting.findIndex(({ type }) => type === 'token') : -1;
        if (oldest >= 0) waiting.splice(oldest, 1);
        if (seq % takeEvery !== 0) continue;
        asked.push(iterator.next());
        taken.push(...waiting.slice(0, 1).map((first) => first.seq));
        waiting = waiting.slice(1);
      }
      source.complete();
      const given = (await Promise.all(asked)).map(({ value }) => value?.seq);
      for await (const { seq } of { [Symbol.asyncIterator]: () => iterator }) given.push(seq);
      expect(given, `${buffer}, ${takeEvery}`).to.deep.equal([...taken, ...waiting.map(({ seq }) => seq)]);
    }
  });

  it('drops ninety thousand tokens among as many that wait without looking through those each time', async function dropsMany() {
    this.timeout(10_000);
    const events = Array.from({ length: 120_000 }, (_, seq): StreamEvent => ({ ...(seq % 4 === 0 ? X : t('a')), seq }));
    let given = 0;
    for await (const { type } of toAsyncIterable(from(events), { buffer: 30_000, whenFull: 'drop-oldest' }))
      if (type !== 'token') given += 1;
    expect(given).to.equal(30_000);
  });

  it('holds a hundred thousand events that cannot be joined, and gives them in order', async () => {
    const events = Array.from({ length: 100_000 }, (_, seq): StreamEvent => ({ ...X, seq }));
    let next = 0;
    for await (const { seq } of toAsyncIterable(from(events), { buffer: 8 })) {
      if (seq !== next) expect(seq).to.equal(next);
      next += 1;
    }
    expect(next).to.equal(100_000);
  });

  it('gives a whole run, and another who takes slowly holds it up for nobody', async () => {
    const run = orchestrate({ actor: scriptedActor([{ tokens: ['a', 'b', 'c'], action: { name: 'DONE' } }]) }).runTaskStream({
      purpose: 'p',
    });
    const slow = iterate(toAsyncIterable(run.from(0), { buffer: 1 }));
    const first = slow.next();
    const types: string[] = [];
    for await (const { type } of toAsyncIterable(run.from(0))) types.push(type);
    expect(types.at(0)).to.equal('task_start');
    expect(types.at(-1)).to.equal('task_end');
    expect((await first).value).to.include({ type: 'task_start' });
    expect((await ask(slow, types.length - 1)).map(short)).to.include.members(['abc', 'done', 'task_end']);
  });

  it('cancels a run where the loop over it is left and nobody else is there', async () => {
    const { source, isHeld } = spoken<never>();
    const run = orchestrate({ actor: { decide: () => source } }).runTaskStream({ purpose: 'p' });
    for await (const { type } of toAsyncIterable(run)) {
      if (type === 'step_start') break;
    }
    expect(isHeld()).to.equal(false);
  });

  it('refuses what makes no sense when it is called', () => {
    for (const buffer of [0, -1, 1.5, Number.NaN, Infinity])
      expect(() => toAsyncIterable(NEVER, { buffer, whenFull: 'error' })).to.throw(ContractError);
    expect(() => toAsyncIterable(NEVER, { whenFull: 'drop' as 'error' })).to.throw(ContractError);
  });

  it('has tokens joined or dropped of events only', () => {
    const events$: Observable<StreamEvent> = NEVER;
    expectTypeOf(toAsyncIterable(events$)).toEqualTypeOf<AsyncIterable<StreamEvent>>();
    expectTypeOf(toAsyncIterable(of(1), ERROR)).toEqualTypeOf<AsyncIterable<number>>();
    // @ts-expect-error -- numbers cannot be joined
    toAsyncIterable(of(1));
    // @ts-expect-error -- nor are there tokens to drop among them
    toAsyncIterable(of(1), { whenFull: 'drop-oldest' });
  });
});
