import { isDone, PARALLEL } from '../../domain/action.js';
import type { StreamEventData } from '../../domain/stream-event.js';
import type { Lane, Rows } from './timeline-rows.js';
import { bar, callText, change, decimal } from './timeline-text.js';

/** Writes what the actor and the purpose function say. */
export interface Talk {
  /** A step begins, and nothing was said in it yet. */
  readonly beginStep: () => void;
  readonly token: (data: StreamEventData<'token'>) => void;
  readonly attemptDropped: (data: StreamEventData<'attempt_dropped'>) => void;
  readonly attemptStart: (data: StreamEventData<'attempt_start'>) => void;
  readonly usage: (data: StreamEventData<'usage'>) => void;
  readonly action: (data: StreamEventData<'action'>) => void;
  readonly done: () => void;
  readonly score: (data: StreamEventData<'score'>) => void;
  readonly earlyStop: () => void;
}

const REASONING = 'reasoning';

/** The voice that a lane is for, which needs no name. */
const MAIN_VOICES: Readonly<Partial<Record<Lane, string>>> = { thoughts: 'actor thought', evaluation: 'purpose evidence' };

const laneOf = (source: string): 'thoughts' | 'evaluation' => (source === 'purpose' ? 'evaluation' : 'thoughts');

const squeezed = (text: string): string => text.replaceAll(/\s+/g, '');

const isCall = (call: unknown): call is { readonly name: string; readonly params?: unknown } =>
  typeof call === 'object' && call !== null && typeof Reflect.get(call, 'name') === 'string';

/** The calls of a `parallel` action; `undefined` where it is another, or is not sound. */
const parallelCalls = ({ name, params }: StreamEventData<'action'>) => {
  const calls: unknown = params['calls'];
  return name === PARALLEL && Array.isArray(calls) && calls.every(isCall) ? calls : undefined;
};

/**
 * Makes the writer of what is said.
 *
 * @param phiWidth - The width of the bar of Φ.
 * @internal
 */
export const createTalk = (rows: Rows, phiWidth: number): Talk => {
  /** What each source has said in this step that still holds, and in which attempt. */
  const said = new Map<string, { readonly attempt: number; text: string }>();
  /** Who spoke last in a lane. */
  const lastVoices = new Map<Lane, string>();
  /** Whether the action of this step says already that the task is done. */
  let saidDone = false;

  const note = (lane: Lane, sign: string, text: string): void => {
    const first = sign === '' ? '' : `${sign} `;
    rows.write(lane, { first, rest: ' '.repeat(first.length), text });
  };

  const hear = ({ source, channel, token: heardToken, attempt }: StreamEventData<'token'>): void => {
    // Reasoning is told beside what comes of it, and never in its place.
    const token = channel === REASONING ? '' : heardToken;
    const heard = said.get(source);
    if (attempt > (heard?.attempt ?? 1)) note(laneOf(source), '↻', `attempt ${attempt}`);
    if (heard === undefined || attempt > heard.attempt) said.set(source, { attempt, text: token });
    else heard.text += token;
  };

  /** The name of a voice where it begins and is not the one that its lane is for. */
  const nameOf = (lane: Lane, source: string, channel: string): string => {
    const voice = `${source} ${channel}`;
    const last = lastVoices.get(lane) ?? MAIN_VOICES[lane];
    lastVoices.set(lane, voice);
    if (voice === last) return '';
    const isOwn = MAIN_VOICES[lane]?.startsWith(`${source} `) === true;
    if (isOwn) return channel === REASONING || (voice === MAIN_VOICES[lane] && last?.endsWith(REASONING)) ? '' : `${channel}: `;
    return `${voice}: `;
  };

  /** Says what was not streamed before it was told as a whole. */
  const sayUnsaid = (source: string, text: string): void => {
    if (!squeezed(said.get(source)?.text ?? '').endsWith(squeezed(text))) note(laneOf(source), '', text);
  };

  return {
    beginStep: () => {
      said.clear();
      lastVoices.clear();
      saidDone = false;
    },
    token: (data) => {
      const { source, channel, attempt, token } = data;
      const lane = laneOf(source);
      hear(data);
      const first = channel === REASONING ? '~ ' : '';
      const text = nameOf(lane, source, channel) + token;
      rows.write(lane, { first, rest: first, text, voice: JSON.stringify([source, channel, attempt]) });
    },
    attemptDropped: ({ source, attempt, reason }) => {
      note(laneOf(source), '✗', reason === undefined ? `attempt ${attempt}` : `attempt ${attempt}: ${reason}`);
    },
    attemptStart: ({ source, attempt }) => {
      note(laneOf(source), '↻', `attempt ${attempt}`);
      said.set(source, { attempt, text: '' });
    },
    usage: ({ source, inputTokens, outputTokens }) => {
      note(laneOf(source), '', `(${decimal(inputTokens)}→${decimal(outputTokens)} tokens)`);
    },
    action: (action) => {
      const calls = parallelCalls(action);
      saidDone = isDone(action);
      sayUnsaid('actor', action.thought);
      note('thoughts', '⇒', calls === undefined ? callText(action.name, action.params) : action.name);
      for (const { name, params } of calls ?? []) note('thoughts', '·', callText(name, params));
      if (action.expectedDelta.trim() !== '') note('thoughts', '↗', action.expectedDelta);
    },
    done: () => {
      if (!saidDone) note('thoughts', '■', 'done');
    },
    score: ({ phiAfter, delta, confidence, evidence }) => {
      sayUnsaid('purpose', evidence);
      note('phi', '', bar(phiAfter, phiWidth));
      note('phi', '', `${decimal(phiAfter)} ${change(delta)}`);
      note('phi', '', `${decimal(confidence * 100)}% sure`);
    },
    earlyStop: () => {
      note('phi', '■', 'early stop');
    },
  };
};
