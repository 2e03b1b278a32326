/** The process of one subject: does what it is told by `process.send`, one order at a time, and tells what it cost. */
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Order, Outcome } from './order.js';
import type { Subject } from './subject.js';

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

/** So many paced streams at once: how late each token was, and what a stream holds in the middle of it. */
const readManyPaced = async (baseURL: string, streams: number, weighAfter: number | undefined): Promise<Partial<Outcome>> => {
  const { readPaced } = subject;
  if (readPaced === undefined) throw new Error('This subject reads no paced streams.');
  const delays: number[] = [];
  const onText = (text: string): void => {
    delays.push(Number(now() - BigInt(text.split(',', 1)[0] ?? '')) / 1e6);
  };
  const before = bytesInUse();
  const reading = Promise.all(Array.from({ length: streams }, () => readPaced(baseURL, onText)));
  let bytes: number | undefined;
  if (weighAfter !== undefined) {
    await wait(weighAfter);
    bytes = (bytesInUse() - before) / streams;
  }
  await reading;
  delays.sort((one, other) => one - other);
  const at = (share: number): number => delays[Math.floor(delays.length * share)] ?? NaN;
  return { count: delays.length, delay50: at(0.5), delay99: at(0.99), ...(bytes === undefined ? {} : { bytes }) };
};

const holdRuns = async (count: number): Promise<Partial<Outcome>> => {
  const before = bytesInUse();
  const letGo = await subject.holdRuns?.(count);
  const bytes = (bytesInUse() - before) / count;
  letGo?.();
  return { count, bytes };
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
    case 'cancel':
      return { at: String(await subject.cancel?.[order.way]?.(order.baseURL)) };
    case 'readPaced':
      return readManyPaced(order.baseURL, order.streams, order.weighAfter);
    case 'holdRuns':
      return holdRuns(order.count);
    default:
      return { fault: 'There is no such order.' };
  }
};

process.on('message', (order: Order) => {
  const before = process.cpuUsage();
  obey(order).then(
    (found) => {
      const { user, system } = process.cpuUsage(before);
      process.send?.({ ...found, cpu: user + system });
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
