import type { Json } from '../domain/json.js';
import { signal, type Signal } from '../domain/signal.js';

/** Which call something is about. */
export interface Called {
  /** Unique within the run. */
  readonly callId: string;
  readonly name: string;
}

/**
 * How a call ended that did not end by itself. `timeout`: it took too long and has stopped; `cancelled`: it was stopped
 * for another reason; `unsettled`: it took too long, and ignores that it was told to stop.
 */
export type Settlement = 'timeout' | 'cancelled' | 'unsettled';

/** How a call ended. */
export type ToolOutcome =
  | { readonly ok: true; readonly output: Json }
  | { readonly ok: false; readonly error: string; readonly settlement?: Settlement };

/** What a tool call came to, as data of the next state and of `tool_end`. */
export type Observation =
  | { readonly callId: string; readonly name: string; readonly ok: true; readonly output: Json }
  | {
      readonly callId: string;
      readonly name: string;
      readonly ok: false;
      readonly error: string;
      /** Absent where the call ended by itself. */
      readonly settlement?: Settlement;
    };

/** What is reported of a tool call: its start, then progress, then its end. */
export type ToolSignal =
  | Signal<'tool_start', { readonly callId: string; readonly name: string; readonly params: Json }>
  | Signal<'tool_progress', { readonly callId: string; readonly name: string; readonly value: Json }>
  | Signal<'tool_end', Observation>;

/** @internal */
export const toolStarted = ({ callId, name }: Called, params: Json): ToolSignal => signal('tool_start', { callId, name, params });

/** @internal */
export const toolProgressed = ({ callId, name }: Called, value: Json): ToolSignal => signal('tool_progress', { callId, name, value });

/** @internal */
export const toolEnded = ({ callId, name }: Called, outcome: ToolOutcome): ToolSignal => signal('tool_end', { callId, name, ...outcome });

/**
 * What a call delivered after its end was told.
 *
 * @internal
 */
export const toolDelivered = ({ callId, name }: Called, outcome: ToolOutcome): Signal =>
  signal('tool_late_result', { callId, name, ...outcome });
