import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { execute, transcript, type Outcome } from '../support/execute.js';
import { printedPages } from '../support/printed-pages.js';

const MINUTE = 60_000;

/** What each runner prints of as many tests as passed, and of the one that failed. */
const runners = {
  mocha: { passing: /^ *3 passing /m, failing: /^ *0 passing .*\n *1 failing$/m },
  vitest: { passing: /^ *Tests +3 passed \(3\)$/m, failing: /^ *Tests +1 failed \(1\)$/m },
  jest: { passing: /^Tests: +3 passed, 3 total$/m, failing: /^Tests: +1 failed, 1 total$/m },
  node: { passing: /^ℹ tests 3\n(?:.*\n)*ℹ pass 3\nℹ fail 0$/m, failing: /^ℹ tests 1\n(?:.*\n)*ℹ pass 0\nℹ fail 1$/m },
} satisfies Record<string, { readonly passing: RegExp; readonly failing: RegExp }>;

/** What the broken test fails with, behind the name of the error. */
const PAGE = `
expected  (Ss)------t----(abb) 10ms p----r 9ms r 99ms (veyE|)
actual    (Ss)------t----(abb)-----p 9ms r 9ms r 99ms (veyE|)
                                   ^
First difference: p (tool_progress with {"data":{"value":0.5}}) was expected at 30 ms, but came already at 25 ms.

What came, at 25 ms, in full:
{
  "type": "tool_progress",
  "runId": "run-1",
  "seq": 6,
  "step": 1,
  "timestamp": 25,
  "data": {
    "callId": "1.1",
    "name": "search",
    "value": 0.5
  }
}

Letters: S task_start, s step_start, t token, a action, b tool_start, p tool_progress with {"data":{"value":0.5}}, r tool_end, v score, e step_end, y early_stop, E task_end.`;

/** Not what somebody has installed where the tests lie. */
const isSource = (path: string): boolean => !path.includes('node_modules');

const succeed = (outcome: Outcome): Outcome => {
  expect(outcome.status, transcript(outcome)).to.equal(0);
  return outcome;
};

/** Needs a build, so it is no part of `npm test`: see the script `test:runners`. */
describe('the tests of spec/runners, beside the installed package', function installed() {
  this.timeout(5 * MINUTE);
  let project: string;
  const npm = (...args: readonly string[]) => execute('npm', args, { cwd: project, timeout: 3 * MINUTE });
  const install = async (...args: readonly string[]) =>
    succeed(await npm(...args, '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'));

  /** All that a runner printed: mocha and node tell by stdout, jest and vitest by both. */
  const run = async (runner: string, tests: string): Promise<{ readonly status: number | null; readonly printed: string }> => {
    const outcome = await npm('run', '--silent', runner, '--', `${runner}/${tests}.test.js`);
    return { status: outcome.status, printed: stripVTControlCharacters(transcript(outcome)) };
  };

  // A copy outside of the repository: what is not installed into it is not found, and RxJS is there once.
  before(async () => {
    if (!existsSync('dist/testing.js')) throw new Error('There is no build: npm run build comes first.');
    project = realpathSync(mkdtempSync(join(tmpdir(), 'purpose-rx-runners-')));
    cpSync('spec/runners', project, { recursive: true, filter: isSource });
    succeed(await execute('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { timeout: 3 * MINUTE }));
    const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'));
    await install('ci');
    await install('install', '--no-save', `./${tarball}`);
  });

  after(() => {
    if (project !== undefined) rmSync(project, { recursive: true, force: true });
  });

  it('share one RxJS with the package', () => {
    const [ofTests, ofPackage] = ['agent.js', 'node_modules/purpose-rx/dist/testing.js'].map((path) =>
      createRequire(join(project, path)).resolve('rxjs'),
    );
    expect(ofTests).to.equal(ofPackage);
    expect(ofTests?.startsWith(project)).to.equal(true);
  });

  for (const [runner, { passing, failing }] of Object.entries(runners)) {
    it(`pass in ${runner}`, async () => {
      const { status, printed } = await run(runner, 'example');
      expect(printed).to.match(passing);
      expect(status).to.equal(0);
    });

    it(`fail in ${runner} with the same page, whole, and with the line of the test`, async () => {
      const { status, printed } = await run(runner, 'broken');
      expect(printed).to.match(failing);
      expect(status).to.equal(1);
      const pages = printedPages(printed);
      // Node 20 tells of a failed test where it fails, and again at the end.
      expect(runner === 'node' ? [...new Set(pages)] : pages, printed).to.deep.equal([PAGE]);
      // In node, errors come from another process, which makes those of any class `Error [ExpectationError]`.
      expect(printed).to.match(/\bExpectationError\]?: The run is not what was expected\.$/m);
      expect(printed).to.match(/\bbroken\.js:8:7\b/);
      expect(printed).to.not.contain('node_modules/purpose-rx');
    });
  }
});
