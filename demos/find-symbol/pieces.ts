import type { Json, StreamEvent, StreamEventOf } from 'purpose-rx';
import { FileList, Lines, SearchResult } from './results.js';

/** What the screen shows of an event, whatever the screen. */
export type Piece =
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'line'; readonly label: string; readonly text: string }
  /** A text that is still forming. What has another key begins another text. */
  | { readonly type: 'said'; readonly label: string; readonly text: string; readonly key: string }
  | { readonly type: 'tool'; readonly callId: string; readonly mark: '…' | '✓' | '✗'; readonly isProgress: boolean; readonly text: string };

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shorten = (text: string, length = 160): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

const kindsOf = ({ byExtension }: FileList): string =>
  Object.entries(byExtension)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, 3)
    .map(([extension, amount]) => `${amount} ${extension}`)
    .join(', ');

/** What a tool gave, in a few words. */
const sketch = (output: Json | undefined): string => {
  if (FileList.is(output)) return `${count(output.total, 'file')}: ${kindsOf(output) || 'none'}`;
  if (SearchResult.is(output)) return `${count(output.total, 'line')} with ${output.searched} in ${count(output.filesSearched, 'file')}`;
  if (Lines.is(output)) return `${output.path}, lines ${output.from} to ${output.from + output.lines.length - 1}`;
  if (!isRecord(output)) return JSON.stringify(output ?? null);
  return Object.entries(output)
    .map(([key, value]) => `${JSON.stringify(value)} ${key}`)
    .join(', ');
};

const describeCall = (name: string, params: Json | undefined): string => {
  const given = isRecord(params) ? Object.entries(params).map(([key, value]) => `${key}: ${shorten(JSON.stringify(value), 60)}`) : [];
  return `${name}(${given.join(', ')})`;
};

const describeAction = ({ name, params }: StreamEventOf<'action'>['data']): string => {
  const calls = params['calls'];
  if (name !== 'parallel' || !Array.isArray(calls)) return name.toUpperCase() === 'DONE' ? 'DONE' : describeCall(name, params);
  return calls
    .map((call: Json) => (isRecord(call) ? describeCall(typeof call['name'] === 'string' ? call['name'] : '?', call['params']) : '?'))
    .join(' ∥ ');
};

/** Φ as a bar of ten. */
export const phiBar = (phi: number): string => '▰'.repeat(Math.round(phi)) + '▱'.repeat(10 - Math.round(phi));

const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;

const describeScore = ({ phiAfter, delta, confidence }: StreamEventOf<'score'>['data']): string =>
  `${phiBar(phiAfter)} ${phiAfter.toFixed(1)} of 10 (${signed(delta)}), confidence ${Math.round(confidence * 100)} %`;

const WHO: Readonly<Record<string, string>> = { thought: 'thinks', evidence: 'judges', reasoning: 'reasons' };

const describeToken = ({ step, data: { source, channel, attempt, token } }: StreamEventOf<'token'>): Piece => ({
  type: 'said',
  label: `${WHO[channel] ?? channel}${attempt > 1 ? ' again' : ''}`,
  text: token,
  key: [step, source, channel, attempt].join(' '),
});

/** What there is to show of an event; nothing of those that say nothing new. */
export function piecesOf(event: StreamEvent): readonly Piece[] {
  switch (event.type) {
    case 'step_start':
      return [{ type: 'heading', text: `step ${event.data.step}` }];
    case 'token':
      return [describeToken(event)];
    case 'action':
      return [{ type: 'line', label: 'does', text: describeAction(event.data) }];
    case 'tool_start':
      return [{ type: 'tool', callId: event.data.callId, mark: '…', isProgress: false, text: `${event.data.name} is at work` }];
    case 'tool_progress':
      return [
        {
          type: 'tool',
          callId: event.data.callId,
          mark: '…',
          isProgress: true,
          text: `${event.data.name}: ${shorten(sketch(event.data.value))}`,
        },
      ];
    case 'tool_end': {
      const { callId, name, ok, output, error } = event.data;
      return [
        {
          type: 'tool',
          callId,
          mark: ok ? '✓' : '✗',
          isProgress: false,
          text: `${name}: ${ok ? shorten(sketch(output)) : (error ?? 'failed')}`,
        },
      ];
    }
    case 'error':
      return [{ type: 'line', label: 'error', text: event.data.error }];
    case 'score':
      return [{ type: 'line', label: 'Φ', text: describeScore(event.data) }];
    case 'task_end':
      return [
        { type: 'line', label: 'ends', text: event.data.stopReason + (event.data.reason === undefined ? '' : `: ${event.data.reason}`) },
      ];
    default:
      return [];
  }
}
