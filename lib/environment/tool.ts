import type { Decoder } from '../domain/decode.js';
import type { JsonRecord } from '../domain/json.js';
import type { Meter } from '../domain/meter.js';
import type { State } from '../domain/state.js';

/** What a tool is given beside its parameters. */
export interface ToolContext<Data extends JsonRecord = JsonRecord> {
  /** The state that the action was decided on. */
  readonly state: State<Data>;
  /** Names this call among all of its run. */
  readonly callId: string;
  /**
   * Names this call among those of all runs, `runId:callId`, and stays the same when a resumed run makes it again: for
   * services that do a thing once a key. Outside of a run it is the `callId`.
   */
  readonly idempotencyKey: string;
  /**
   * Aborted when the call is stopped before it ended by itself: at its timeout, with a reason named `TimeoutError`, and
   * when the run is left or cancelled, with one named `AbortError`. Never aborted after an end in good order. Pass it to
   * whatever can be stopped.
   */
  readonly signal: AbortSignal;
  /**
   * Counts what the call asks of models on behalf of the run: for `LLMRequest.meter`, and for `Task.meter` of an agent that
   * it runs. Absent: nothing is counted.
   */
  readonly meter?: Meter;
}

/**
 * Something an agent can do.
 *
 * ```ts
 * const readLines: Tool<{ path: string }> = {
 *   name: 'read_lines',
 *   description: 'Reads a file.',
 *   params: t.strict({ path: t.string }),
 *   run: ({ path }, { signal }) => readFile(path, { encoding: 'utf8', signal }),
 * };
 * ```
 *
 * @typeParam Params - What `params` decodes to; the JSON record as it came where there is no codec.
 * @typeParam Data - The shape of the data of the states.
 */
export interface Tool<Params = JsonRecord, Data extends JsonRecord = JsonRecord> {
  /** Not empty, unique in its environment, and neither `DONE`, in any case, nor `parallel`. */
  readonly name: string;
  /** What it does and when to use it, for the model. */
  readonly description?: string;
  /** Decodes the parameters, an io-ts codec for instance. What it refuses goes back to the actor as an observation. */
  readonly params?: Decoder<Params>;
  /** The longest a call may take, in milliseconds, above 0; `null`: no limit. Defaults to that of its environment. */
  readonly timeout?: number | null;
  /**
   * Whether a call does no more when it is made twice. Only such a call is made again where a run broke off in its middle
   * and nobody was asked. Defaults to false.
   */
  readonly isIdempotent?: boolean;
  /** Whether it runs alone: with no other tool of the same action at its side. Defaults to false. */
  readonly sequential?: boolean;
  /** The longest output or progress value, in UTF-16 code units of its JSON, from 100. Defaults to that of its environment. */
  readonly maxOutput?: number;
  /**
   * Gives its result now or later: a value, a Promise, an Observable or an async iterable. Of several values those
   * wrapped by {@link toolProgress} are progress, and the last bare one is the result, `null` where there is none.
   * An async generator yields its result: what it `return`s is not a value of the iteration.
   *
   * Strings and arrays are values. Whatever is given has to be JSON, or something that `JSON.stringify` can write. A
   * failure fails this call alone and reaches the actor as an observation. A method, so that a list can hold tools of
   * different parameters.
   */
  run(params: Params, context: ToolContext<Data>): unknown;
}

/** A tool of whatever parameters, as a list holds it. */
export type AnyTool<Data extends JsonRecord = JsonRecord> = Tool<unknown, Data>;

/**
 * A tool whose parameter type is taken from its codec; without one, its parameters are the JSON record as it came.
 *
 * ```ts
 * const add = tool({ name: 'add', params: t.strict({ a: t.number, b: t.number }), run: ({ a, b }) => a + b });
 * ```
 */
export function tool<Params, Data extends JsonRecord = JsonRecord>(
  definition: Tool<Params, Data> & { readonly params: Decoder<Params> },
): Tool<Params, Data>;
export function tool<Data extends JsonRecord = JsonRecord>(
  definition: Tool<JsonRecord, Data> & { readonly params?: never },
): Tool<JsonRecord, Data>;
export function tool<Params, Data extends JsonRecord>(definition: Tool<Params, Data>): Tool<Params, Data> {
  return definition;
}

const PROGRESS: unique symbol = Symbol.for('purpose-rx/tool-progress');

/** A value on the way to a result; made by {@link toolProgress}. */
export interface ToolProgress {
  readonly [PROGRESS]: true;
  readonly value: unknown;
}

/** Marks a value that a tool emits as progress: a `tool_progress` event, no result. `run: () => of(toolProgress(0.5), 'done')`. */
export const toolProgress = (value: unknown): ToolProgress => ({ [PROGRESS]: true, value });

/** Whether a tool emitted progress. */
export const isToolProgress = (value: unknown): value is ToolProgress => typeof value === 'object' && value !== null && PROGRESS in value;
