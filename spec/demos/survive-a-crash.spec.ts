import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { takeUntil, timer } from 'rxjs';
import { survive } from '../../demos/04-survive-a-crash.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { buildDemos, runDemo } from './run-demo.js';

const PARCELS = ['1.1', '2.1', '3.1', '4.1'];

/** The parcels that were signed for, by the ends of their keys. */
const signedFor = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => /has signed for [\w-]+:(\d\.\d)"$/.exec(line)?.slice(1) ?? []);

describe('demos/04-survive-a-crash', () => {
  let folder: string;
  let journal: string;

  before(buildDemos);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'purpose-rx-demo-'));
    journal = join(folder, 'journal.jsonl');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('goes on where it was left, wherever that was', () => {
    const lines: string[] = [];
    // A delivery takes a second: it is left before one has ended, in the middle of the next, and then never.
    for (const left of [500, 1700, 60_000]) {
      agentMarbles(() => {
        survive(journal)
          .pipe(takeUntil(timer(left)))
          .subscribe((line) => lines.push(line));
      });
    }
    expect(signedFor(lines)).to.deep.equal(PARCELS);
    expect(lines.filter((line) => line.startsWith('It goes on'))).to.deep.equal([
      'It goes on in step 1, after 5 events.',
      'It goes on in step 2, after 13 events.',
    ]);
    expect(lines.at(-1)).to.equal('4 parcels are delivered, once each.');
  });

  it('survives a SIGKILL as a program, and deletes its journal at the end', async () => {
    const options = { name: '04-survive-a-crash', env: { DEMO_PACE: '50' } } as const;
    const killed = await runDemo([journal], {
      ...options,
      onOutput: (stdout, child) => {
        if (stdout.includes('  3. for')) child.kill('SIGKILL');
      },
    });
    expect(killed.status).to.equal(null);
    expect(existsSync(journal)).to.equal(true);
    const resumed = await runDemo([journal], options);
    expect(resumed).to.deep.include({ status: 0, stderr: '' });
    expect(resumed.stdout).to.match(/^It goes on in step [34], after \d+ events\.\n/);
    const lines = `${killed.stdout}${resumed.stdout}`.split('\n');
    expect(new Set(signedFor(lines))).to.deep.equal(new Set(PARCELS));
    expect(resumed.stdout).to.match(/4 parcels are delivered, once each\.\nThe journal is deleted\.\n$/);
    expect(existsSync(journal)).to.equal(false);
  });
});
