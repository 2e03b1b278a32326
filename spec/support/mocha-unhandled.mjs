// Mocha passes unhandled rejections on to the process and stays green. Thrown, they fail the test that is running, and
// after the last one the process.
process.on('unhandledRejection', (reason) => {
  throw reason instanceof Error ? reason : new Error(`Unhandled rejection: ${String(reason)}`);
});
