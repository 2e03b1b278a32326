import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { transform } from 'esbuild';
import { bundleSize } from '../bench/measure-size.js';
import { execute, transcript, type Outcome } from '../support/execute.js';
import { extractSnippets, isPromised, printedLines } from '../support/snippets.js';

const MINUTE = 60_000;

/** The most that a page may have to load before it runs, in bytes, `gzip -9`, without RxJS. */
const BUDGETS = {
  'the whole root entry': ["export * from 'purpose-rx';", 47_500],
  'an agent without a model': ["export { createOrchestrator, rulePurposeFunction, toolEnvironment } from 'purpose-rx';", 31_500],
  'an agent with a model': [
    "export { createOrchestrator, llmActor, llmPurposeFunction, openAIBackend, toolEnvironment } from 'purpose-rx';",
    43_900,
  ],
} as const;

const ENTRIES = ['purpose-rx', 'purpose-rx/resilience', 'purpose-rx/adapters', 'purpose-rx/node', 'purpose-rx/testing'];

/** The README's first example, as a stranger would paste it. */
const firstSnippet = () => {
  const snippet = extractSnippets(readFileSync('README.md', 'utf8'), 'README.md').find(({ isRun }) => isRun);
  if (snippet === undefined) throw new Error('The README has no snippet that runs.');
  return snippet;
};

const succeed = (outcome: Outcome): Outcome => {
  expect(outcome.status, transcript(outcome)).to.equal(0);
  return outcome;
};

/** Needs a build, so it is no part of `npm test`: see the script `test:package`. */
describe('the package, installed into an empty project', function installed() {
  this.timeout(5 * MINUTE);
  let project: string;
  const inProject = (command: string, ...args: readonly string[]) => execute(command, args, { cwd: project, timeout: 3 * MINUTE });

  before(async () => {
    project = mkdtempSync(join(tmpdir(), 'purpose-rx-'));
    if (!existsSync('dist/index.js')) throw new Error('There is no build: npm run build comes first.');
    succeed(await execute('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { timeout: 3 * MINUTE }));
    const [tarball] = readdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
    succeed(await inProject('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`));
    writeFileSync(join(project, 'main.ts'), `${firstSnippet().code}\nexport {};\n`);
    writeFileSync(join(project, 'entries.ts'), ENTRIES.map((entry, at) => `export * as entry${at} from '${entry}';\n`).join(''));
  });

  after(() => {
    rmSync(project, { recursive: true, force: true });
  });

  it('holds the build, the licence and the README, and nothing else', () => {
    const root = join(project, 'node_modules/purpose-rx');
    expect(readdirSync(root).sort()).to.deep.equal(['LICENSE', 'README.md', 'dist', 'package.json']);
    const kinds = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(kinds.filter(({ name }) => !/\.(js|js\.map|d\.ts)$/.test(name)).map(({ name }) => name)).to.deep.equal([]);
  });

  for (const [module, moduleResolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ] as const) {
    it(`type-checks with moduleResolution ${moduleResolution}, its declarations and those of its dependencies included`, async () => {
      const compilerOptions = {
        module,
        moduleResolution,
        target: 'ES2022',
        lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      };
      const config = `tsconfig.${moduleResolution}.json`;
      writeFileSync(join(project, config), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
      succeed(await inProject(resolve('node_modules/.bin/tsc'), '--project', config));
    });
  }

  for (const entry of ENTRIES) {
    it(`imports in bare node: ${entry}`, async () => {
      const source = `console.log(Object.keys(await import('${entry}')).length > 0)`;
      const { stdout } = succeed(await inProject(process.execPath, '--input-type=module', '--eval', source));
      expect(stdout).to.equal('true\n');
    });
  }

  for (const [what, [source, budget]] of Object.entries(BUDGETS)) {
    it(`weighs at most ${budget} bytes in a browser: ${what}`, async () => {
      const { gzip, modules, packages } = await bundleSize(source, project, 'browser');
      const loaded = [...modules.keys()];
      expect(gzip)
        .to.be.above(budget / 2)
        .and.at.most(budget);
      expect([...packages]).to.deep.equal(['rxjs']);
      expect(loaded.filter((module) => /\/(eventsource-parser|fp-ts\/lib|io-ts\/lib)\//.test(module))).to.deep.equal([]);
    });
  }

  it('loads what speaks to servers when it is needed', async () => {
    const { lazy, modules } = await bundleSize("export * from 'purpose-rx';", project, 'browser');
    expect(lazy).to.be.above(5000);
    expect([...modules.keys()].filter((module) => module.includes('/purpose-rx/dist/'))).to.not.deep.equal([]);
  });

  it("runs the README's first snippet in bare node", async () => {
    const snippet = firstSnippet();
    const { code } = await transform(snippet.code, { loader: 'ts', format: 'esm' });
    writeFileSync(join(project, 'main.js'), code);
    const printed = printedLines(succeed(await inProject(process.execPath, 'main.js')).stdout);
    expect(printed).to.not.deep.equal([]);
    if (snippet.output !== undefined && !isPromised(printed, snippet.output)) expect(printed).to.deep.equal(snippet.output);
  });
});
