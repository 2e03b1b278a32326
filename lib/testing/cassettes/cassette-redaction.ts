import type { LLMChunk, LLMRequest } from '../../backend/backend.js';
import type { Json } from '../../domain/json.js';
import { redact } from '../../errors/redact.js';
import { parseForeignJson } from '../../internal/json-proto.js';
import type { TimedChunk } from './cassette-exchange.js';
import { layOutText } from './lay-out-text.js';
import type { RecordedError } from './recorded-error.js';

/**
 * Takes credentials, and what the user's own hook takes out, from all texts of an exchange.
 *
 * @internal
 */
export interface CassetteRedaction {
  /** A copy that is JSON. Throws where there can be none. */
  readonly request: (request: LLMRequest) => LLMRequest;
  readonly chunks: (chunks: readonly TimedChunk[]) => readonly TimedChunk[];
  readonly error: (error: RecordedError) => RecordedError;
}

type Hook = (text: string) => string;

const HIDDEN = '[redacted]';

/** Whether `redact` hides the text where it stands behind the name, as `"password": "…"`. */
const isHiddenUnder = (key: string, text: string): boolean => {
  const name = `${JSON.stringify(key)}: "`;
  return redact(name + JSON.stringify(text).slice(1)).startsWith(name + HIDDEN);
};

/** What stands under a name such as `password` is secret, whatever it looks like. Asked of few names, so that long texts are read once. */
const isSecret = (key: string, text: string): boolean => isHiddenUnder(key, 'a1b2c3d4') && isHiddenUnder(key, text);

const redactJson = (value: Json, hide: Hook, key = ''): Json => {
  if (typeof value === 'string') return hide(isSecret(key, value) ? HIDDEN : value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => redactJson(item, hide, key));
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, Json]) => [redact(name), redactJson(item, hide, name)]));
};

/** The words that the codecs tell things apart by are no texts: a hook may not break them. */
const redactRequest = (request: LLMRequest, hide: Hook): LLMRequest => {
  const redacted = redactJson(request as unknown as Json, hide) as unknown as LLMRequest;
  if (!Array.isArray(request.messages)) return redacted;
  const messages = redacted.messages.map((message, index) => ({ ...message, role: request.messages[index]?.role }));
  return { ...redacted, messages: messages as LLMRequest['messages'] };
};

const redactChunk = (chunk: LLMChunk, hide: Hook): LLMChunk =>
  ({ ...(redactJson(chunk as unknown as Json, hide) as object), type: chunk.type }) as LLMChunk;

const isTold = ({ type }: LLMChunk): boolean => type === 'text' || type === 'reasoning';

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
  const hidden = hide(text);
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
  return {
    request: (request) => redactRequest(parseForeignJson(JSON.stringify(request)) as LLMRequest, hide),
    chunks: (chunks) =>
      stretchesOf(chunks)
        .flatMap((stretch) => redactTold(redactTold(stretch, 'text', hide), 'reasoning', hide))
        .map((timed) => (isTold(timed.chunk) ? timed : { ...timed, chunk: redactChunk(timed.chunk, hide) })),
    error: (error) => ({
      ...error,
      message: hide(error.message),
      ...(error.partial === undefined ? {} : { partial: hide(error.partial) }),
      ...(error.received === undefined ? {} : { received: hide(error.received) }),
      ...(error.issues === undefined ? {} : { issues: error.issues.map(hide) }),
    }),
  };
}
