import { verifyRecordings } from './orchestrate.js';

/** Every run that a test made by `orchestrate` is verified after it: order, codec, and trajectory against result. */
export const mochaHooks = {
  afterEach(): void {
    verifyRecordings();
  },
};
