/** The process of one subject: does what it is told by `process.send`, one order at a time, and tells what it cost. */
import { pathToFileURL } from 'node:url';
import type { Order, Outcome } from './order.js';

import type { Subject } from './subject.js';

type PacedOrder = Extract<Order, { readonly do: 'readPaced' }>;

const [, , file = ''] = process.argv;
const { subject } = (await import(pathToFileURL(file).href)) as { readonly subject: Subject };

const now = (): bigint => process.hrtime.bigint();

/** Bytes that are in use, whatever is about to be collected. */
const bytesInUse = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const cpuTime = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/**
 * So many paced streams at once, from a while after each of them has said something: what it costs to open them, and to
 * collect what that left behind, is no matter of tokens. With `weigh`, what a stream holds when all have begun, whatever
 * that does to the rest.
 */
const readManyPaced = async ({ baseURL, streams, settle, weigh }: PacedOrder): Promise<Partial<Outcome>> => {
  const { readPaced } = subject;
  if (readPaced === undefined) throw new Error('This subject reads no paced streams.');
  const delays: number[] = [];
  const before = bytesInUse();
  let opened = 0;
  let bytes: number | undefined;
  let begun: number | undefined;
  let heard = 0;
  const onOpen = (): void => {
    opened += 1;
    if (opened < streams) return;
    if (weigh) bytes = (bytesInUse() - before) / streams;
    setTimeout(() => {
      begun = cpuTime();
    }, settle);
  };
  const readOne = (): Promise<void> => {
    let isOpen = false;
    return readPaced(baseURL, (text) => {
      heard += 1;
      if (begun !== undefined) delays.push(Number(now() - BigInt(text.split(',', 1)[0] ?? '')) / 1e6);
      if (isOpen) return;
      isOpen = true;
      onOpen();
    });
  };
  await Promise.all(Array.from({ length: streams }, readOne));
  const cpu = cpuTime() - (begun ?? NaN);
  delays.sort((one, other) => one - other);
  const at = (share: number): number => delays[Math.floor(delays.length * share)] ?? NaN;
  const measured = { count: heard, timed: delays.length, cpu, delay50: at(0.5), delay99: at(0.99) };
  return bytes === undefined ? measured : { ...measured, bytes };
};

const holdRuns = async (count: number): Promise<Partial<Outcome>> => {
  const before = bytesInUse();
  const held = await subject.holdRuns?.(count);
  const bytes = (bytesInUse() - before) / count;
  const waiting = held?.waiting() ?? 0;
  held?.letGo();
  return { count: waiting, bytes };
};

const obey = async (order: Order): Promise<Partial<Outcome>> => {
  switch (order.do) {
    case 'readText':
    case 'runAgent':
      return { count: await subject[order.do]?.(order.baseURL, order.consumers) };
    case 'loopTools':
      return { count: await subject.loopTools?.(order.baseURL, order.steps) };
    case 'takeSteps':
      return { count: await subject.takeSteps?.(order.steps, order.tokens) };
    case 'cancel': {
      const at = (await subject.cancel?.[order.way]?.(order.baseURL)) ?? 0n;
      return at === 0n ? { fault: 'It gave nothing up.' } : { at: String(at) };
    }
    case 'readPaced':
      return readManyPaced(order);
    case 'holdRuns':
      return holdRuns(order.count);
    default:
      return { fault: 'There is no such order.' };
  }
};

process.on('message', (order: Order) => {
  const before = cpuTime();
  obey(order).then(
    (found) => {
      process.send?.({ cpu: cpuTime() - before, ...found });
    },
    (error: unknown) => {
      process.send?.({ cpu: 0, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
  );
});
process.on('disconnect', () => {
  process.exit();
});
process.send?.({
  ways: Object.keys(subject.cancel ?? {}),
  methods: Object.keys(subject),
});
