import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import {
  concat,
  EMPTY,
  identity,
  map,
  merge,
  NEVER,
  of,
  switchMap,
  take,
  throwError,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { llmActor } from '../../../lib/actor/llm-actor.js';
import type { LLMBackend, LLMChunk } from '../../../lib/backend/backend.js';
import { scriptedBackend } from '../../../lib/backend/scripted-backend.js';
import type { ScriptStep } from '../../../lib/backend/script-step.js';
import type { StreamEvent } from '../../../lib/domain/stream-event.js';
import { BackendError } from '../../../lib/errors/backend-error.js';
import { TruncatedError } from '../../../lib/errors/truncated-error.js';
import { tool } from '../../../lib/environment/tool.js';
import { toolEnvironment } from '../../../lib/environment/tool-environment.js';
import { llmPurposeFunction } from '../../../lib/purpose/llm-purpose-function.js';
import { recordTo } from '../../../lib/testing/cassettes/record-to.js';
import { replayFrom } from '../../../lib/testing/cassettes/replay-from.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import { orchestrate } from '../../support/orchestrate.js';
import { asking, call, finish, playScenario, reasoning, restart, scenarioBackend, text, usage, watch } from './cassette-scenario.js';

/** Runs in virtual time and gives what `body` gives once all of it has happened. */
const inVirtualTime = <T>(body: () => T): T => {
  const results: T[] = [];
  agentMarbles(({ flush }) => {
    results.push(body());
    flush();
  });
  return results[0] as T;
};

/** When an answer is left that does not end, in milliseconds. */
const PATIENCE = 600_000;

/** What is heard of the answer to `x`, with the times. */
const heard = (backend: LLMBackend, cut: MonoTypeOperatorFunction<LLMChunk> = identity): readonly string[] =>
  inVirtualTime(() => {
    const told: string[] = [];
    const watching = watch(backend.stream(asking('x')).pipe(cut), told);
    // An answer that is never left is never written.
    timer(PATIENCE).subscribe(() => {
      watching.unsubscribe();
    });
    return told;
  });

/** A cassette of what is heard of a backend. */
const record = (
  backend: LLMBackend,
  cut?: MonoTypeOperatorFunction<LLMChunk>,
): { readonly told: readonly string[]; readonly lines: readonly string[] } => {
  const lines: string[] = [];
  const told = heard(recordTo((line) => lines.push(line))(backend), cut);
  return { told, lines };
};

const values = { a: text('a'), b: text('b'), m: reasoning('Hm'), u: usage, c: call, r: restart, f: finish };

const answers: Readonly<Record<string, ScriptStep>> = {
  'a text': { marbles: '--a-b-(uf|)', values },
  'a text at once': ['a', 'b', 'c'],
  'nothing at once': { marbles: '|' },
  'a text after a long wait': { marbles: '2m a 250ms b|', values },
  'reasoning and a call': { marbles: 'm--m-(cf|)', values },
  'a restart': { marbles: '-a-r-b|', values },
  'an error': { marbles: '-a--#', values, error: new TruncatedError('cut off', { partial: 'a' }) },
  'an error at once': new BackendError('down', { isRetryable: true }),
  'an answer that never ends': { marbles: '-a-b--', values },
  'an answer that never begins': { marbles: '--' },
};

/** A chunk and the time before it. */
type Timed = readonly [wait: number, chunk: LLMChunk];

/** Any UTF-16 code units, halves of surrogate pairs too. */
const anyText = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom('a', '"', '\\', '\n', '\r\n', '\u2028', '\u2029', '\u0085', '\0', '\ud83d', '\udeaa', '\ufeff'))
    .map((units) => units.join('')),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);

const anyChunk: fc.Arbitrary<LLMChunk> = fc.oneof(
  { weight: 3, arbitrary: anyText.map(text) },
  anyText.map(reasoning),
  fc.constantFrom(usage, restart, finish),
  fc
    .record({
      id: anyText,
      name: anyText,
      params: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        anyText,
      ),
    })
    .map(({ id, name, params }): LLMChunk => ({ type: 'tool_call', id, name, params: { ...params } })),
);

const anyAnswer = fc.record({
  chunks: fc.array(fc.tuple(fc.nat(30), anyChunk), { maxLength: 12 }),
  wait: fc.nat(30),
  end: fc.constantFrom('complete', 'error', 'never'),
});

const ends: Readonly<Record<string, Observable<never>>> = {
  complete: EMPTY,
  error: throwError(() => new BackendError('down')),
  never: NEVER,
};

const after = <T>(wait: number, part$: Observable<T>): Observable<T> => (wait === 0 ? part$ : timer(wait).pipe(switchMap(() => part$)));

const play = ({ chunks, wait, end }: { readonly chunks: readonly Timed[]; readonly wait: number; readonly end: string }): LLMBackend => ({
  stream: () => concat(...chunks.map(([before, chunk]) => after(before, of(chunk))), after(wait, ends[end] ?? NEVER)),
});

const playing = (step: ScriptStep): LLMBackend => scriptedBackend([step]);

/** Asks three questions, the third the same as the first, while the answers before are still coming. */
const ask = (backend: LLMBackend): readonly (readonly string[])[] =>
  inVirtualTime(() =>
    ['one', 'two', 'one'].map((question, index) => {
      const told: string[] = [];
      timer(index * 3).subscribe(() => {
        watch(backend.stream(asking(question)), told);
      });
      return told;
    }),
  );

/** Asks two backends at once. */
const both = (one: LLMBackend, other: LLMBackend): readonly string[] =>
  inVirtualTime(() => {
    const told: string[] = [];
    watch(merge(one.stream(asking('one')), other.stream(asking('other'))), told);
    return told;
  });

const scripted = (): [LLMBackend, LLMBackend] => [
  scriptedBackend([{ marbles: '-a--a|', values }]),
  scriptedBackend([{ marbles: '--b--b|', values }]),
];

const actorModel = (): LLMBackend =>
  scriptedBackend([
    {
      marbles: '10ms m 4ms a 4ms (buf|)',
      values: { ...values, a: text('{"thought":"I loo'), b: text('k.","name":"search","params":{"text":"door"},"expectedDelta":""}') },
    },
    { marbles: '3ms (a|)', values: { a: text('not an action') } },
    {
      marbles: '5ms (af|)',
      values: { ...values, a: text('{"thought":"Found.","name":"DONE","params":{"answer":"door.ts"},"expectedDelta":""}') },
    },
  ]);
const judgeModel = (): LLMBackend =>
  scriptedBackend([
    {
      marbles: '100ms a 49ms (buf|)',
      values: { ...values, a: text('{"evidence":"door.ts'), b: text('","phiBefore":0,"phiAfter":6,"confidence":0.9}') },
    },
  ]);
/** A run of the agent; all that happens in it, with the times. */
const run = (actor: LLMBackend, judge: LLMBackend, cut: MonoTypeOperatorFunction<StreamEvent> = identity): readonly string[] =>
  inVirtualTime(() => {
    const search = tool({ name: 'search', run: () => timer(20).pipe(map(() => ['door.ts'])) });
    const environment = toolEnvironment({ tools: [search] });
    const orchestrator = orchestrate({
      actor: llmActor({ backend: actor, tools: environment.tools }),
      purposeFunction: llmPurposeFunction({ backend: judge }),
      environment,
    });
    const told: string[] = [];
    watch(orchestrator.runTaskStream({ purpose: 'find the door' }).pipe(cut), told);
    return told;
  });

/** A run of the agent and its cassette. */
const recordRun = (
  cut?: MonoTypeOperatorFunction<StreamEvent>,
): { readonly told: readonly string[]; readonly lines: readonly string[] } => {
  const lines: string[] = [];
  const record = recordTo((line) => lines.push(line));
  return { told: run(record(actorModel()), record(judgeModel()), cut), lines };
};

describe('a cassette', () => {
  for (const [name, step] of Object.entries(answers)) {
    describe(`of ${name}`, () => {
      it('is heard as the recording was, event for event and at the same times', () => {
        const { told, lines } = record(playing(step));
        expect(told).to.deep.equal(heard(playing(step)));
        expect(heard(replayFrom(lines))).to.deep.equal(told);
      });

      it('is heard alike where both are left after n chunks, and where only the replay is', () => {
        const whole = record(playing(step)).lines;
        const most = heard(playing(step)).length;
        for (let count = 0; count <= most; count += 1) {
          const { told, lines } = record(playing(step), take(count));
          // To take none asks nothing.
          if (count === 0) expect(lines).to.deep.equal([]);
          else expect(heard(replayFrom(lines), take(count)), `cut at ${count}`).to.deep.equal(told);
          expect(heard(replayFrom(whole), take(count)), `whole, left at ${count}`).to.deep.equal(told);
        }
      });
    });
  }

  it('keeps any answer, its times and its end', () => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        const { told, lines } = record(play(answer));
        expect(lines.every((line) => !/[\n\r\u2028\u2029\u0085]/.test(line))).to.equal(true);
        expect(heard(replayFrom(`${lines.join('\n')}\n`))).to.deep.equal(told);
        expect(told).to.deep.equal(heard(play(answer)));
      }),
    );
  });

  it('keeps any answer that is left at any place', () => {
    fc.assert(
      fc.property(anyAnswer, fc.nat(12), (answer, count) => {
        const { told, lines } = record(play(answer), take(count + 1));
        expect(heard(replayFrom(lines), take(count + 1))).to.deep.equal(told);
      }),
    );
  });

  it('answers requests side by side at the times of each', () => {
    const steps: readonly ScriptStep[] = [
      { marbles: '--a----b|', values },
      { marbles: '-b|', values },
      { marbles: '-c|', values },
    ];
    const lines: string[] = [];
    const told = ask(recordTo((line) => lines.push(line))(scriptedBackend(steps)));
    for (const match of ['hash', 'order'] as const) {
      const backend = replayFrom(lines, { match });
      expect(ask(backend)).to.deep.equal(told);
      backend.verify();
    }
  });

  for (const version of [1, 2]) {
    it(`of version ${version} that was recorded once is heard as its backend still is`, () => {
      const cassette = readFileSync(`spec/support/fixtures/cassette-v${version}.jsonl`, 'utf8');
      const backend = replayFrom(cassette);
      expect(inVirtualTime(() => playScenario(backend))).to.deep.equal(inVirtualTime(() => playScenario(scenarioBackend())));
      backend.verify();
    });
  }

  it('of version 1 becomes one of version 2 where its replay is recorded', () => {
    const lines: string[] = [];
    const replay = replayFrom(readFileSync('spec/support/fixtures/cassette-v1.jsonl', 'utf8'));
    inVirtualTime(() => playScenario(recordTo((line) => lines.push(`${line}\n`))(replay)));
    expect(lines.join('')).to.equal(readFileSync('spec/support/fixtures/cassette-v2.jsonl', 'utf8'));
  });

  describe('of a whole agent', () => {
    it('gives the same events at the same times', () => {
      const { told, lines } = recordRun();
      expect(told.length).to.be.greaterThan(15);
      expect(told).to.deep.equal(run(actorModel(), judgeModel()));
      const backend = replayFrom(lines);
      expect(run(backend, backend)).to.deep.equal(told);
      backend.verify();
      expect(backend.requests).to.have.length(4);
    });

    it('gives the same events where the run is left at any of them', () => {
      const most = run(actorModel(), judgeModel()).length;
      for (let count = 1; count < most; count += 1) {
        const { told, lines } = recordRun(take(count));
        const backend = replayFrom(lines);
        expect(run(backend, backend, take(count)), `left at ${count}`).to.deep.equal(told);
        backend.verify();
      }
    });
  });

  it('is one for backends that are asked at once', () => {
    const lines: string[] = [];
    const decorate = recordTo((line) => lines.push(line));
    const [one, other] = scripted();
    const told = both(decorate(one), decorate(other));
    const backend = replayFrom(lines);
    expect(both(backend, backend)).to.deep.equal(told);
    expect(told).to.deep.equal(both(...scripted()));
  });
});
