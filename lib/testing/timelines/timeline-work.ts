import type { State } from '../../domain/state.js';
import type { StreamEventData } from '../../domain/stream-event.js';
import type { Rails } from './timeline-rails.js';
import type { Rows } from './timeline-rows.js';
import { callText, decimal, jsonText } from './timeline-text.js';

/** Writes what the environment does. */
export interface Work {
  /** A step begins, and no tool told of its outcome yet. */
  readonly beginStep: () => void;
  readonly start: (data: StreamEventData<'tool_start'>, time: number) => void;
  readonly progress: (data: StreamEventData<'tool_progress'>) => void;
  readonly end: (data: StreamEventData<'tool_end'>, time: number) => void;
  readonly fail: (data: StreamEventData<'error'>) => void;
  /** What the environment told in a type of its own. */
  readonly report: (type: string, data: unknown) => void;
  readonly state: (state: State) => void;
  readonly terminal: () => void;
  /** The run is over, whatever is under way. */
  readonly close: (time: number) => void;
}

/**
 * Makes the writer of what is done.
 *
 * @internal
 */
export const createWork = (rows: Rows, rails: Rails): Work => {
  /** The calls under way. */
  const calls = new Map<string, { readonly name: string; readonly begun: number }>();
  let hasTold = false;

  const note = (sign: string, text: string): void => {
    rows.write('tools', { ...rails.beside(sign), text });
  };
  const lasted = (callId: string, time: number): string => {
    const begun = calls.get(callId)?.begun;
    return begun === undefined ? '' : ` ${decimal(time - begun)} ms`;
  };

  return {
    beginStep: () => {
      hasTold = false;
    },
    start: ({ callId, name, params }, time) => {
      calls.set(callId, { name, begun: time });
      rows.write('tools', { ...rails.start(callId, '┬'), text: callText(name, params) });
    },
    progress: ({ callId, name, value }) => {
      rows.write('tools', { ...rails.progress(callId, '•'), text: `${name}: ${jsonText(value)}` });
    },
    end: ({ callId, name, ok, output, error }, time) => {
      hasTold = true;
      const outcome = ok ? jsonText(output) : (error ?? 'failed');
      const text = `${name}${lasted(callId, time)}${outcome === '' ? '' : `: ${outcome}`}`;
      rows.write('tools', { ...rails.end(callId, ok ? '✓' : '✗'), text });
      calls.delete(callId);
    },
    fail: ({ error }) => {
      note('✗', `environment: ${error}`);
    },
    report: (type, data) => {
      note('◆', `${type} ${jsonText(data)}`);
    },
    state: ({ data, summary }) => {
      if (summary !== undefined) note('=', summary);
      else if (!hasTold) note('=', jsonText(data));
    },
    terminal: () => {
      note('■', 'terminal');
    },
    close: (time) => {
      for (const callId of rails.open()) {
        const text = `${calls.get(callId)?.name ?? callId} cut off${lasted(callId, time) && ` after${lasted(callId, time)}`}`;
        rows.write('tools', { ...rails.end(callId, '┴'), text });
      }
    },
  };
};
