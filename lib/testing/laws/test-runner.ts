/** What is used of a test runner. That of mocha, vitest, jest or `node:test` will do. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => void | Promise<void>): unknown;
}
