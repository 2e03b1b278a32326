import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { SoakWindow } from '../support/soak-process.js';

const WINDOWS = 10;
const RUNS_A_WINDOW = 1000;

/** Windows in which code and caches warm up. */
const WARM_UP = 3;

/** The most by which the heap may grow, in bytes a run: less than any object that is kept for each. */
const STEEPEST = 100;

/** As many as run side by side, and some that are on their way out. */
const MOST_AT_A_TIME = 30;

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** By how much y grows with x, by least squares. */
const slope = (points: readonly (readonly [x: number, y: number])[]): number => {
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const covariance = mean(points.map(([px, py]) => (px - x) * (py - y)));
  return covariance / mean(points.map(([px]) => (px - x) ** 2));
};

/** Takes most of a minute and both cores, so it is no part of `npm test`: see the script `test:package`. */
describe(`a soak of ${WINDOWS * RUNS_A_WINDOW} runs`, function soak() {
  this.timeout(300_000);
  let server: ChildProcess;
  let windows: readonly SoakWindow[];
  let warm: readonly SoakWindow[];

  before(async () => {
    server = fork('spec/support/soak-server.ts', { execArgv: ['--import', 'tsx'] });
    const [origin] = (await once(server, 'message')) as [string];
    const runs = [origin, String(WINDOWS), String(RUNS_A_WINDOW)];
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--expose-gc', '--import', 'tsx', 'spec/support/soak-process.ts'],
      ...runs,
    ]);
    windows = JSON.parse(stdout) as readonly SoakWindow[];
    warm = windows.slice(WARM_UP);
  });
  after(() => {
    server.disconnect();
  });

  it('ends each of them as it should, retries and timeouts on the way', () => {
    for (const { endings, requests } of windows) {
      expect(endings).to.deep.equal({ early_stop: RUNS_A_WINDOW });
      expect(requests).to.be.greaterThan(RUNS_A_WINDOW);
    }
  });

  it('holds the heap flat', () => {
    const grown = slope(warm.map(({ runs, heap }) => [runs, heap]));
    expect(grown, `bytes a run: ${warm.map(({ heap }) => heap).join(', ')}`).to.be.lessThan(STEEPEST);
  });

  it('leaves no timer and no listener of a signal behind', () => {
    for (const { timers, abortListeners } of warm) {
      expect(timers, 'timers').to.equal(0);
      expect(abortListeners, 'listeners').to.be.at.most(MOST_AT_A_TIME);
    }
  });

  it('holds no more sockets than it has runs at a time', () => {
    for (const { sockets, serverSockets } of warm) {
      expect(sockets, 'sockets that hold the process').to.equal(0);
      expect(serverSockets, 'sockets of the server').to.be.at.most(MOST_AT_A_TIME);
    }
  });
});
