import { expect } from 'chai';

/** Resolves when everything that is due now, promises included, has happened. */
export const aMacrotask = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Fails where `act` leaves a rejection that nobody handles. */
export async function expectNoUnhandledRejection(act: () => void | Promise<void>): Promise<void> {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => {
    unhandled.push(reason);
  };
  // The listeners of the test runner would end the run before the assertion.
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', listen);
  try {
    await act();
    await aMacrotask();
    await aMacrotask();
  } finally {
    process.off('unhandledRejection', listen);
    for (const other of others) process.on('unhandledRejection', other);
  }
  expect(unhandled).to.deep.equal([]);
}
