import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { runSnippets, typeCheck } from './run-snippets.js';
import { extractSnippets, isPromised, type Snippet } from './snippets.js';

const page = (...lines: readonly string[]): string => lines.join('\n');

describe('extractSnippets', () => {
  it('gives each ts block with its place, and leaves other blocks', () => {
    const markdown = page('# Title', '', '```ts', 'one();', '```', '', '```sh', 'npm test', '```', '```ts no-run', 'two();', '```');
    expect(extractSnippets(markdown, 'a.md')).to.deep.equal([
      { file: 'a.md', line: 3, code: 'one();\n', isRun: true },
      { file: 'a.md', line: 10, code: 'two();\n', isRun: false },
    ]);
  });

  it('takes the output from comments, in their order', () => {
    const markdown = page('```ts', 'log(1); // → 1', 'for (const x of xs) log(x);', '// → a', '// → b', '```');
    expect(extractSnippets(markdown, 'a.md')[0]?.output).to.deep.equal(['1', 'a', 'b']);
  });

  it('takes the output from the text block right after it', () => {
    const markdown = page('```ts', 'log(1);', '```', '', '```text', '1', '', '2', '```', '```text', 'other', '```');
    expect(extractSnippets(markdown, 'a.md')[0]?.output).to.deep.equal(['1', '', '2']);
  });

  it('takes no text block that stands behind prose', () => {
    const markdown = page('```ts', 'log(1);', '```', 'A picture:', '```text', '--a--|', '```');
    expect(extractSnippets(markdown, 'a.md')[0]).to.not.have.property('output');
  });

  it('refuses output in both places', () => {
    const markdown = page('```ts', 'log(1); // → 1', '```', '```text', '1', '```');
    expect(() => extractSnippets(markdown, 'a.md')).to.throw('a.md:1: output stands in comments and in a text block');
  });

  for (const fence of ['  ```ts', '> ```ts', '```typescript', '```ts ignore', '```js', '~~~ts', '```tsx', '````ts']) {
    it(`refuses code that would go unchecked: ${fence}`, () => {
      const markdown = page(fence, 'one();', fence.replace(/[a-z].*$/, ''));
      expect(() => extractSnippets(markdown, 'a.md')).to.throw('1 code blocks, but only 0');
    });
  }
});

describe('isPromised', () => {
  it('compares line by line', () => {
    expect(isPromised(['a', 'b'], ['a', 'b'])).to.equal(true);
    expect(isPromised(['a', 'b'], ['a'])).to.equal(false);
    expect(isPromised(['a'], ['a', 'b'])).to.equal(false);
    expect(isPromised([], ['a'])).to.equal(false);
    expect(isPromised(['a'], [])).to.equal(false);
  });

  it('takes any lines for an ellipsis, none included', () => {
    expect(isPromised(['a', 'b', 'c', 'd'], ['a', '…', 'd'])).to.equal(true);
    expect(isPromised(['a', 'd'], ['a', '…', 'd'])).to.equal(true);
    expect(isPromised(['a', 'b'], ['a', '…', 'd'])).to.equal(false);
    expect(isPromised(['a', 'd', 'e'], ['a', '…', 'd'])).to.equal(false);
  });
});

const snippet = (line: number, code: string, isRun = true): Snippet => ({ file: 'docs/a.md', line, code, isRun });

describe('typeCheck and runSnippets', function checked() {
  this.timeout(180_000);
  const sound = snippet(1, "import { of } from 'rxjs';\nof(1).subscribe(console.log);\n");
  const mistyped = snippet(10, "const n: number = 'text';\n");
  const throwing = snippet(20, "console.log(await Promise.resolve('before'));\nthrow new Error('broken');\n");
  const rejecting = snippet(30, "void Promise.reject(new Error('unheard'));\n");
  const skipped = snippet(40, "throw new Error('never run');\n", false);
  const snippets = [sound, mistyped, throwing, rejecting, skipped];
  let folder: string;

  before(() => {
    mkdirSync('.cache', { recursive: true });
    folder = mkdtempSync(resolve('.cache/snippets-'));
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('tell type errors by snippet, with the lines of the page', async () => {
    const faults = await typeCheck(snippets, folder);
    expect([...faults].filter(([, found]) => found.length > 0).map(([owner]) => owner)).to.deep.equal([mistyped]);
    expect(faults.get(mistyped)?.[0]).to.match(/docs__a\.md\.10\.ts\(11,7\): error TS2322/);
  });

  it('tell how each one ended', async () => {
    const outcomes = await runSnippets(snippets, folder);
    expect(outcomes.get(sound)).to.deep.equal({ status: 0, stdout: '1\n', stderr: '' });
    expect(outcomes.get(throwing)).to.include({ status: 1, stdout: 'before\n' });
    expect(outcomes.get(throwing)?.stderr).to.match(/docs__a\.md\.20\.ts:22/);
    expect(outcomes.get(rejecting)?.status).to.equal(1);
    expect(outcomes.has(skipped)).to.equal(false);
  });
});
