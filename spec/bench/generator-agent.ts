import {
  describeState,
  type Action,
  type ActorSignal,
  type HistoryEntry,
  type JsonRecord,
  type PurposeScore,
  type PurposeSignal,
  type State,
  type StreamEvent,
  type TrajectoryStep,
} from 'purpose-rx';

type Signals<T> = Iterable<T> | AsyncIterable<T>;

/** What a generator agent is made of: the same three ports, of what `for await` and `await` take. */
export interface GeneratorPorts<Data extends JsonRecord> {
  readonly decide: (state: State<Data>, history: readonly HistoryEntry[], step: number) => Signals<ActorSignal>;
  readonly execute: (action: Action, state: State<Data>) => State<Data> | Promise<State<Data>>;
  readonly evaluate: (stateBefore: State<Data>, stateAfter: State<Data>) => Signals<PurposeSignal>;
}

const summary = (state: State): string => describeState(state).slice(0, 200);
const scoreText = (delta: number): string => `Δ=${delta < 0 ? '' : '+'}${delta.toFixed(2)}`;

/**
 * The agent as one writes it without Observables: one async generator in the event order of the contract, for one
 * consumer. It holds no log, checks nothing that its ports give, and cannot be shared or cancelled while it waits.
 */
export async function* generatorAgent<Data extends JsonRecord>(
  ports: GeneratorPorts<Data>,
  initialState: State<Data>,
  maxSteps: number,
): AsyncGenerator<StreamEvent<Data>, void, undefined> {
  const runId = 'run-1';
  let seq = 0;
  const event = (type: string, step: number, data: unknown): StreamEvent<Data> => {
    const made = { type, runId, seq, step, timestamp: Date.now(), data } as StreamEvent<Data>;
    seq += 1;
    return made;
  };
  const steps: TrajectoryStep<Data>[] = [];
  const history: HistoryEntry[] = [];
  let state = initialState;
  yield event('task_start', 0, { purpose: 'count', maxSteps, earlyStopPhi: null, initialState });
  for (let step = 1; step <= maxSteps; step += 1) {
    yield event('step_start', step, { step });
    let action: Action | undefined;
    for await (const signal of ports.decide(state, history, step)) {
      if (signal.type === 'action') {
        action = signal.action;
        break;
      }
      if (signal.type === 'token') yield event('token', step, { token: signal.token, source: 'actor', channel: 'thought', attempt: 1 });
    }
    if (action === undefined) throw new Error('The actor completed without an action.');
    yield event('action', step, action);
    const stateBefore = state;
    state = await ports.execute(action, state);
    let score: PurposeScore | undefined;
    for await (const signal of ports.evaluate(stateBefore, state)) {
      if (signal.type === 'score') {
        score = signal.score;
        break;
      }
      if (signal.type === 'token') yield event('token', step, { token: signal.token, source: 'purpose', channel: 'evidence', attempt: 1 });
    }
    if (score === undefined) throw new Error('The purpose function completed without a score.');
    yield event('score', step, score);
    steps.push({ stateBefore, action, stateAfter: state, score, step });
    const stateSummary = summary(state);
    history.push({ action: `${action.name}(${JSON.stringify(action.params)})`, result: stateSummary, score: scoreText(score.delta) });
    yield event('step_end', step, { stateSummary, state });
  }
  yield event('task_end', 0, {
    totalSteps: steps.length,
    cumulativeReward: steps.reduce((sum, { score }) => sum + score.delta, 0),
    successRate: steps.filter(({ score }) => score.improved).length / Math.max(1, steps.length),
    finalPhi: steps.at(-1)?.score.phiAfter ?? 0,
    stopReason: 'max_steps',
  });
}
