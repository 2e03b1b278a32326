import { concat, defer, finalize, map, Observable, tap } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { LLMBackend } from '../../lib/backend/backend.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import { withHedge } from '../../lib/backend/with-hedge.js';
import { withRetry } from '../../lib/backend/with-retry.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { tool, toolProgress } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import type { AgentRun } from '../../lib/orchestrator/agent-run.js';
import { journalTo } from '../../lib/policies/journal-to.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { hurriedClock, type HurriedClock } from './hurried-clock.js';
import { FIN, STALL, type MisbehavingServer, type Reply, type ReplyStep } from './misbehaving-server.js';
import { orchestrate } from './orchestrate.js';
import { costs, DONE, finishes, says } from './server-sent.js';

/** What each whole answer costs, in and out. */
export const ANSWER_COST = 9;

/** A call of a tool, as its tool saw it. */
export interface SeenCall {
  readonly callId: string;
  readonly signal: AbortSignal;
  hasEnded: boolean;
}

/** A run against a server, and all that it opens. Its lists grow. */
export interface SurvivingAgent {
  readonly run: AgentRun;
  /** What it tells, whoever watches it. */
  readonly told: readonly StreamEvent[];
  /** What its journal holds. */
  readonly kept: readonly StreamEvent[];
  readonly calls: readonly SeenCall[];
  /** By the number of its reply, from 0: whether the server has sent all of it. */
  readonly hasSent: readonly boolean[];
  /** How many requests were made; one of them may be on its way to the server. */
  readonly requests: () => number;
  /** How often leave was asked for, and how many are being asked just now. */
  readonly asked: () => { readonly times: number; readonly open: number };
}

const aTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A step of a server that does something each time it is played. */
const doing = (work: () => unknown): PromiseLike<unknown> => ({
  // oxlint-disable-next-line unicorn/no-thenable -- a step of the server that is done when it is played
  then: (done) => Promise.resolve(work()).then(done),
});

/** Text in pieces, each read before the next is sent. */
const spoken = (text: string): ReplyStep[] => (text.match(/.{1,24}/g) ?? []).flatMap((piece) => [says(piece), doing(aTurn)]);

const whole = (answer: object): Reply => ({
  body: [...spoken(JSON.stringify(answer)), costs(ANSWER_COST, ANSWER_COST), finishes('stop'), doing(aTurn), DONE],
});

const action = {
  thought: 'I look, and tell them.',
  name: 'parallel',
  params: {
    calls: [
      { name: 'look', params: {} },
      { name: 'send', params: { to: 'one' } },
    ],
  },
  expectedDelta: 'they know',
};
const score = { evidence: 'it was seen and sent', phiBefore: 0, phiAfter: 5, confidence: 1 };
const end = { thought: 'Enough.', name: 'DONE', params: { answer: 'seen' }, expectedDelta: '' };

/** A decision that breaks off half way, and the same whole; a score that does not come, and one that does; the end. */
const undisturbed = ({ hurry }: HurriedClock): readonly Reply[] => [
  { body: [...spoken(JSON.stringify(action).slice(0, 40)), FIN] },
  whole(action),
  // Only the other request of a hedge helps, and it begins when this one is there.
  { before: [doing(hurry), STALL] },
  whole(score),
  whole(end),
];

/** What is still to be answered after these events, each at once. */
const rest = (events: readonly StreamEvent[]): readonly Reply[] => {
  const actions = events.filter(({ type }) => type === 'action').length;
  const isScored = events.some(({ type }) => type === 'score');
  return [...(actions > 0 ? [] : [action]), ...(isScored ? [] : [score]), ...(actions > 1 ? [] : [end])].map(whole);
};

/** Emits once, so many turns of the event loop later. */
const afterTurns = (turns: number): Observable<number> =>
  new Observable((subscriber) => {
    let left = turns;
    const take = (): void => {
      left -= 1;
      if (left > 0) turn = setImmediate(take);
      else {
        subscriber.next(turns);
        subscriber.complete();
      }
    };
    let turn = setImmediate(take);
    return () => {
      clearImmediate(turn);
    };
  });

/**
 * An agent of two steps: a retry after half an answer, two tools side by side of which one needs leave and gets it with
 * other parameters, a hedge, an end. With a log it goes on from there, and then nothing goes wrong any more.
 */
export function survivingAgent(server: MisbehavingServer, resumeFrom?: readonly StreamEvent[]): SurvivingAgent {
  const [hedging, retrying] = [hurriedClock(), hurriedClock()];
  const told: StreamEvent[] = [];
  const kept: StreamEvent[] = [];
  const calls: SeenCall[] = [];
  let requests = 0;
  const asked = { times: 0, open: 0 };

  const replies = resumeFrom === undefined ? undisturbed(hedging) : rest(resumeFrom);
  const hasSent = replies.map(() => false);
  server.reply(...replies.map((reply, index) => ({ ...reply, body: [...(reply.body ?? []), doing(() => (hasSent[index] = true))] })));

  const openai = openAIBackend({ model: 'm', baseURL: server.url, apiKey: 'none' });
  const counted: LLMBackend = {
    stream: (request) =>
      defer(() => {
        requests += 1;
        return openai.stream(request);
      }),
  };
  const hedged = withHedge({ after: 60_000, scheduler: hedging })(counted);
  const backend = withRetry({ delay: 30_000, maxDelay: 30_000, random: () => 0.9, scheduler: retrying })(hedged);

  const slowly = (name: string, turns: number) =>
    tool({
      name,
      isIdempotent: true,
      run: (params, { callId, signal }) =>
        defer(() => {
          const call = { callId, signal, hasEnded: false };
          calls.push(call);
          const half$ = afterTurns(turns).pipe(map(() => toolProgress('half')));
          const done$ = afterTurns(turns).pipe(map(() => ({ ...params, name })));
          return concat(half$, done$).pipe(tap({ complete: () => (call.hasEnded = true) }));
        }),
    });
  const environment = toolEnvironment({ tools: [slowly('look', 4), slowly('send', 3)] });
  const orchestrator = orchestrate({
    actor: llmActor({ backend, tools: environment.tools }),
    purposeFunction: llmPurposeFunction({ backend }),
    environment,
    ledger: true,
    journal: journalTo({ append: (event) => void kept.push(event) }),
    approve: {
      when: ({ name }) => name === 'send',
      ask: () =>
        defer(() => {
          asked.times += 1;
          asked.open += 1;
          return afterTurns(3).pipe(
            map(() => ({ decision: 'edit' as const, params: { to: 'everybody' } })),
            finalize(() => (asked.open -= 1)),
          );
        }),
    },
  });
  orchestrator.events$.subscribe((event) => {
    told.push(event);
    // The wait before the next attempt begins with this event.
    if (event.type === 'attempt_dropped') setImmediate(retrying.hurry);
  });
  const run = orchestrator.runTaskStream({ purpose: 'look', ...(resumeFrom && { resumeFrom, inDoubt: 'retry' }) });
  return { run, told, kept, calls, hasSent, requests: () => requests, asked: () => ({ ...asked }) };
}
