import { expect } from 'chai';
import { lastValueFrom, map, toArray, type Observable } from 'rxjs';
import {
  createOrchestrator,
  llmActor,
  llmPurposeFunction,
  quote,
  toolEnvironment,
  type LLMBackend,
  type LLMRequest,
  type TaskResult,
} from 'purpose-rx';
import { evidenceOf, isFound } from '../../demos/find-symbol/evidence.js';
import { purposeOf } from '../../demos/find-symbol/options.js';
import { standInModel } from '../../demos/find-symbol/stand-in-model.js';
import { folderTools } from '../../demos/find-symbol/tools.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { writeFixture, type Fixture } from './fixture.js';

const find = (question: string, folder: string): Observable<TaskResult> => {
  const backend = standInModel({ pace: 0 });
  const environment = toolEnvironment({ tools: folderTools(folder) });
  const actor = llmActor({ backend, tools: environment.tools });
  return createOrchestrator({ actor, purposeFunction: llmPurposeFunction({ backend }), environment }).runTask({
    purpose: purposeOf(question),
    maxSteps: 8,
    earlyStopPhi: null,
  });
};

const placesOf = (result: TaskResult): readonly string[] => evidenceOf(result).map(({ path, line }) => `${path}:${line}`);

/** A request as an actor makes it, with nothing behind it. */
const actorRequest = (observations: readonly object[], question = 'where is frobnicate defined?'): LLMRequest => ({
  messages: [
    { role: 'system', content: 'Answer with JSON.' },
    {
      role: 'user',
      content: [
        quote('purpose', question),
        quote('tools', []),
        quote('state', { data: { observations: JSON.parse(JSON.stringify(observations)) } }),
        quote('step', 1 + observations.length),
      ].join('\n'),
    },
  ],
});

const judgeRequest = (observations: readonly object[]): LLMRequest => ({
  messages: [
    {
      role: 'user',
      content: [
        quote('purpose', 'frobnicate'),
        quote('state_before', { data: {} }),
        quote('state_after', { data: { observations: JSON.parse(JSON.stringify(observations)) } }),
      ].join('\n'),
    },
  ],
});

const answer = async (backend: LLMBackend, request: LLMRequest): Promise<Record<string, unknown>> => {
  const text$ = backend.stream(request).pipe(
    map((chunk) => (chunk.type === 'text' ? chunk.text : '')),
    toArray(),
  );
  return JSON.parse((await lastValueFrom(text$)).join('')) as Record<string, unknown>;
};

const searched = (matches: readonly object[]): object => ({
  callId: '1.1',
  name: 'search_text',
  ok: true,
  output: { searched: 'frobnicate', wholeWord: true, ignoreCase: false, filesSearched: 5, filesSkipped: 0, total: matches.length, matches },
});

const read = (path: string, from: number, lines: readonly string[]): object => ({
  callId: '2.1',
  name: 'read_lines',
  ok: true,
  output: { path, from, lines },
});

const DEFINITION = { path: 'made/up.py', line: 2, text: 'def frobnicate(x):' };

describe('standInModel', () => {
  const model = standInModel({ pace: 0 });

  it('lists and searches side by side where nothing is known', async () => {
    const { name, params } = await answer(model, actorRequest([]));
    expect(name).to.equal('parallel');
    expect(params).to.deep.equal({
      calls: [
        { name: 'list_files', params: {} },
        { name: 'search_text', params: { text: 'frobnicate', wholeWord: true } },
      ],
    });
  });

  it('believes the prompt alone: a file that exists nowhere is read and named where its data says so', async () => {
    const found = searched([DEFINITION, { path: 'made/use.py', line: 9, text: 'frobnicate(3)' }]);
    expect(await answer(model, actorRequest([found]))).to.deep.include({
      name: 'read_lines',
      params: { path: 'made/up.py', from: 1, to: 6 },
    });
    const { name, params } = await answer(model, actorRequest([found, read('made/up.py', 1, ['', 'def frobnicate(x):'])]));
    expect(name).to.equal('DONE');
    expect(params).to.deep.equal({ answer: 'frobnicate is defined in made/up.py:2: "def frobnicate(x):".' });
  });

  it('does not take a line for a definition that was read inside a string', async () => {
    const found = searched([DEFINITION]);
    const { params } = await answer(model, actorRequest([found, read('made/up.py', 1, ['"""', 'def frobnicate(x):', '"""'])]));
    expect(JSON.stringify(params)).to.include('was not found');
  });

  it('reads further up where an excerpt begins in the middle of a string', async () => {
    const far = { ...DEFINITION, path: 'made/up.ts', line: 300, text: 'export const frobnicate = 1;' };
    const excerpt = read('made/up.ts', 299, ['end of a text`;', far.text, 'const other = `begins`;']);
    const step = await answer(model, actorRequest([searched([far]), excerpt]));
    expect(step).to.deep.include({ name: 'read_lines', params: { path: 'made/up.ts', from: 209, to: 299 } });
    const above = read('made/up.ts', 209, ['const text = `', ...Array.from({ length: 89 }, () => 'prose')]);
    expect(await answer(model, actorRequest([searched([far]), excerpt, above]))).to.deep.include({ name: 'DONE' });
  });

  it('raises Φ by evidence alone: nothing, mentioned, seen, read', async () => {
    const mention = searched([{ path: 'a.py', line: 1, text: 'frobnicate(3)' }]);
    const seen = searched([DEFINITION]);
    const judged = await Promise.all(
      [[], [searched([])], [mention], [seen], [seen, read('made/up.py', 2, ['def frobnicate(x):'])]].map((observations) =>
        answer(model, judgeRequest(observations)),
      ),
    );
    expect(judged.map(({ phiAfter }) => phiAfter)).to.deep.equal([0, 0, 1, 4, 10]);
    expect(judged.at(-1)?.['evidence']).to.include('made/up.py:2');
    expect(judged.every(({ phiBefore }) => phiBefore === 0)).to.equal(true);
  });

  it('counts a longer name that comes near as no mention', async () => {
    const wide = {
      output: {
        searched: 'frobnicate',
        wholeWord: false,
        ignoreCase: true,
        filesSearched: 5,
        filesSkipped: 0,
        total: 1,
        matches: [{ path: 'a.py', line: 1, text: 'refrobnicate(3)' }],
      },
    };
    expect(await answer(model, judgeRequest([searched([]), wide]))).to.have.property('phiAfter', 0);
  });

  it('ends with an answer where the question names nothing', async () => {
    expect(await answer(model, actorRequest([], 'where is it?'))).to.deep.include({ name: 'DONE' });
  });

  it('speaks token by token, and stops when it is unsubscribed', () =>
    agentMarbles(({ expectObservable, scheduler }) => {
      const spoken$ = standInModel({ pace: 2, scheduler })
        .stream({ messages: [] })
        .pipe(map((chunk) => (chunk.type === 'text' ? chunk.text : chunk.type)));
      expectObservable(spoken$, '---------------------------!').toBe('----------------------a-b-c-', {
        a: 'I am',
        b: ' a',
        c: ' sta',
      });
    }));

  describe('on a folder', () => {
    let fixture: Fixture;

    before(() => {
      fixture = writeFixture();
    });

    after(() => {
      fixture.remove();
    });

    it('finds each symbol of each language where it is defined', async () => {
      const found = await Promise.all(
        [...fixture.places.keys()].map(async (symbol) => [symbol, placesOf(await lastValueFrom(find(symbol, fixture.folder)))[0]] as const),
      );
      expect(new Map(found)).to.deep.equal(fixture.places);
    });

    for (const symbol of ['onlyInProse', 'onlyInstalled', 'onlyBinary', 'onlyOutside', 'onlyNowhere']) {
      it(`finds no ${symbol}`, async () => {
        const result = await lastValueFrom(find(symbol, fixture.folder));
        expect(isFound(result)).to.equal(false);
        expect(result.stopReason).to.equal('done');
        expect(result.answer).to.match(/was not found: I searched \d+ files/);
        expect(result.trajectory.finalPhi).to.be.at.most(1);
      });
    }

    it('names what comes near', async () => {
      const { answer } = await lastValueFrom(find('opendoor', fixture.folder));
      expect(answer).to.include('Names that come near: openDoor');
    });
  });
});
