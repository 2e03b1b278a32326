import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import { cruiseLib, type Layering } from '../support/cruise.js';

/** Every module of a small library, each with what it imports. The name before the colon is the rule that it breaks. */
const planted = {
  'sound: lib/errors/engine-error.ts': [],
  'sound: lib/domain/state.ts': ['../errors/engine-error.js'],
  'sound: lib/internal/operate.ts': ['rxjs', '../errors/engine-error.js'],
  'sound: lib/operators/of-type.ts': ['rxjs', '../domain/state.js', '../internal/operate.js'],
  'sound: lib/backend/backend.ts': ['../domain/state.js'],
  'sound: lib/backend/generate-structured.ts': ['./backend.js'],
  'sound: lib/backend/openai-backend.ts': ['openai', './backend.js'],
  'sound: lib/backend/from-worker.ts': ['tinypool', 'node:worker_threads'],
  'sound: lib/actor/actor.ts': ['../backend/backend.js'],
  'sound: lib/actor/llm-actor.ts': ['./actor.js', '../backend/generate-structured.js'],
  'sound: lib/orchestrator/pipeline.ts': ['../actor/actor.js', '../operators/of-type.js'],
  'sound: lib/index.ts': ['./orchestrator/pipeline.js', './actor/llm-actor.js', './errors/engine-error.js'],
  'sound: lib/node.ts': ['./backend/from-worker.js'],
  'sound: lib/testing.ts': ['./testing/agent-marbles.js'],
  'sound: lib/testing/agent-marbles.ts': ['rxjs', 'rxjs/testing', '../orchestrator/pipeline.js', '../backend/openai-backend.js'],
  'testing-is-a-leaf: lib/actor/tested.ts': ['../testing/agent-marbles.js'],
  'rxjs-and-its-testing-only: lib/testing/ajax.ts': ['rxjs/ajax'],
  'errors: lib/errors/learned-error.ts': ['../domain/state.js'],
  'domain: lib/domain/piped.ts': ['../internal/operate.js'],
  'internal: lib/internal/knowing.ts': ['../domain/state.js'],
  'operators: lib/operators/ported.ts': ['../actor/actor.js'],
  'ports: lib/purpose/sideways.ts': ['../actor/actor.js'],
  'ports: lib/actor/direct.ts': ['../backend/openai-backend.js'],
  'ports: lib/environment/upwards.ts': ['../orchestrator/pipeline.js'],
  'backend-is-for-actor-and-purpose: lib/experience/asking.ts': ['../backend/backend.js'],
  'orchestrator: lib/orchestrator/concrete.ts': ['../actor/llm-actor.js'],
  'entries-are-roots: lib/domain/circling.ts': ['../node.js'],
  'no-barrels: lib/actor/short-cut.ts': ['./index.js'],
  'sound: lib/actor/index.ts': ['./actor.js'],
  'known-rooms: lib/shed/tool.ts': ['../domain/state.js'],
  'no-spec-in-lib: lib/domain/tested.ts': ['../../spec/helper.js'],
  'sound: spec/helper.ts': [],
  'openai-at-the-rim: lib/backend/generous.ts': ['openai'],
  'tinypool-at-the-rim: lib/backend/pooled.ts': ['tinypool'],
  'rxjs-root-only: lib/operators/tested.ts': ['rxjs/testing'],
  'declared: lib/domain/asserting.ts': ['chai'],
  'node-at-the-rim: lib/domain/reading.ts': ['node:fs'],
  'resolvable: lib/domain/lost.ts': ['./nowhere.js'],
  'no-cycles: lib/domain/egg.ts': ['./hen.js'],
  'sound: lib/domain/hen.ts': ['./egg.js'],
} satisfies Record<string, readonly string[]>;

/** Rules that a planted module breaks besides the one it is there for. */
const alsoBroken = ['domain: lib/domain/circling.ts', 'ports: lib/actor/tested.ts'];

/** Type-only on purpose: these count like any other import. */
const sourceOf = (imports: readonly string[]): string =>
  [...imports.map((specifier, index) => `import type * as import${index} from '${specifier}';`), 'export const one = 1;', ''].join('\n');

const plant = (folder: string): void => {
  for (const [name, imports] of Object.entries(planted)) {
    const path = join(folder, name.replace(/^.*: /, ''));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, sourceOf(imports));
  }
  const manifest = {
    name: 'planted',
    dependencies: { openai: '*', tinypool: '*' },
    peerDependencies: { rxjs: '*' },
    devDependencies: { chai: '*' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
};

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `lib/${file}`)
    .sort();

const moduleOf = (violation: string): string => violation.replace(/ → .*$/, '');

describe('the layers of lib', function layers() {
  this.timeout(180_000);
  it('are kept, in every module there is', async () => {
    const { modules, violations } = await cruiseLib(process.cwd());
    expect(modules.toSorted()).to.deep.equal(filesOf('lib'));
    expect(violations).to.deep.equal([]);
  });

  describe('the check', () => {
    let folder: string;
    let seen: Layering;

    before(async () => {
      // Inside the repository, so that packages resolve.
      mkdirSync('.cache', { recursive: true });
      folder = mkdtempSync(resolve('.cache/layering-'));
      plant(folder);
      seen = await cruiseLib(folder);
    });

    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it('sees every module', () => {
      expect(seen.modules.toSorted()).to.deep.equal(filesOf(join(folder, 'lib')));
    });

    it('reports each planted fault, type-only ones included, and nothing else', () => {
      const expected = [...Object.keys(planted).filter((name) => !name.startsWith('sound: ')), ...alsoBroken];
      expect([...new Set(seen.violations.map(moduleOf))].sort()).to.deep.equal(expected.sort());
    });
  });
});
