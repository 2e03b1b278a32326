import { expect } from 'chai';
import { forkJoin, lastValueFrom, Subject, takeUntil, toArray } from 'rxjs';
import { countedEvents } from '../../lib/domain/counted-events.js';
import { foldLedger } from '../../lib/domain/ledger.js';
import { foldRun, runTrajectory } from '../../lib/domain/run-state.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { verifyOrder } from '../../lib/operators/verify-order.js';
import type { AgentRun } from '../../lib/orchestrator/agent-run.js';
import { activeTimers } from '../support/active-timers.js';
import { watchClientSockets, type ClientSockets } from '../support/client-sockets.js';
import { misbehavingServer, type MisbehavingServer } from '../support/misbehaving-server.js';
import { ANSWER_COST, survivingAgent, type SurvivingAgent } from '../support/surviving-agent.js';

/** Where a run is stopped: inside an event, a turn of the event loop after it, or when the server gets a request. */
type Place =
  | { readonly kind: 'in' | 'after'; readonly seq: number; readonly at: string }
  | { readonly kind: 'request'; readonly request: number; readonly at: string };

type Way = (run: AgentRun, leave: () => void) => void;

const ways: Readonly<Record<string, Way>> = {
  'unsubscribe()': (_run, leave) => {
    leave();
  },
  'cancel()': (run) => {
    run.cancel('enough');
  },
};

const macrotask = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const typesOf = (events: readonly StreamEvent[]): string[] => events.map(({ type }) => type);

const trajectoryOf = (events: readonly StreamEvent[]) => runTrajectory(foldRun(events));

/** One entry a request, whose sums are right. */
const checkLedger = (events: readonly StreamEvent[], requests: number): void => {
  const { entries, totals, bySource } = foldLedger(events);
  const numbers = entries.map(({ request }) => request).sort((one, other) => one - other);
  expect(numbers, 'entries').to.deep.equal(Array.from({ length: requests }, (_, index) => index + 1));
  for (const { basis, outcome, inputTokens, outputTokens } of entries) {
    if (basis === 'reported') expect([inputTokens, outputTokens], 'a reported entry').to.deep.equal([ANSWER_COST, ANSWER_COST]);
    else expect(outcome, 'outcome of an estimated entry').to.not.equal('finished');
    expect(inputTokens, 'tokens of an entry').to.be.greaterThan(0);
  }
  const sum = (key: 'inputTokens' | 'outputTokens'): number => entries.reduce((total, entry) => total + entry[key], 0);
  expect(totals, 'totals').to.deep.equal({ inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens'), requests });
  const sources = Object.values(bySource);
  expect(sources.reduce((total, source) => total + source.outputTokens, 0)).to.equal(totals.outputTokens);
};

/** Each call has one start and at most one result; each of a finished step has one. */
const checkHistory = (events: readonly StreamEvent[]): void => {
  const idsOf = (type: 'tool_start' | 'tool_end') => events.flatMap((event) => (event.type === type ? [event.data.callId] : []));
  const [starts, ends] = [idsOf('tool_start'), idsOf('tool_end')];
  expect(new Set(starts).size, 'starts').to.equal(starts.length);
  expect(new Set(ends).size, 'results').to.equal(ends.length);
  expect(starts, 'calls with a result').to.include.members(ends);
  for (const { calls } of foldRun(events).turns)
    for (const { callId, result } of calls) expect(result, `result of ${callId}`).to.have.property('ok');
};

describe('a run with a retry, a hedge, an approval and two tools, stopped anywhere and resumed', () => {
  let server: MisbehavingServer;
  let sockets: ClientSockets;
  let timersBefore = 0;
  const open = async (): Promise<void> => {
    server = await misbehavingServer();
    sockets = watchClientSockets();
  };
  const close = async (): Promise<void> => {
    sockets.stop();
    await server.close();
  };
  const reopen = async (): Promise<void> => {
    await close();
    await open();
  };
  beforeEach(open);
  afterEach(close);

  const record = async (): Promise<readonly StreamEvent[]> => {
    const { run, told } = survivingAgent(server);
    await lastValueFrom(run);
    return told;
  };

  /** Requests that the server has not answered whole and whose sockets are open on our side. */
  const stillOpen = ({ hasSent }: SurvivingAgent): number[] =>
    server.requests.flatMap(({ remotePort }, index) =>
      hasSent[index] === true || sockets.byPort(remotePort)?.destroyed !== false ? [] : [index],
    );

  /** What can be seen of an agent from outside at one moment. */
  const look = (agent: SurvivingAgent) => ({
    kept: [...agent.kept],
    requests: agent.requests(),
    received: server.requests.length,
    timers: activeTimers(),
    stillOpen: stillOpen(agent),
    asking: agent.asked().open,
    calls: agent.calls.map(({ hasEnded, signal }) => ({ hasEnded, isAborted: signal.aborted })),
  });

  const stopAt = async (place: Place, way: Way) => {
    const agent = survivingAgent(server);
    const seen: StreamEvent[] = [];
    const left$ = new Subject<void>();
    let completions = 0;
    const moments = await new Promise<{ before: ReturnType<typeof look>; stopped: ReturnType<typeof look> }>((resolve, reject) => {
      const stop = (): void => {
        const before = look(agent);
        way(agent.run, () => {
          left$.next();
        });
        resolve({ before, stopped: look(agent) });
      };
      agent.run.pipe(takeUntil(left$)).subscribe({
        next: (event) => {
          seen.push(event);
          if (place.kind === 'request' || event.seq !== place.seq) return;
          if (place.kind === 'in') stop();
          else setImmediate(stop);
        },
        error: reject,
        complete: () => (completions += 1),
      });
      if (place.kind === 'request') void server.request(place.request).then(stop);
    });
    await macrotask();
    const timers = activeTimers();
    for (let turn = 0; turn < 3; turn += 1) await macrotask();
    return { agent, seen, completions, timers, ...moments, later: look(agent) };
  };

  type Outcome = Awaited<ReturnType<typeof stopAt>>;

  const checkTornDown = ({ before, stopped, timers, later }: Outcome): void => {
    expect(later.requests, 'requests after it').to.equal(before.requests);
    // One may have been on its way.
    expect(later.received, 'requests received').to.be.within(Math.max(before.received, before.requests - 1), before.requests);
    expect(stopped.stillOpen, 'open sockets of unfinished answers').to.deep.equal([]);
    expect(later.stillOpen, 'open sockets of unfinished answers, later').to.deep.equal([]);
    for (const { hasEnded, isAborted } of stopped.calls) expect(isAborted, 'signal is aborted').to.equal(!hasEnded);
    expect(later.calls, 'tools, later').to.deep.equal(stopped.calls);
    // The client's own, of a request that has not been answered at all, goes with the Promise of that.
    expect([timers, later.timers], 'timers').to.deep.equal([timersBefore, timersBefore]);
    expect(stopped.asking, 'who is being asked').to.equal(0);
  };

  const checkTold = (
    { agent: { kept, told }, seen, completions, before }: Outcome,
    whole: readonly StreamEvent[],
    isLeft: boolean,
  ): void => {
    const wasOver = before.kept.at(-1)?.type === 'task_end';
    const after = kept.slice(before.kept.length);
    expect(typesOf(before.kept), 'events before it').to.deep.equal(typesOf(whole.slice(0, before.kept.length)));
    expect(told, 'told, beside what is kept').to.deep.equal(kept);
    expect(
      typesOf(after).filter((type) => type !== 'request_end'),
      'events after it',
    ).to.deep.equal(wasOver ? [] : ['task_end']);
    const end = kept.at(-1);
    expect(end?.type === 'task_end' && end.data.stopReason, 'the end').to.equal(wasOver ? 'done' : 'cancelled');
    expect(seen, 'events for who watched').to.deep.equal(isLeft ? before.kept : kept);
    expect(completions, 'completions').to.equal(1);
  };

  /** Goes on from a log with an agent and a server that know nothing of the one before. */
  const resume = async (log: readonly StreamEvent[], requestsBefore: number, undisturbed: readonly StreamEvent[]) => {
    const counted = log.slice(0, -1);
    const has = (wanted: StreamEvent['type']): boolean => counted.some(({ type }) => type === wanted);
    const agent = survivingAgent(server, log);
    const { whole, result } = await lastValueFrom(
      forkJoin({ whole: agent.run.from(0).pipe(verifyOrder(), toArray()), result: agent.run.result$ }),
    );
    expect(result.trajectory, 'trajectory').to.deep.equal(trajectoryOf(undisturbed));
    expect(trajectoryOf(whole), 'trajectory of the events').to.deep.equal(result.trajectory);
    expect({ ...result, trajectory: null, usage: null }, 'result').to.deep.equal({
      ...{ runId: 'run-1', stopReason: 'done', answer: 'seen', trajectory: null, usage: null },
      finalState: foldRun(undisturbed).state,
    });
    expect(countedEvents([...log, ...agent.kept]), 'both journals').to.deep.equal(whole);
    // Nothing that was finished is asked for or done again.
    expect(agent.requests(), 'requests').to.equal(agent.hasSent.length);
    expect(server.requests.length, 'requests received').to.equal(agent.hasSent.length);
    expect(agent.asked().times, 'leave asked').to.equal(has('approval_decision') ? 0 : 1);
    const ended = new Set(counted.flatMap((event) => (event.type === 'tool_end' ? [event.data.callId] : [])));
    const due = has('executed') ? [] : ['1.1', '1.2'].filter((callId) => !ended.has(callId));
    expect(agent.calls.map(({ callId }) => callId).sort(), 'calls').to.deep.equal(due);
    checkLedger(whole, requestsBefore + agent.requests());
    checkHistory(whole);
  };

  const placesIn = (whole: readonly StreamEvent[], isOdd: boolean): Place[] => [
    ...whole.slice(0, -1).map(({ seq, type }): Place => ({ kind: 'in', seq, at: `in ${type} (${seq})` })),
    ...whole
      .filter(({ seq }) => (seq % 2 === 1) === isOdd)
      .map(({ seq, type }): Place => ({ kind: 'after', seq, at: `a turn after ${type} (${seq})` })),
    ...server.requests.map((_, request): Place => ({ kind: 'request', request, at: `when request ${request + 1} is there` })),
  ];

  for (const [name, way] of Object.entries(ways)) {
    it(`by ${name}: nothing goes on, all is told and counted, and it resumes to the same end`, async function () {
      this.timeout(60_000);
      await macrotask();
      // That of the test itself, which is not there at once.
      timersBefore = activeTimers();
      const whole = await record();
      expect(typesOf(whole)).to.include.members(['attempt_dropped', 'attempt_start', 'approval_decision', 'executed']);
      expect(foldLedger(whole).entries.map(({ outcome }) => outcome)).to.deep.equal([
        ...['failed', 'finished', 'cancelled', 'finished', 'finished'],
      ]);
      const [step] = trajectoryOf(whole).steps;
      expect(step?.action.params['calls'], 'calls as they were edited').to.deep.include({ name: 'send', params: { to: 'everybody' } });
      const places = placesIn(whole, name === 'cancel()');
      const pending = { timers: 0, asking: 0, tools: 0, races: 0 };
      for (const place of places) {
        try {
          await reopen();
          const outcome = await stopAt(place, way);
          const { agent, before } = outcome;
          checkTornDown(outcome);
          checkTold(outcome, whole, name !== 'cancel()');
          checkLedger(agent.kept, agent.requests());
          checkHistory(agent.kept);
          await reopen();
          await resume(agent.kept, agent.requests(), whole);
          pending.timers += before.timers > timersBefore ? 1 : 0;
          pending.asking += before.asking;
          pending.tools += before.calls.filter(({ hasEnded }) => !hasEnded).length;
          pending.races += before.stillOpen.length > 1 ? 1 : 0;
        } catch (error) {
          throw new Error(`Stopped ${place.at}: ${String(error)}`, { cause: error });
        }
      }
      // It was stopped where there was something to stop.
      for (const [what, times] of Object.entries(pending)) expect(times, what).to.be.greaterThan(0);
    });
  }
});
