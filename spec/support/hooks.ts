import { verifyRecordings } from './recordings.js';

/** How long a file may still reject after its last test, in milliseconds: the process that ran it may end right then. */
const AFTERMATH = 30;

export const mochaHooks = {
  /** Every run that a test made by `orchestrate` is verified after it: order, codec, and trajectory against result. */
  afterEach(): void {
    verifyRecordings();
  },
  /** What is rejected a little late is still to be heard by mocha-unhandled.mjs. */
  afterAll: (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, AFTERMATH)),
};
