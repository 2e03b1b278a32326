import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { execute, transcript, type Outcome } from '../support/execute.js';

const rejects = "void Promise.reject(new Error('planted'))";

/** Suites that have to fail, but for the one that is sound. */
const planted = {
  sound: "it('passes', () => {}); it('passes too', () => {});",
  failing: "it('passes', () => {}); it('fails', () => { throw new Error('planted'); });",
  unheard: `it('passes', () => { ${rejects}; });`,
  within: `it('passes', (done) => { ${rejects}; setTimeout(done, 20); });`,
  late: `it('passes', () => { setTimeout(() => { ${rejects}; }, 20); });`,
  noError: "it('passes', () => { void Promise.reject('planted'); });",
};

type Name = keyof typeof planted;

/** Runs one planted file as the suite itself is run, but for its specs. */
async function runPlanted(folder: string, name: string, source: string): Promise<readonly [string, Outcome]> {
  const suite: unknown = JSON.parse(readFileSync('.mocharc.json', 'utf8'));
  const config = join(folder, `${name}.json`);
  const file = join(folder, `${name}.spec.mjs`);
  writeFileSync(file, source);
  writeFileSync(config, JSON.stringify({ ...Object(suite), spec: [file] }));
  return [name, await execute('node_modules/.bin/mocha', ['--config', config])];
}

const lastLine = ({ stdout }: Outcome): string | undefined => stdout.trimEnd().split('\n').at(-1);

describe('the suite', () => {
  let outcomes: ReadonlyMap<string, Outcome>;
  const outcomeOf = (name: Name): Outcome => {
    const outcome = outcomes.get(name);
    if (outcome === undefined) throw new Error(`${name} was not run.`);
    return outcome;
  };

  before(async function prepare() {
    this.timeout(180_000);
    const folder = mkdtempSync(join(tmpdir(), 'purpose-rx-'));
    outcomes = new Map(await Promise.all(Object.entries(planted).map(([name, source]) => runPlanted(folder, name, source))));
    rmSync(folder, { recursive: true, force: true });
  });

  it('passes where nothing is wrong, and ends with its count', () => {
    const outcome = outcomeOf('sound');
    expect(outcome.status, transcript(outcome)).to.equal(0);
    expect(lastLine(outcome)).to.equal('2 passed, 0 failed');
  });

  it('counts what failed', () => {
    expect(outcomeOf('failing').status).to.equal(1);
    expect(lastLine(outcomeOf('failing'))).to.equal('1 passed, 1 failed');
  });

  const rejections: readonly (readonly [Name, string])[] = [
    ['unheard', 'that no test waits for'],
    ['within', 'in the midst of a test'],
    ['late', 'after the last test'],
    ['noError', 'of what is no error'],
  ];
  for (const [name, when] of rejections) {
    it(`fails at an unhandled rejection ${when}`, () => {
      expect(outcomeOf(name).status).to.not.equal(0);
      expect(transcript(outcomeOf(name))).to.include('planted');
    });
  }
});
