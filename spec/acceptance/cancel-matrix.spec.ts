import { expect } from 'chai';
import type { Socket } from 'node:net';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Observable, Subject, takeUntil } from 'rxjs';
import { llmActor } from '../../lib/actor/llm-actor.js';
import { openAIBackend } from '../../lib/backend/openai-backend.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { tool, toolProgress } from '../../lib/environment/tool.js';
import { toolEnvironment } from '../../lib/environment/tool-environment.js';
import type { AgentRun } from '../../lib/orchestrator/agent-run.js';
import { llmPurposeFunction } from '../../lib/purpose/llm-purpose-function.js';
import { misbehavingServer, type MisbehavingServer, type Reply } from '../support/misbehaving-server.js';
import { orchestrate } from '../support/orchestrate.js';

/** Lets the client read what has been sent before more is. */
const aMoment: PromiseLike<void> = {
  // oxlint-disable-next-line unicorn/no-thenable -- a step of the server that takes a turn of the loop each time it is played
  then: (done) => new Promise<void>((resolve) => void setImmediate(resolve)).then(done),
};

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** An answer in pieces of 12 characters, each read before the next is sent, and its usage. */
const streamed = (answer: object): Reply => ({
  body: [
    ...(JSON.stringify(answer).match(/.{1,12}/g) ?? []).flatMap((content) => [chunk({ content }), aMoment]),
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 9 } })}\n\n`,
    chunk({}, 'stop'),
    aMoment,
    'data: [DONE]\n\n',
  ],
});

const calls = [
  { name: 'watch', params: {} },
  { name: 'watch', params: {} },
];
const replies: readonly Reply[] = [
  streamed({ thought: 'I look around.', name: 'parallel', params: { calls }, expectedDelta: 'I see' }),
  streamed({ evidence: 'both were watched', phiBefore: 0, phiAfter: 5, confidence: 1 }),
  streamed({ thought: 'Enough.', name: 'DONE', params: { answer: 'seen' }, expectedDelta: '' }),
];

/** A run against the server, and what it opens: the sockets of its requests and the signals of its tools. */
const begin = (server: MisbehavingServer): { run: AgentRun; told: StreamEvent[]; signals: { ended: boolean; signal: AbortSignal }[] } => {
  const signals: { ended: boolean; signal: AbortSignal }[] = [];
  const watch = tool({
    name: 'watch',
    run: (_params, { signal }) =>
      new Observable((subscriber) => {
        const call = { ended: false, signal };
        signals.push(call);
        let turn = setImmediate(() => {
          subscriber.next(toolProgress('half'));
          if (subscriber.closed) return;
          turn = setImmediate(() => {
            call.ended = true;
            subscriber.next('seen');
            subscriber.complete();
          });
        });
        return () => clearImmediate(turn);
      }),
  });
  const environment = toolEnvironment({ tools: [watch] });
  const backend = openAIBackend({ model: 'm', baseURL: server.url, apiKey: 'none' });
  server.reply(...replies);
  const orchestrator = orchestrate({
    actor: llmActor({ backend, tools: environment.tools }),
    purposeFunction: llmPurposeFunction({ backend }),
    environment,
  });
  const told: StreamEvent[] = [];
  orchestrator.events$.subscribe((event) => told.push(event));
  return { run: orchestrator.runTaskStream({ purpose: 'look' }), told, signals };
};

/** Timers that hold the process, by the runtime's own count. */
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

const macrotask = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const ways: Readonly<Record<string, (run: AgentRun, leave: () => void) => void>> = {
  'unsubscribe()': (_run, leave) => leave(),
  'cancel()': (run) => run.cancel(),
};

describe('cancelling at every event of a run against a real server', () => {
  let server: MisbehavingServer;
  let sockets: { readonly socket: Socket; readonly port: number | undefined }[] = [];
  const connected = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    sockets.push({ socket, port: socket.localPort });
  };

  beforeEach(async () => {
    server = await misbehavingServer();
    subscribe('undici:client:connected', connected);
  });
  afterEach(async () => {
    unsubscribe('undici:client:connected', connected);
    sockets.forEach(({ socket }) => socket.destroy());
    sockets = [];
    await server.close();
  });

  /** Runs to the event of number `seq`, stops there, and gives what was seen. */
  const stopAt = async (seq: number, stop: (typeof ways)[string]) => {
    const timersBefore = timers();
    const { run, told, signals } = begin(server);
    const seen: StreamEvent[] = [];
    const left$ = new Subject<void>();
    const requestsWhenStopped = await new Promise<number>((resolve, reject) => {
      run.pipe(takeUntil(left$)).subscribe({
        next: (event) => {
          seen.push(event);
          if (event.seq !== seq) return;
          stop(run, () => {
            left$.next();
          });
          resolve(server.requests.length);
        },
        error: reject,
      });
    });
    // An idle connection of an answer that has ended may be kept for the next request; that of the last one may not.
    const asked = server.requests.at(-1)?.remotePort;
    const isOpen = sockets.some(({ socket, port }) => port === asked && !socket.destroyed);
    await macrotask();
    await macrotask();
    return { seen, told, isOpen, signals, requestsWhenStopped, timersLeft: timers() - timersBefore };
  };

  const record = async (): Promise<StreamEvent[]> => {
    const events: StreamEvent[] = [];
    await begin(server).run.forEach((event) => events.push(event));
    return events;
  };

  for (const [way, stop] of Object.entries(ways)) {
    it(`by ${way}: nothing after it, sockets closed, tools aborted, no timer left`, async () => {
      const whole = await record();
      expect(whole.length).to.be.greaterThan(20);
      for (const { seq, type } of whole.slice(0, -1)) {
        await server.close();
        sockets = [];
        server = await misbehavingServer();
        const outcome = await stopAt(seq, stop);
        const at = `stopped at ${seq} ${type}`;
        const types = outcome.seen.map((event) => event.type);
        expect(types.slice(0, seq + 1), `events ${at}`).to.deep.equal(whole.slice(0, seq + 1).map((event) => event.type));
        // What the run itself goes on to tell, whoever watches.
        expect(
          outcome.told.slice(seq + 1).map((event) => event.type),
          `told after it ${at}`,
        ).to.deep.equal(['task_end']);
        expect(types.slice(seq + 1), `after it ${at}`).to.deep.equal(way === 'cancel()' ? ['task_end'] : []);
        // One may have been on its way to the server.
        expect(server.requests.length, `requests ${at}`).to.be.at.most(outcome.requestsWhenStopped + 1);
        for (const { ended, signal } of outcome.signals) expect(signal.aborted, `signal ${at}`).to.equal(!ended);
        expect(outcome.timersLeft, `timers ${at}`).to.equal(0);
        if (isAnswering(whole, seq)) expect(outcome.isOpen, `socket ${at}`).to.equal(false);
      }
    });
  }
});

/** Whether a model is in the middle of its answer after the event of this number: its request is then in flight. */
function isAnswering(events: readonly StreamEvent[], seq: number): boolean {
  const next = events[seq + 1]?.type;
  return events[seq]?.type === 'token' && (next === 'token' || next === 'usage');
}
