import { expect } from 'chai';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';

/** Runs `body` in virtual time; one frame is one millisecond. */
export const marbles = (body: (helpers: RunHelpers, scheduler: TestScheduler) => void) => (): void => {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).to.deep.equal(expected);
  });
  scheduler.run((helpers) => {
    body(helpers, scheduler);
  });
};
