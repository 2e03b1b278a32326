import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import {
  catchError,
  concat,
  concatMap,
  count,
  filter,
  firstValueFrom,
  interval,
  map,
  merge,
  of,
  skipWhile,
  takeWhile,
  tap,
  timer,
  toArray,
  type Observable,
} from 'rxjs';
import type { LLMBackend, LLMRequest } from '../../lib/backend/backend.js';
import { fromGenerate } from '../../lib/backend/from-generate.js';
import { fromWorker, type WorkerBackend } from '../../lib/backend/from-worker.js';
import { generate } from '../../lib/backend/generate.js';
import { BackendError } from '../../lib/errors/backend-error.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { execute, transcript } from '../support/execute.js';
import think from '../support/fixtures/blocking-model.mjs';

const model = pathToFileURL('spec/support/fixtures/blocking-model.mjs');
const saying = (content: string): LLMRequest => ({ messages: [{ role: 'user', content }] });
const ask = (backend: LLMBackend, content: string): Promise<string> => firstValueFrom(generate(backend, saying(content)));
const failureOf = (backend: LLMBackend, content: string): Promise<unknown> =>
  firstValueFrom(
    generate(backend, saying(content)).pipe(
      map((text): unknown => `no failure but ${text}`),
      catchError((error: unknown) => of(error)),
    ),
  );

/** How often a timer of 10 ms beats in the main thread between the question and the answer. */
const beatsDuring = (answer$: Observable<string>): Promise<number> =>
  firstValueFrom(
    merge(interval(10).pipe(map(() => 'beat')), timer(25).pipe(concatMap(() => concat(of('asked'), answer$)))).pipe(
      takeWhile((moment) => moment !== 'blocked'),
      skipWhile((moment) => moment !== 'asked'),
      filter((moment) => moment === 'beat'),
      count(),
    ),
  );

describe('fromWorker', () => {
  const opened: WorkerBackend[] = [];
  const open = (threads?: number, url: URL | string = model): WorkerBackend => {
    const backend = fromWorker(url, threads === undefined ? {} : { threads });
    opened.push(backend);
    return backend;
  };

  it('refuses a number of threads that makes no sense', () => {
    for (const threads of [0, -1, 0.5, Number.NaN]) {
      expect(() => fromWorker(model, { threads })).to.throw(ContractError, `threads has to be a whole number from 1, not ${threads}.`);
    }
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((backend) => firstValueFrom(backend.close())));
  });

  it('gives the answer as one token and finishes', async () => {
    expect(await firstValueFrom(open(1).stream(saying('hello')).pipe(toArray()))).to.deep.equal([
      { type: 'text', text: 'hello' },
      { type: 'finish', reason: 'stop' },
    ]);
    expect(await ask(open(1), 'later')).to.equal('later');
  });

  it('takes a path and its own number of threads', async () => {
    expect(await ask(open(undefined, fileURLToPath(model)), 'hello')).to.equal('hello');
  });

  it('lets a timer keep its beat while the function blocks, which the function itself does not', async () => {
    const backend = open(1);
    await ask(backend, 'warm up');
    const beats = await beatsDuring(generate(backend, saying('block 300')));
    const beatsWithout = await beatsDuring(generate(fromGenerate(think), saying('block 300')));
    expect(beats).to.be.at.least(10);
    expect(beatsWithout).to.equal(0);
  });

  it('runs calls side by side', async () => {
    const backend = open(2);
    const texts = merge(generate(backend, saying('block 300')), generate(backend, saying('hello')));
    expect(await firstValueFrom(texts.pipe(toArray()))).to.deep.equal(['hello', 'blocked']);
  });

  it('keeps a thread from call to call', async () => {
    const backend = open(1);
    expect(await ask(backend, 'thread')).to.equal(await ask(backend, 'thread'));
  });

  it('terminates and replaces the thread of a running call that is left, and what waits for it goes on', async () => {
    const backend = open(1);
    const before = await ask(backend, 'thread');
    const hanging = generate(backend, saying('hang')).subscribe();
    const waiting = ask(backend, 'thread');
    await firstValueFrom(timer(50).pipe(tap(() => hanging.unsubscribe())));
    expect(await waiting).not.to.equal(before);
  });

  it('takes back a call that waits when it is left', async () => {
    const backend = open(1);
    const before = await ask(backend, 'thread');
    const running = ask(backend, 'block 50');
    generate(backend, saying('hang')).subscribe().unsubscribe();
    expect(await running).to.equal('blocked');
    expect(await ask(backend, 'thread')).to.equal(before);
  });

  it('fails with a BackendError and the cause where the function fails', async () => {
    const error = await failureOf(open(1), 'fail');
    expect(error).to.be.instanceOf(BackendError).with.property('message', "The worker's function failed: no such thought");
    expect(error).to.have.nested.property('cause.name', 'RangeError');
  });

  it('fails where the file cannot be loaded', async () => {
    expect(await failureOf(open(1, pathToFileURL('no-such-file.mjs')), 'hello'))
      .to.be.instanceOf(BackendError)
      .with.property('message')
      .that.matches(/Cannot find module/);
  });

  it('fails where the function gives no text', async () => {
    expect(await failureOf(open(1), 'number'))
      .to.be.instanceOf(BackendError)
      .with.property('message', "The worker's function gave number instead of a text.");
  });

  it('ends its calls when it is closed, and starts anew at the next request', async () => {
    const backend = open(1);
    await ask(backend, 'warm up');
    const running = failureOf(backend, 'hang');
    const left = generate(backend, saying('hang')).subscribe({ error: () => undefined });
    await firstValueFrom(timer(20));
    const closed = firstValueFrom(backend.close());
    left.unsubscribe();
    await closed;
    expect(await running).to.be.instanceOf(BackendError);
    expect(await ask(backend, 'again')).to.equal('again');
  });

  it('closes at once where nothing was asked', async () => {
    await firstValueFrom(open().close());
  });

  it('does not hold the process when it is idle', async () => {
    const program = 'spec/support/fixtures/idle-worker.ts';
    const outcome = await execute(process.execPath, ['--import', 'tsx', program], { timeout: 15_000 });
    expect(outcome.status, transcript(outcome)).to.equal(0);
    expect(outcome.stdout).to.equal('hello\n');
  });
});
