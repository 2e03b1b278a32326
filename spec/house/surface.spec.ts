import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import * as root from 'purpose-rx';
import * as node from 'purpose-rx/node';
import * as adapters from 'purpose-rx/adapters';
import * as resilience from 'purpose-rx/resilience';
import * as testing from 'purpose-rx/testing';
import { execute, transcript } from '../support/execute.js';

/** What exists at run time. A name that appears or goes is a change of the public surface: change it here on purpose. */
const rootNames = [
  'Action',
  'AnswerLimitError',
  'AuthenticationError',
  'BackendError',
  'BadRequestError',
  'ChatMessage',
  'Confidence',
  'ContractError',
  'DONE',
  'EngineError',
  'EventOrderError',
  'EventsNotHeldError',
  'JournalError',
  'Json',
  'JsonRecord',
  'MalformedError',
  'NetworkError',
  'NotFoundError',
  'PARALLEL',
  'Phi',
  'PurposeScore',
  'RateLimitError',
  'ScriptError',
  'ServerError',
  'State',
  'StopReason',
  'StreamEvent',
  'StructuredOutputError',
  'Task',
  'TaskResult',
  'TimeoutError',
  'ToolCall',
  'ToolCallError',
  'Trajectory',
  'TrajectoryStep',
  'TruncatedError',
  'Usage',
  'actorPrompt',
  'coalesceTokens',
  'conversationPrompt',
  'createOrchestrator',
  'cumulativeReward',
  'decided',
  'decode',
  'describeError',
  'describeState',
  'finalPhi',
  'foldLedger',
  'foldRun',
  'fromGenerate',
  'generate',
  'generateStream',
  'generateStructured',
  'inMemoryExperience',
  'isEngineError',
  'isKnownError',
  'isToolProgress',
  'jsonSchema',
  'llmActor',
  'llmPurposeFunction',
  'ofType',
  'openAIBackend',
  'purposePrompt',
  'quote',
  'rulePurposeFunction',
  'runResult',
  'runTrajectory',
  'scored',
  'scriptedBackend',
  'signal',
  'successRate',
  'toTokens',
  'toTrajectory',
  'token',
  'tool',
  'toolEnvironment',
  'toolProgress',
  'verifyOrder',
  'withSchema',
];

const nodeNames = ['fromWorker', 'jsonlFile', 'readJournal'];

const resilienceNames = [
  'AllBackendsFailedError',
  'CacheError',
  'JournalError',
  'RetriesExhaustedError',
  'allOf',
  'anyOf',
  'budget',
  'concurrencyLimit',
  'deadline',
  'journalTo',
  'noProgress',
  'nudgeFirst',
  'plateau',
  'rateLimiter',
  'repeatedAction',
  'steps',
  'stopWhen',
  'withCache',
  'withConcurrency',
  'withFallback',
  'withHedge',
  'withRateLimit',
  'withRetry',
  'withTimeout',
];

const adaptersNames = ['BufferOverflowError', 'toAsyncIterable', 'toReadableStream'];

const testingNames = [
  'CassetteError',
  'ExpectationError',
  'ScriptError',
  'agentMarbles',
  'eventLetters',
  'faulty',
  'itObeysTheBackendLaws',
  'itObeysTheExperienceLaws',
  'itObeysTheOperatorLaws',
  'recordTo',
  'renderTimeline',
  'replayFrom',
  'scriptedActor',
  'scriptedBackend',
  'scriptedEnvironment',
  'scriptedPurposeFunction',
  'testOrchestrator',
  'verifyOrder',
];

/** Where the package is found under its own name. */
const COMPILED = '.cache/compiled';

/** What each import has loaded: to see it costs a process. */
const seen = new Map<string, Promise<readonly string[]>>();

/** The URLs of the modules that an import of `specifier` loads, in a process of its own. */
const loadedBy = (specifier: string): Promise<readonly string[]> => {
  const known = seen.get(specifier) ?? load(specifier);
  seen.set(specifier, known);
  return known;
};

async function load(specifier: string): Promise<readonly string[]> {
  const trace = ['--import', pathToFileURL('spec/support/trace-imports.mjs').href, '--input-type=module'];
  const outcome = await execute(process.execPath, [...trace, '--eval', `await import('${specifier}');`], { cwd: COMPILED });
  expect(outcome.status, transcript(outcome)).to.equal(0);
  return outcome.stdout.trim().split('\n');
}

const areOf = (name: string, urls: readonly string[]): readonly string[] => urls.filter((url) => url.includes(`/node_modules/${name}/`));

describe('the public surface', function surface() {
  this.timeout(180_000);
  it('is these names at the root', () => {
    expect(Object.keys(root).sort()).to.deep.equal(rootNames);
  });

  it('is these names for Node', () => {
    expect(Object.keys(node).sort()).to.deep.equal(nodeNames);
  });

  it('is these names for tests', () => {
    expect(Object.keys(testing).sort()).to.deep.equal(testingNames);
    expect(Object.keys(resilience).sort()).to.deep.equal(resilienceNames);
    expect(Object.keys(adapters).sort()).to.deep.equal(adaptersNames);
  });

  it('has no part of the testing kit at the root', async () => {
    const urls = await loadedBy('purpose-rx');
    expect(urls.filter((url) => url.includes('/lib/testing/'))).to.deep.equal([]);
  });

  it('loads neither openai nor an assertion library nor anything of Node for tests', async () => {
    const urls = await loadedBy('purpose-rx/testing');
    expect(urls.filter((url) => url.includes('/lib/testing/'))).to.not.deep.equal([]);
    for (const name of ['openai', 'chai', 'tinypool', 'fast-check']) expect(areOf(name, urls)).to.deep.equal([]);
  });

  it('loads neither openai nor a worker pool from the root', async () => {
    const urls = await loadedBy('purpose-rx');
    expect(urls.map((url) => url.replace(/\?.*$/, ''))).to.include(pathToFileURL(`${COMPILED}/lib/index.js`).href);
    expect(areOf('rxjs', urls)).to.not.deep.equal([]);
    expect(areOf('openai', urls)).to.deep.equal([]);
    expect(areOf('tinypool', urls)).to.deep.equal([]);
  });

  it('would be seen to load openai', async () => {
    expect(areOf('openai', await loadedBy('openai'))).to.not.deep.equal([]);
  });
});
