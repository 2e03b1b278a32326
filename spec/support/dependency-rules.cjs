/** Who may import whom in lib, for dependency-cruiser. It refuses nested quantifiers, so the patterns are flat. */
const PORT = '(backend|actor|purpose|environment|experience)';
const ENTRY = '^lib/(index|resilience|adapters|node|testing)\\.ts$';
const SUBJECTS = '^lib/(domain|errors|internal|operators)/';
const PORT_INTERFACES = '^lib/(actor/actor|purpose/purpose-function|environment/environment|experience/experience)\\.ts$';

/** Modules under `from` import nothing of lib but `to`. */
const only = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^lib/', pathNot: to },
});

/** No module of lib but those of `from` imports the package. */
const packageOnlyFrom = (name, from) => ({
  name: `${name}-at-the-rim`,
  comment: `${name} is imported by its own file alone`,
  severity: 'error',
  from: { path: '^lib/', pathNot: from },
  to: { path: `(^|/)node_modules/${name}/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', comment: 'type-only imports count', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      comment: 'every import leads somewhere',
      severity: 'error',
      from: { path: '^lib/' },
      to: { couldNotResolve: true },
    },
    only('errors', '^lib/errors/', '^lib/errors/', 'errors import nothing'),
    only('domain', '^lib/domain/', '^lib/(domain|errors)/', 'the domain knows errors only'),
    only('internal', '^lib/internal/', '^lib/(internal|errors)/', 'internal is plumbing'),
    only('operators', '^lib/operators/', SUBJECTS, 'events in, events out'),
    only(
      'ports',
      `^lib/${PORT}/`,
      [SUBJECTS, '^lib/$1/', '^lib/backend/(backend|generate-structured|ask-backend|is-cut-off)\\.ts$'],
      'a port knows itself',
    ),
    {
      name: 'backend-is-for-actor-and-purpose',
      comment: 'no other port speaks to a model',
      severity: 'error',
      from: { path: '^lib/(environment|experience)/' },
      to: { path: '^lib/backend/' },
    },
    only('orchestrator', '^lib/orchestrator/', ['^lib/orchestrator/', SUBJECTS, PORT_INTERFACES], 'ports by their interface'),
    only(
      'policies',
      '^lib/policies/',
      ['^lib/policies/', SUBJECTS, '^lib/orchestrator/', PORT_INTERFACES, '^lib/backend/backend\\.ts$'],
      'what an orchestrator is given',
    ),
    only('adapters', '^lib/adapters/', ['^lib/adapters/', SUBJECTS, '^lib/orchestrator/agent-run\\.ts$'], 'the rim'),
    {
      name: 'policies-and-adapters-are-leaves',
      comment: 'who does not use them does not load them',
      severity: 'error',
      from: { path: '^lib/', pathNot: ['^lib/(policies|adapters)/', ENTRY, '^lib/testing/'] },
      to: { path: '^lib/(policies|adapters)/' },
    },
    {
      name: 'testing-is-a-leaf',
      comment: 'what runs in production knows nothing of its tests',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/testing(/|\\.ts$)' },
      to: { path: '^lib/testing/' },
    },
    { name: 'entries-are-roots', comment: 'nothing imports an entry', severity: 'error', from: {}, to: { path: ENTRY } },
    {
      name: 'no-barrels',
      comment: 'imports name the file',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^lib/.*index\\.ts$' },
    },
    {
      name: 'known-rooms',
      comment: 'a new folder needs a rule here',
      severity: 'error',
      from: { path: '^lib/', pathNot: [ENTRY, SUBJECTS, `^lib/(${PORT}|orchestrator|policies|adapters|testing)/`] },
      to: {},
    },
    { name: 'no-spec-in-lib', comment: 'lib stands alone', severity: 'error', from: { path: '^lib/' }, to: { path: '^(spec|demos)/' } },
    packageOnlyFrom('openai', '^lib/backend/openai-[^/]*\\.ts$'),
    packageOnlyFrom('tinypool', '^lib/backend/from-worker\\.ts$'),
    {
      name: 'rxjs-root-only',
      comment: "import from 'rxjs'",
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/testing/' },
      to: { path: '(^|/)node_modules/rxjs/', pathNot: '(^|/)node_modules/rxjs/dist/[a-z0-9]+/index\\.' },
    },
    {
      name: 'rxjs-and-its-testing-only',
      comment: "import from 'rxjs' and 'rxjs/testing'",
      severity: 'error',
      from: { path: '^lib/testing/' },
      to: { path: '(^|/)node_modules/rxjs/', pathNot: '(^|/)node_modules/rxjs/dist/[a-z0-9]+/(testing/)?index\\.' },
    },
    {
      name: 'declared',
      comment: 'what lib imports stands in dependencies or peerDependencies',
      severity: 'error',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer'] },
    },
    {
      name: 'node-at-the-rim',
      comment: 'the root entry runs in browsers',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(node|backend/from-worker|policies/jsonl-file)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'], cachedInputFileSystem: { cacheDuration: 60_000 } },
  },
};
