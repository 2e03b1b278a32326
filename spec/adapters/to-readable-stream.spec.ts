import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { defer, NEVER, Observable, of, Subject } from 'rxjs';
import { toReadableStream } from '../../lib/adapters/to-readable-stream.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { BufferOverflowError } from '../../lib/errors/buffer-overflow-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { scriptedActor } from '../../lib/testing/scripts/scripted-actor.js';
import { actionOf, tokenOf } from '../support/events.js';
import { spoken } from '../support/hear-now.js';
import { orchestrate } from '../support/orchestrate.js';
import { aMacrotask, expectNoUnhandledRejection } from '../support/unhandled-rejections.js';

const ERROR = { whenFull: 'error' } as const;
const X = actionOf('look', 1);

describe('toReadableStream', () => {
  it('gives the values and closes', async () => {
    const said: number[] = [];
    for await (const value of toReadableStream(of(1, 2, 3), ERROR)) said.push(value);
    expect(said).to.deep.equal([1, 2, 3]);
  });

  it('subscribes at the first read and not before', async () => {
    let subscriptions = 0;
    const source = new Observable(() => {
      subscriptions += 1;
    });
    const reader = toReadableStream(source, ERROR).getReader();
    await aMacrotask();
    expect(subscriptions).to.equal(0);
    void reader.read();
    await aMacrotask();
    expect(subscriptions).to.equal(1);
    await reader.cancel();
  });

  it('takes nothing ahead: what is not read waits in the buffer', async () => {
    const source = new Subject<StreamEvent>();
    const reader = toReadableStream(source, { buffer: 1 }).getReader();
    const first = reader.read();
    await aMacrotask();
    for (const event of [X, tokenOf('a'), tokenOf('b')]) source.next(event);
    expect((await first).value).to.equal(X);
    await aMacrotask();
    source.next(tokenOf('c'));
    expect((await reader.read()).value).to.deep.equal(tokenOf('abc'));
    source.complete();
    expect((await reader.read()).done).to.equal(true);
  });

  it("fails with the source's error after what waits", async () => {
    const { source, speaker } = spoken<number>();
    const reader = toReadableStream(source, ERROR).getReader();
    const first = reader.read();
    await aMacrotask();
    speaker().next(1);
    speaker().next(2);
    speaker().error('down');
    expect([(await first).value, (await reader.read()).value]).to.deep.equal([1, 2]);
    expect(await reader.read().catch((error: unknown) => error)).to.equal('down');
  });

  it('fails where the buffer is full and it is to', async () => {
    const reader = toReadableStream(of(1, 2, 3), { buffer: 1, whenFull: 'error' }).getReader();
    expect([(await reader.read()).value, (await reader.read()).value]).to.deep.equal([1, 2]);
    expect(await reader.read().catch((error: unknown) => error)).to.be.instanceOf(BufferOverflowError);
  });

  it('leaves the source at cancel() at once, also while a read is under way', async () => {
    const { source, isHeld } = spoken<number>();
    const stream = toReadableStream(source, ERROR);
    const reader = stream.getReader();
    const reading = reader.read();
    await aMacrotask();
    expect(isHeld()).to.equal(true);
    const cancelled = reader.cancel('enough');
    expect(isHeld()).to.equal(false);
    await cancelled;
    expect((await reading).done).to.equal(true);
  });

  it('never subscribes where it is cancelled before it is read', async () => {
    let isAsked = false;
    const stream = toReadableStream(
      defer(() => {
        isAsked = true;
        return NEVER;
      }),
      ERROR,
    );
    await stream.cancel();
    expect(isAsked).to.equal(false);
  });

  it('leaves the source where a loop over it is left', async () => {
    const { source, speaker, isHeld } = spoken<number>();
    const loop = async (): Promise<void> => {
      for await (const value of toReadableStream(source, ERROR)) if (value === 2) break;
    };
    const looping = loop();
    await aMacrotask();
    for (const value of [1, 2, 3]) speaker().next(value);
    await looping;
    expect(isHeld()).to.equal(false);
  });

  it('leaves the source where the end of a pipe is cancelled', async () => {
    const { source, speaker, isHeld } = spoken<number>();
    const reader = toReadableStream(source, ERROR).pipeThrough(new TransformStream<number, number>()).getReader();
    const reading = reader.read();
    await aMacrotask();
    speaker().next(1);
    expect((await reading).value).to.equal(1);
    await reader.cancel();
    await aMacrotask();
    expect(isHeld()).to.equal(false);
  });

  it('goes on with another reader after releaseLock()', async () => {
    const { source, speaker, isHeld } = spoken<number>();
    const stream = toReadableStream(source, ERROR);
    const first = stream.getReader();
    const reading = first.read();
    await aMacrotask();
    speaker().next(1);
    await reading;
    first.releaseLock();
    speaker().next(2);
    expect(isHeld()).to.equal(true);
    const second = stream.getReader();
    expect((await second.read()).value).to.equal(2);
    await second.cancel();
  });

  it('leaves no rejection unhandled', () =>
    expectNoUnhandledRejection(async () => {
      const { source, speaker } = spoken<number>();
      const reader = toReadableStream(source, ERROR).getReader();
      reader.read().catch(() => undefined);
      await aMacrotask();
      speaker().error(new Error('down'));
      const other = spoken<number>();
      const cancelled = toReadableStream(other.source, ERROR).getReader();
      void cancelled.read();
      await aMacrotask();
      void cancelled.cancel();
      await aMacrotask();
    }));

  it('gives a whole run', async () => {
    const run = orchestrate({ actor: scriptedActor([{ tokens: ['a'], action: { name: 'DONE' } }]) }).runTaskStream({ purpose: 'p' });
    const types: string[] = [];
    for await (const { type } of toReadableStream(run.from(0))) types.push(type);
    expect(types).to.deep.equal(['task_start', 'step_start', 'token', 'action', 'done', 'task_end']);
  });

  it('refuses what makes no sense when it is called', () => {
    expect(() => toReadableStream(NEVER, { buffer: 0, whenFull: 'error' })).to.throw(ContractError);
  });

  it('has tokens joined or dropped of events only', () => {
    const events$: Observable<StreamEvent> = NEVER;
    expectTypeOf(toReadableStream(events$)).toEqualTypeOf<ReadableStream<StreamEvent>>();
    expectTypeOf(toReadableStream(of(1), ERROR)).toEqualTypeOf<ReadableStream<number>>();
    // @ts-expect-error -- numbers cannot be joined
    toReadableStream(of(1));
  });
});
