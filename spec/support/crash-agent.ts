import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncScheduler, concat, defer, finalize, forkJoin, map, observeOn, of, tap, type Observable } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { TaskResult } from '../../lib/domain/task.js';
import { tool, toolProgress } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import { createOrchestrator } from '../../lib/orchestrator/orchestrator.js';
import type { InDoubt } from '../../lib/orchestrator/resume.js';
import { jsonlFile, readJournal } from '../../lib/policies/jsonl-file.js';
import { journalTo } from '../../lib/policies/journal-to.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';

/** One life of a run: from where its journal ends to its own end, or to that of the process. */
export interface Life {
  /** Where its files are: the journal, and one a tool. */
  readonly folder: string;
  /** `look` asks a function that looks into the file of the tool whether the call was done. Defaults to `fail`. */
  readonly inDoubt?: 'fail' | 'retry' | 'look';
  /** Kills the process right after it has kept so many events. */
  readonly keeps?: number;
  /** Kills the process right after the call of this id was done, before that is told. */
  readonly diesIn?: string;
}

/** What a life comes to: what is printed as JSON, one list of all lives that a process was given. */
export type LifeResult = Pick<TaskResult, 'trajectory' | 'stopReason' | 'finalState' | 'answer'>;

/** In more bytes than characters, so that a journal may be torn within one. */
export const PURPOSE = 'tell everybody at the café 👋';
export const JOURNAL = 'journal.jsonl';
/** The tools: `note` may be done twice, `send` may not. */
export const TOOLS: readonly string[] = ['note', 'send'];

const answers = [
  {
    thought: 'Both at once.',
    name: 'parallel',
    params: { calls: TOOLS.map((name) => ({ name, params: { text: `${name} it` } })) },
    expectedDelta: 'they know',
  },
  { thought: 'And again.', name: 'send', params: { text: 'send it again' }, expectedDelta: 'they know better' },
  { thought: 'Enough.', name: 'DONE', params: { answer: 'told' }, expectedDelta: '' },
];

const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const outputOf = (text: unknown) => ({ done: String(text) });

/** What a tool has done, as its own file has it: for each time the key of the call. */
export const doneBy = (folder: string, name: string): readonly string[] => {
  const path = join(folder, `${name}.txt`);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
};

/** A turn later, so that the calls of an action have their turns side by side. */
const inTurn = <T>(work: () => T): Observable<T> => of(undefined).pipe(observeOn(asyncScheduler), map(work));

/** It does its one deed in its first turn, and ends in its second. */
const toolOf = (name: string, { folder, diesIn }: Life) =>
  tool({
    name,
    isIdempotent: name === 'note',
    run: ({ text }, { callId, idempotencyKey }) =>
      concat(
        inTurn(() => {
          appendFileSync(join(folder, `${name}.txt`), `${idempotencyKey}\n`);
          if (callId === diesIn) die();
          return toolProgress('done');
        }),
        inTurn(() => outputOf(text)),
      ),
  });

/** A model that has one answer. */
const answering = (answer: unknown) => scriptedBackend([JSON.stringify(answer).match(/.{1,30}/g) ?? []]);

const makeAgent = (life: Life) => {
  const { folder, keeps } = life;
  const tools = TOOLS.map((name) => toolOf(name, life));
  const file = jsonlFile(join(folder, JOURNAL));
  let left = keeps ?? Number.POSITIVE_INFINITY;
  const append = (event: StreamEvent): void => {
    file.append(event);
    left -= 1;
    if (left === 0) die();
  };
  const orchestrator = createOrchestrator({
    createId: () => 'run-1',
    actor: { decide: (context) => llmActor({ backend: answering(answers[context.step - 1]), tools }).decide(context) },
    purposeFunction: {
      evaluate: (context) => {
        const answer = { evidence: 'they were told', phiBefore: 0, phiAfter: context.step, confidence: 1 };
        return llmPurposeFunction({ backend: answering(answer) }).evaluate(context);
      },
    },
    environment: toolEnvironment({ tools }),
    ledger: true,
    journal: journalTo({ append }),
  });
  return { orchestrator, file };
};

const policyOf = ({ folder, inDoubt = 'fail' }: Life, runId: string): InDoubt => {
  if (inDoubt !== 'look') return inDoubt;
  return ({ callId, name, params }) =>
    doneBy(folder, name).includes(`${runId}:${callId}`)
      ? { type: 'settled', output: outputOf(params['text']) }
      : of({ type: 'retry' as const });
};

/** Lives from where the journal ends. */
const live = (life: Life): Observable<LifeResult> =>
  defer(() => {
    const { orchestrator, file } = makeAgent(life);
    const [resumeFrom = []] = readJournal(join(life.folder, JOURNAL)).runs.values();
    const inDoubt = policyOf(life, resumeFrom[0]?.runId ?? '');
    return orchestrator.runTask({ purpose: PURPOSE, resumeFrom, inDoubt }).pipe(
      map(({ trajectory, stopReason, finalState, answer }) => ({
        trajectory,
        stopReason,
        finalState,
        ...(answer !== undefined && { answer }),
      })),
      finalize(() => {
        file.close();
      }),
    );
  });

/** Lives side by side, and prints what they come to. */
export const liveAll = (lives: readonly Life[]): Observable<readonly LifeResult[]> =>
  forkJoin(lives.map(live)).pipe(
    tap((results) => {
      process.stdout.write(JSON.stringify(results));
    }),
  );
