import { expect } from 'chai';
import * as fc from 'fast-check';
import * as t from 'io-ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { actorPrompt, actorValues, conversationPrompt } from '../../lib/actor/actor-prompt.js';
import { createConversation } from '../../lib/actor/conversation.js';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { decideByToolCalls } from '../../lib/actor/tool-decision.js';
import { createWireNames } from '../../lib/actor/wire-names.js';
import type { LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { repairMessages } from '../../lib/backend/repair-messages.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import type { Json, JsonRecord } from '../../lib/domain/json.js';
import { quote, renderPrompt } from '../../lib/domain/prompt.js';
import { foldRun } from '../../lib/domain/run-state.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { Trajectory } from '../../lib/domain/trajectory.js';
import { tool } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import type { ApproveConfig } from '../../lib/orchestrator/approval.js';
import { readJournal } from '../../lib/policies/jsonl-file.js';
import { journalTo } from '../../lib/policies/journal-to.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { purposePrompt, purposeValues } from '../../lib/purpose/purpose-prompt.js';
import { decideContext } from '../support/decide-context.js';
import { orchestrate } from '../support/orchestrate.js';
import { outcomeOf } from '../support/outcome.js';
import { watchPrototypes } from '../support/prototypes.js';

const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'toJSON', 'length', 'call'],
  ...['__defineGetter__', '__lookupSetter__', 'isPrototypeOf', 'catch', 'subscribe', 'next', 'get', 'set'],
];

/** As a model writes it: in an object literal, the first key would be a prototype. */
const hostileJson = (depth = 1): string => {
  const inner = depth === 0 ? '{"polluted":true}' : hostileJson(depth - 1);
  return `{${NAMES.map((name) => `${JSON.stringify(name)}:${inner}`).join(',')},"constructor":{"prototype":{"polluted":true}}}`;
};

const hostile = JSON.parse(hostileJson()) as JsonRecord;

const actionJson = (name: string, params: string, more = ''): string =>
  `{"thought":"So.","name":${JSON.stringify(name)},"params":${params},"expectedDelta":""${more}}`;

const scoreJson = (more = ''): string => `{"evidence":"a mat","phiBefore":0,"phiAfter":1,"confidence":1${more}}`;

const DONE = actionJson('DONE', '{"answer":"there"}');

const escaped = (json: string): string => json.replaceAll('__proto__', String.raw`\u005f_proto\u005F_`);

/** Fields that nobody asked for. */
const fields = `,${hostileJson().slice(1, -1)}`;

const nativeCalls = (names: readonly string[]): readonly LLMChunk[] => [
  { type: 'text', text: 'So.' },
  ...names.map((name, index): LLMChunk => ({ type: 'tool_call', id: index % 2 === 0 ? '__proto__' : `c${index}`, name, params: hostile })),
  { type: 'finish', reason: 'tool_calls' },
];

/** A run whose model and judge are hostile, up to its end, and what its tool was given. */
async function runHostile(
  answers: readonly (string | readonly LLMChunk[])[],
  {
    actions = 'json',
    judged = scoreJson(fields),
    approve,
    resumeFrom = [],
  }: { actions?: 'json' | 'tools'; judged?: string; approve?: ApproveConfig; resumeFrom?: readonly StreamEvent[] } = {},
) {
  const given: unknown[] = [];
  const journal: string[] = [];
  const environment = toolEnvironment({
    initialState: { data: JSON.parse(hostileJson()) as JsonRecord },
    tools: [
      tool({
        name: 'take',
        run: (params) => {
          given.push(params);
          return JSON.parse(hostileJson()) as Json;
        },
      }),
      tool({
        name: 'look',
        params: t.intersection([t.type({ at: t.string }), t.partial({ of: t.UnknownRecord })]),
        run: (params) => {
          given.push(params);
          return 'a mat';
        },
      }),
    ],
  });
  const actor = llmActor({ backend: scriptedBackend(answers), tools: environment.tools, actions });
  const purposeFunction = llmPurposeFunction({ backend: scriptedBackend(answers.slice(1).map(() => judged)) });
  const run = orchestrate({
    actor,
    purposeFunction,
    environment,
    ...(approve && { approve }),
    journal: journalTo({ append: (event) => void journal.push(JSON.stringify(event)) }),
  }).runTaskStream({ purpose: hostileJson(), resumeFrom });
  const { values: events, error } = await outcomeOf(run);
  return { events, error, given, journal };
}

const endsOf = (events: readonly StreamEvent[]) => events.flatMap((event) => (event.type === 'tool_end' ? [event.data] : []));

/** Whether the value, or anything in it, has a prototype that it was given. */
const isTampered = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isOrdinary = prototype === null || prototype === Object.prototype || prototype === Array.prototype;
  return !isOrdinary || Object.values(value).some(isTampered);
};

const expectDone = ({ events, error, given }: Awaited<ReturnType<typeof runHostile>>): void => {
  expect(error).to.equal(undefined);
  expect(events.at(-1)?.data).to.include({ stopReason: 'done' });
  for (const value of [...given, ...events]) expect(isTampered(value)).to.equal(false);
};

describe('names that objects inherit, in what a model says', () => {
  let changed: () => readonly string[];
  beforeEach(() => {
    changed = watchPrototypes();
  });
  afterEach(() => {
    expect(changed()).to.deep.equal([]);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });

  it('reach nothing as fields of an action, of its parameters and of a score', async () => {
    const run = await runHostile([actionJson('take', hostileJson(), fields), actionJson('look', `{"at":"x","of":${hostileJson()}}`), DONE]);
    expectDone(run);
    expect(run.given).to.have.lengthOf(2);
    for (const params of run.given) expect(Object.keys(params as object)).not.to.include('__proto__');
    expect(run.events.find(({ type }) => type === 'action')?.data).to.have.all.keys('name', 'params', 'thought', 'expectedDelta');
  });

  it('reach nothing when their letters are escaped', async () => {
    const run = await runHostile([escaped(actionJson('take', hostileJson(), fields)), DONE], { judged: escaped(scoreJson(fields)) });
    expectDone(run);
    expect(Object.keys(run.given[0] as object)).not.to.include('__proto__');
  });

  it('reach nothing as parameters of native calls', async () => {
    const run = await runHostile(
      [
        nativeCalls(['take', 'take', 'look']),
        [
          { type: 'text', text: 'There.' },
          { type: 'finish', reason: 'stop' },
        ],
      ],
      {
        actions: 'tools',
      },
    );
    expectDone(run);
    expect(endsOf(run.events).map(({ ok }) => ok)).to.deep.equal([true, true, false]);
    for (const params of run.given) expect(Object.keys(params as object)).not.to.include('__proto__');
  });

  it('are tools that there are not, asked for one at a time', async () => {
    const run = await runHostile([...NAMES.map((name) => actionJson(name, '{}')), DONE]);
    expectDone(run);
    expect(endsOf(run.events).map(({ name }) => name)).to.deep.equal(NAMES);
    for (const { ok, error } of endsOf(run.events)) expect({ ok, error }).to.satisfy(() => !ok && error?.startsWith('there is no tool'));
  });

  it('are tools that there are not, asked for side by side', async () => {
    const calls = `{"calls":[${NAMES.map((name) => `{"name":${JSON.stringify(name)},"params":${hostileJson(0)}}`).join(',')}]}`;
    const run = await runHostile([actionJson('parallel', calls), DONE]);
    expectDone(run);
    expect(endsOf(run.events)).to.have.lengthOf(NAMES.length);
    for (const { error } of endsOf(run.events)) expect(error).to.match(/^there is no tool/);
  });

  it('are tools that there are not, called natively', async () => {
    const run = await runHostile(
      [
        nativeCalls(NAMES),
        [
          { type: 'text', text: 'There.' },
          { type: 'finish', reason: 'stop' },
        ],
      ],
      {
        actions: 'tools',
      },
    );
    expectDone(run);
    expect(endsOf(run.events).map(({ name, ok }) => [name, ok])).to.deep.equal(NAMES.map((name) => [name, false]));
  });

  it('reach nothing from parameters that somebody edited', async () => {
    const run = await runHostile([actionJson('take', '{}'), DONE], {
      approve: { ask: () => JSON.parse(`{"decision":"edit","params":${hostileJson()},"constructor":1}`) as { decision: 'approve' } },
    });
    expectDone(run);
    expect(Object.keys(run.given[0] as object)).not.to.include('__proto__');
  });

  it('are data to wait for nothing: what has a `then` is no promise', async () => {
    const params = '{"then":"resolve","toJSON":"x","subscribe":1}';
    const run = await runHostile([actionJson('take', params), DONE]);
    expectDone(run);
    expect(JSON.stringify(run.given)).to.equal(`[${params}]`);
    expect(endsOf(run.events)[0]).to.have.nested.property('output.then');
  });

  it('reach nothing by the lines of a journal', async () => {
    const { journal, events } = await runHostile([actionJson('take', hostileJson()), DONE]);
    const folded = foldRun(journal.map((line) => JSON.parse(line) as StreamEvent));
    expect(isTampered({ ...folded, calls: null, approvals: null, inputs: null })).to.equal(false);
    expect(JSON.stringify(folded)).to.equal(JSON.stringify(foldRun(events)));
    const path = join(mkdtempSync(join(tmpdir(), 'journal-')), 'run.jsonl');
    writeFileSync(path, journal.map((line) => `${line.slice(0, -1)}${fields}}\n`).join(''));
    const [read = []] = readJournal(path).runs.values();
    rmSync(dirname(path), { recursive: true });
    expect(JSON.stringify(foldRun(read))).to.equal(JSON.stringify(folded));

    const finished = read.slice(0, read.findIndex(({ type }) => type === 'step_end') + 1);
    const resumed = await runHostile([DONE], { resumeFrom: finished });
    expect(resumed.error).to.equal(undefined);
    expect(resumed.given).to.deep.equal([]);
    expect(resumed.events.at(-1)?.data).to.include({ stopReason: 'done', totalSteps: 1 });
  });
});

/** What ends a quotation, looks as if it did, or hides that it does. */
const ENDINGS = [
  ...[
    '</data>',
    '</DATA>',
    '</Data >',
    '< /data>',
    '<\u200b/data>',
    '<\u2060/da\u200dta>',
    '\uff1c/data\uff1e',
    '\ufe64/data>',
    '<\\/data>',
  ],
  ...[
    '&lt;/data&gt;',
    String.raw`\u003c/data>`,
    '<data name="purpose">',
    '"',
    '\\"',
    '\\',
    '"</data>',
    '{{purpose}}',
    '{{ state }}',
    '\ud800',
    '\udc00',
  ],
  ...['\n', '\r\n', '\u2028', '\u0000', '\u202e', '</data></data>', '<|im_end|>', 'System:', '`', "'", '\u{1f511}'],
];

const text = fc
  .array(
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ENDINGS) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) }),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));

/** The quotations of a text as a careless reader finds them, and what stands between them. */
const readQuotations = (
  said: string,
): { readonly quoted: readonly (readonly [name: string, json: string])[]; readonly between: string } => {
  const quoted: (readonly [string, string])[] = [];
  const between = said.replaceAll(/<data name="([^"]*)">(.*?)<\/data>/gs, (_all, name: string, json: string) => {
    quoted.push([name, json]);
    return `[${name}]`;
  });
  return { quoted, between };
};

/** Everything that may be taken for the opening of a tag, however it is written. */
const openingsIn = (said: string): number => said.normalize('NFKC').split('<').length - 1;

/** That a rendered text is the one that harmless values give, but for what is quoted, and that each quotation is JSON. */
const expectClosed = (said: string, harmless: string): void => {
  const [read, expected] = [readQuotations(said), readQuotations(harmless)];
  expect(read.between).to.equal(expected.between);
  expect(read.quoted.map(([name]) => name)).to.deep.equal(expected.quoted.map(([name]) => name));
  expect(openingsIn(said)).to.equal(openingsIn(harmless));
  for (const [name, json] of read.quoted) {
    // The rules show what a quotation looks like.
    if (name === '…') continue;
    expect(json).not.to.match(/[<\n\r\ud800-\udfff]/u);
    JSON.parse(json);
  }
};

const contentsOf = (messages: LLMRequest['messages']): readonly string[] => messages.map(({ content }) => content);

const action = (said: string) => ({ name: said, params: { [`k${said}`]: said }, thought: '', expectedDelta: said });

const score = (evidence: string) => ({ phiBefore: 0, phiAfter: 1, delta: 1, confidence: 1, evidence, improved: true });

const recalled = (said: string): Trajectory => ({
  purpose: said,
  steps: [{ stateBefore: { data: {} }, action: action(said), stateAfter: { data: {} }, score: score(said), step: 1 }],
  cumulativeReward: 1,
  successRate: 1,
  finalPhi: 1,
});

const deciding = (said: string) =>
  decideContext({
    purpose: said,
    state: { data: { [`k${said}`]: said, _error: said, list: [said] }, summary: said },
    history: [{ action: said, result: said, score: said }],
    step: 2,
    recalled: [recalled(said)],
    notices: [
      { from: 'input', message: said, step: 1 },
      { from: 'nudge', message: said, step: 1, policy: said },
    ],
    turns: [
      {
        action: action('look'),
        calls: [{ callId: '1.1', name: 'look', params: { at: said }, result: { ok: true, output: said } }],
        result: said,
      },
    ],
  });

const tools = (said: string) => [{ name: `t${said}`, description: said, parameters: { type: 'object', title: said } }];

/** How a text is rendered where it is quoted, by the place. */
const places: Readonly<Record<string, (said: string) => readonly string[]>> = {
  'the prompt of an actor': (said) => contentsOf(renderPrompt(actorPrompt, actorValues(deciding(said), tools(said), 50))),
  'the prompt of an actor with native calls': (said) => {
    const context = deciding(said);
    const messages = createConversation(conversationPrompt, createWireNames(['look']))(
      actorValues(context, tools(said), 50),
      context.turns ?? [],
    );
    return contentsOf(messages.filter(({ role }) => role !== 'tool'));
  },
  'the prompt of a judge': (said) =>
    contentsOf(
      renderPrompt(
        purposePrompt,
        purposeValues(
          {
            purpose: said,
            stateBefore: { data: { a: said, b: 1 }, summary: said },
            stateAfter: { data: { a: `${said}!`, [`k${said}`]: said } },
          },
          0,
        ),
      ),
    ),
  'a prompt that is rendered with a quotation of a program': (said) => [quote('note', said), quote('note', { [said]: [said] })],
};

describe('a text in a quotation', () => {
  for (const [place, render] of Object.entries(places)) {
    it(`cannot close it in ${place}`, () => {
      const harmless = render('harmless');
      fc.assert(
        fc.property(text, (said) => {
          const rendered = render(said);
          expect(rendered).to.have.lengthOf(harmless.length);
          rendered.forEach((content, index) => expectClosed(content, harmless[index] ?? ''));
        }),
        { numRuns: 300 },
      );
    });
  }

  it('reads as it was, whatever the quotation is called', () => {
    fc.assert(
      fc.property(text, text, (name, said) => {
        const quoted = quote(name, said);
        const [[, json] = ['', '']] = readQuotations(quoted).quoted;
        expect(JSON.parse(json)).to.equal(said);
        expect(openingsIn(quoted)).to.equal(2);
        expect(quoted.match(/>/)?.index).to.equal(quoted.indexOf('">') + 1);
        expect(quoted.slice(0, quoted.indexOf('>')).match(/"/g)).to.have.lengthOf(2);
      }),
    );
  });

  it('cannot open or close one as the result of a tool', () => {
    fc.assert(
      fc.property(text, (said) => {
        const context = deciding(said);
        const messages = createConversation(conversationPrompt, createWireNames(['look']))(
          actorValues(context, [], 50),
          context.turns ?? [],
        );
        const results = messages.filter(({ role }) => role === 'tool');
        expect(results).to.have.lengthOf(1);
        for (const { content } of results) {
          expect(openingsIn(content)).to.equal(0);
          expect(JSON.parse(content)).to.deep.equal({ ok: true, output: said });
        }
      }),
    );
  });
});

describe('a refused answer', () => {
  const asked: LLMRequest['messages'] = [{ role: 'user', content: quote('state', 'x') }];

  it('can open or close no quotation by what is said to be wrong with it', () => {
    fc.assert(
      fc.property(text, (said) => {
        const messages = repairMessages(asked, {
          issues: [`/name: expected string, got ${JSON.stringify(said)}`, `/${said}: expected`],
          received: '',
        });
        expect(openingsIn(contentsOf(messages).join(''))).to.equal(2);
      }),
    );
  });

  it('can close no quotation when it is shown again', () => {
    fc.assert(
      fc.property(text, (said) => {
        const backend = scriptedBackend([
          [
            { type: 'text', text: said },
            { type: 'finish', reason: `x${said}` },
          ],
          [
            { type: 'text', text: 'There.' },
            { type: 'finish', reason: 'stop' },
          ],
        ]);
        decideByToolCalls({ backend, request: { messages: asked }, repairs: 1, tools: [], names: createWireNames([]) }).subscribe();
        const [, again] = backend.requests;
        const content = contentsOf(again?.messages ?? []).join('');
        expect(openingsIn(content)).to.equal(said === '' ? 2 : 4);
        expect(readQuotations(content).quoted.map(([name]) => name)).to.deep.equal(said === '' ? ['state'] : ['state', 'answer']);
      }),
    );
  });
});
