/** How many timers keep the process alive. Past the first macrotask of a test, mocha's own is among them. */
export const activeTimers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
