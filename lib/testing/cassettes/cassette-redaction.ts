import type { LLMChunk, LLMRequest } from '../../backend/backend.js';
import { redact } from '../../errors/redact.js';
import type { TimedChunk } from './cassette-exchange.js';
import { layOutText } from './lay-out-text.js';
import type { RecordedError } from './recorded-error.js';
import { redactJson, redactText, type Shape } from './redact-json.js';

/**
 * Takes credentials, and what the user's own hook takes out, from all texts of an exchange but the names and ids that
 * things are told apart by.
 *
 * @internal
 */
export interface CassetteRedaction {
  /** Of a request that is JSON. */
  readonly request: (request: LLMRequest) => LLMRequest;
  readonly chunks: (chunks: readonly TimedChunk[]) => readonly TimedChunk[];
  readonly error: (error: RecordedError) => RecordedError;
}

type Hook = (text: string) => string;

const DATA: Shape = {};

const CALL: Shape = { id: 'kept', name: 'kept', params: DATA };

const REQUEST: Shape = {
  messages: { role: 'kept', content: DATA, toolCallId: 'kept', toolCalls: CALL },
  temperature: DATA,
  maxTokens: DATA,
  stop: DATA,
  responseFormat: { name: 'kept', schema: DATA },
  tools: { name: 'kept', description: DATA, parameters: DATA },
};

/** What is said was redacted before, together. */
const SAID: Shape = { type: 'kept', text: 'kept' };

const CHUNKS: Readonly<Record<LLMChunk['type'], Shape>> = {
  text: SAID,
  reasoning: SAID,
  tool_call: { type: 'kept', ...CALL },
  usage: { type: 'kept', usage: { inputTokens: DATA, outputTokens: DATA } },
  finish: { type: 'kept', reason: DATA },
  restart: { type: 'kept', reason: DATA },
};

/** The stretches that `restart` cuts an answer into: what one of them says is not continued by the next. */
const stretchesOf = (chunks: readonly TimedChunk[]): readonly (readonly TimedChunk[])[] => {
  const stretches: TimedChunk[][] = [[]];
  for (const timed of chunks) {
    stretches.at(-1)?.push(timed);
    if (timed.chunk.type === 'restart') stretches.push([]);
  }
  return stretches;
};

/** The chunks of one type as they are where their joined text holds no secret; else that text, redacted, laid out over them. */
const redactTold = (stretch: readonly TimedChunk[], type: 'text' | 'reasoning', hide: Hook): readonly TimedChunk[] => {
  const pieces = stretch.flatMap(({ chunk }) => (chunk.type === type ? [chunk.text] : []));
  const text = pieces.join('');
  const hidden = redactText(text, hide);
  if (hidden === text) return stretch;
  const laidOut = layOutText(pieces, hidden).values();
  return stretch.map((timed) =>
    timed.chunk.type === type ? { ...timed, chunk: { ...timed.chunk, text: laidOut.next().value ?? '' } } : timed,
  );
};

/**
 * Makes a {@link CassetteRedaction}.
 *
 * @internal
 */
export function createRedaction(hook: Hook = (text) => text): CassetteRedaction {
  const hide: Hook = (text) => hook(redact(text));
  const hideText = (text: string): string => redactText(text, hide);
  return {
    request: (request) => redactJson(request, hide, REQUEST),
    chunks: (chunks) =>
      stretchesOf(chunks)
        .flatMap((stretch) => redactTold(redactTold(stretch, 'text', hide), 'reasoning', hide))
        // Callers without types may send any chunk; it is refused when it is written.
        .map((timed) => ({ ...timed, chunk: redactJson(timed.chunk, hide, CHUNKS[timed.chunk.type] ?? SAID) })),
    error: (error) => ({
      ...error,
      message: hide(error.message),
      ...(error.name === undefined ? {} : { name: hide(error.name) }),
      ...(error.partial === undefined ? {} : { partial: hideText(error.partial) }),
      ...(error.received === undefined ? {} : { received: hideText(error.received) }),
      ...(error.issues === undefined ? {} : { issues: error.issues.map(hide) }),
    }),
  };
}
