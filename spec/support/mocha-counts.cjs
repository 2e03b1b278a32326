const { reporters, Runner } = require('mocha');

/** The spec reporter, with one more line at its end for machines: `N passed, N failed`. */
module.exports = class Counts extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      console.log(`${this.stats.passes} passed, ${this.stats.failures} failed`);
    });
  }
};
