import fc from 'fast-check';

/** How an answer ends. `at` is how much of its content comes before, in percent. */
export type AnswerEnd =
  | { readonly kind: 'finish'; readonly reason: 'stop' | 'length' | 'content_filter' | undefined }
  | { readonly kind: 'cut' | 'stall'; readonly at: number }
  /** Half of the time after everything, its finish included. */
  | { readonly kind: 'error'; readonly at: number; readonly error: number }
  | { readonly kind: 'endless' };

/** What an answer says; what that is depends on what was asked for. */
export type AnswerBody =
  | 'good'
  | 'parallel'
  | 'done'
  | 'unknown'
  | 'bad'
  | 'undecodable'
  | 'broken'
  | 'prose'
  | 'twice'
  | 'think'
  | 'empty';

/** How one request is answered. Times are in milliseconds. */
export interface AnswerPlan {
  readonly body: AnswerBody;
  readonly end: AnswerEnd;
  /** Before the first chunk; 0: in the call. */
  readonly wait: number;
  /** Between two chunks; 0: all at once. */
  readonly gap: number;
  /** How long a chunk is, in UTF-16 code units. */
  readonly size: number;
  readonly isThinking: boolean;
  /** How often its usage is reported. */
  readonly usages: number;
  /** After how much of its content it begins anew, in percent. */
  readonly restarts: readonly number[];
}

/** What one call of a tool does. */
export interface ToolPlan {
  readonly kind: 'value' | 'later' | 'throws' | 'fails' | 'hangs' | 'deaf' | 'obedient' | 'never' | 'noJson' | 'asks';
  readonly after: number;
}

/** What is decided about one call, and when; `null`: never. */
export interface LeavePlan {
  readonly decision: 'approve' | 'deny' | 'edit' | 'nonsense' | 'fails' | 'nobody';
  readonly after: number | null;
}

/** What a user says, and when; `nonsense` is no input, and `fails` ends the line. */
export interface InputPlan {
  readonly at: number;
  readonly mode: 'queue' | 'steer' | 'interrupt' | 'nonsense' | 'fails';
}

/** How the clocks of an answer are set. */
export interface ClocksPlan {
  readonly connect: number;
  readonly firstToken: number;
  readonly idle: number;
  readonly total: number;
}

/** The decorators of a backend, from the inside out; `null`: without that one. */
export interface LayersPlan {
  readonly inner: ClocksPlan | null;
  readonly requestsPerMinute: number | null;
  readonly concurrency: number | null;
  readonly retry: { readonly attempts: number; readonly afterPartial: 'restart' | 'fail' | 'salvage' } | null;
  readonly hedge: number | null;
  readonly isHedgeOutside: boolean;
  readonly isFallingBack: boolean;
  readonly outer: ClocksPlan | null;
  readonly isCached: boolean;
}

/** What a run may spend, and what is done about it. */
export interface BudgetPlan {
  readonly limit: 'tokens' | 'requests' | 'toolCalls' | 'ms' | 'cost';
  readonly amount: number;
  /** Empty: it stops. What is decided in turn, and when. */
  readonly asked: readonly { readonly decision: 'continue' | 'stop' | 'nonsense' | 'fails'; readonly after: number | null }[];
}

/** When a run is stopped from outside: at a time or inside an event, and how. */
export interface StopPlan {
  readonly when: { readonly at: number } | { readonly event: number };
  readonly way: 'unsubscribe' | 'cancel';
}

/** A whole run and all that goes wrong in it, as data, so that a failing one can be made smaller. */
export interface Scenario {
  readonly answers: readonly AnswerPlan[];
  readonly tools: readonly ToolPlan[];
  readonly toolTimeout: number;
  readonly leaves: readonly LeavePlan[];
  readonly inputs: readonly InputPlan[];
  readonly layers: LayersPlan;
  readonly budget: BudgetPlan | null;
  /** By their names. */
  readonly policies: readonly string[];
  readonly experience: 'none' | 'memory' | 'hangs' | 'fails';
  readonly repairs: number;
  readonly maxSteps: number;
  /** What sees to it that the run ends: its own clock, that of a step, or the clocks of all that is waited for. */
  readonly bound: { readonly by: 'run' | 'step'; readonly within: number } | { readonly by: 'parts' };
  readonly stop: StopPlan | null;
}

const time = (max: number): fc.Arbitrary<number> => fc.oneof(fc.constant(0), fc.integer({ min: 1, max }));
const percent = fc.integer({ min: 0, max: 100 });
/** With it or without it, as often as the other, or once in four times. */
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 });
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

const end: fc.Arbitrary<AnswerEnd> = fc.oneof(
  { weight: 20, arbitrary: fc.constant<AnswerEnd>({ kind: 'finish', reason: 'stop' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('finish' as const),
      reason: fc.constantFrom(undefined, 'length' as const, 'content_filter' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'stall' as const), at: percent }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('error' as const),
      at: fc.integer({ min: 0, max: 200 }),
      error: fc.integer({ min: 0, max: 10 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<AnswerEnd>({ kind: 'endless' }) },
);

const body: fc.Arbitrary<AnswerBody> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<AnswerBody>('good') },
  { weight: 6, arbitrary: fc.constant<AnswerBody>('parallel') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<AnswerBody>('unknown', 'bad', 'undecodable', 'broken', 'prose', 'twice', 'think', 'empty', 'done'),
  },
);

const answer: fc.Arbitrary<AnswerPlan> = fc.record({
  body,
  end,
  wait: time(400),
  gap: time(40),
  size: fc.oneof({ weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) }, { weight: 6, arbitrary: fc.integer({ min: 6, max: 90 }) }),
  isThinking: fc.boolean(),
  usages: fc.integer({ min: 0, max: 3 }),
  restarts: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(percent, { minLength: 1, maxLength: 2 }) },
  ),
});

const toolPlan: fc.Arbitrary<ToolPlan> = fc.record({
  kind: fc.constantFrom<ToolPlan['kind']>(
    ...(['value', 'value', 'later', 'later', 'throws', 'fails', 'hangs', 'deaf', 'obedient', 'never', 'noJson', 'asks'] as const),
  ),
  after: time(600),
});

const leave: fc.Arbitrary<LeavePlan> = fc.record({
  decision: fc.constantFrom<LeavePlan['decision']>('approve', 'approve', 'deny', 'edit', 'nonsense', 'fails', 'nobody'),
  after: fc.option(time(500), { freq: 6 }),
});

const input: fc.Arbitrary<InputPlan> = fc.record({
  at: time(1500),
  mode: fc.constantFrom<InputPlan['mode']>('queue', 'steer', 'interrupt', 'interrupt', 'nonsense', 'fails'),
});

const clocks: fc.Arbitrary<ClocksPlan> = fc.record({
  connect: fc.integer({ min: 50, max: 500 }),
  firstToken: fc.integer({ min: 100, max: 800 }),
  idle: fc.integer({ min: 30, max: 300 }),
  total: fc.integer({ min: 300, max: 2000 }),
});

const layers: fc.Arbitrary<LayersPlan> = fc.record({
  inner: some(clocks),
  requestsPerMinute: rarely(fc.integer({ min: 2, max: 9 })),
  concurrency: some(fc.integer({ min: 1, max: 3 })),
  retry: some(
    fc.record({
      attempts: fc.integer({ min: 1, max: 3 }),
      afterPartial: fc.constantFrom('restart' as const, 'restart' as const, 'fail' as const, 'salvage' as const),
    }),
  ),
  hedge: some(fc.integer({ min: 0, max: 200 })),
  isHedgeOutside: fc.boolean(),
  isFallingBack: fc.boolean(),
  outer: rarely(clocks),
  isCached: fc.boolean(),
});

const amounts = { tokens: 1500, requests: 6, toolCalls: 3, ms: 2000, cost: 40 };

const budget: fc.Arbitrary<BudgetPlan> = fc
  .constantFrom<BudgetPlan['limit']>('tokens', 'requests', 'toolCalls', 'ms', 'cost')
  .chain((limit) =>
    fc.record({
      limit: fc.constant(limit),
      amount: fc.integer({ min: 1, max: amounts[limit] }),
      asked: fc.array(
        fc.record({
          decision: fc.constantFrom('continue' as const, 'continue' as const, 'stop' as const, 'nonsense' as const, 'fails' as const),
          after: fc.option(time(300), { freq: 6 }),
        }),
        { maxLength: 3 },
      ),
    }),
  );

/** Runs of up to four steps, in each of which anything may go wrong. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  answers: fc.array(answer, { minLength: 1, maxLength: 14 }),
  tools: fc.array(toolPlan, { maxLength: 6 }),
  toolTimeout: fc.integer({ min: 30, max: 400 }),
  leaves: fc.array(leave, { maxLength: 4 }),
  inputs: fc.array(input, { maxLength: 4 }),
  layers,
  budget: rarely(budget),
  policies: fc.subarray(['plateau', 'noProgress', 'repeatedAction', 'steps', 'deadline', 'nudge'], { maxLength: 2 }),
  experience: fc.constantFrom<Scenario['experience']>('none', 'none', 'memory', 'hangs', 'fails'),
  repairs: fc.integer({ min: 0, max: 2 }),
  maxSteps: fc.integer({ min: 1, max: 4 }),
  bound: fc.oneof(
    fc.record({ by: fc.constant('run' as const), within: fc.integer({ min: 1, max: 20_000 }) }),
    fc.record({ by: fc.constant('step' as const), within: fc.integer({ min: 1, max: 8_000 }) }),
    fc.constant({ by: 'parts' as const }),
  ),
  stop: rarely(
    fc.record({
      when: fc.oneof(fc.record({ at: time(2000) }), fc.record({ event: fc.integer({ min: 0, max: 60 }) })),
      way: fc.constantFrom('unsubscribe' as const, 'cancel' as const),
    }),
  ),
});
