import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { transcript, type Outcome } from '../support/execute.js';
import { runSnippets, typeCheck } from '../support/run-snippets.js';
import { extractSnippets, isPromised, printedLines, type Snippet } from '../support/snippets.js';

const GUIDES = 'demos/guides';

const guides = existsSync(GUIDES) ? readdirSync(GUIDES).filter((name) => name.endsWith('.md')) : [];
const files = ['README.md', ...guides.map((name) => `${GUIDES}/${name}`)];
const snippetsOf = (file: string): readonly Snippet[] => (existsSync(file) ? extractSnippets(readFileSync(file, 'utf8'), file) : []);
const byFile = new Map(files.map((file) => [file, snippetsOf(file)]));
const snippets = [...byFile.values()].flat();

describe('the snippets of the README and the guides', () => {
  let folder: string;
  let faults: ReadonlyMap<Snippet | undefined, readonly string[]>;
  let outcomes: ReadonlyMap<Snippet, Outcome>;

  before(async function prepare() {
    this.timeout(180_000);
    // Inside the repository, so that packages resolve.
    mkdirSync('.cache', { recursive: true });
    folder = mkdtempSync(resolve('.cache/snippets-'));
    faults = await typeCheck(snippets, folder);
    outcomes = await runSnippets(snippets, folder);
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [file, found] of byFile) {
    it(`are there in ${file}`, () => {
      expect(found).to.not.have.lengthOf(0);
    });
  }

  it('have no fault outside of them', () => {
    expect(faults.get(undefined) ?? []).to.deep.equal([]);
  });

  for (const snippet of snippets) {
    const { file, line, isRun, output } = snippet;
    it(`type-check: ${file}:${line}`, () => {
      expect(faults.get(snippet) ?? []).to.deep.equal([]);
    });
    if (!isRun) continue;

    it(`run${output === undefined ? '' : ' and print what they say'}: ${file}:${line}`, () => {
      const outcome = outcomes.get(snippet);
      if (outcome === undefined) throw new Error('It was not run.');
      expect(outcome.status, transcript(outcome)).to.equal(0);
      if (output === undefined) return;
      const printed = printedLines(outcome.stdout);
      if (!isPromised(printed, output)) expect(printed).to.deep.equal(output);
    });
  }
});
