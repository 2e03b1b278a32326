import { from, type Observable } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import type { Json } from '../../lib/domain/json.js';

/** Gives each request the next answer, the last one for ever, and keeps the requests. */
export const recordingBackend = (
  ...answers: readonly [Observable<LLMChunk>, ...Observable<LLMChunk>[]]
): LLMBackend & { readonly requests: LLMRequest[] } => {
  const requests: LLMRequest[] = [];
  return {
    requests,
    stream: (request) => {
      requests.push(request);
      return answers[requests.length - 1] ?? answers.at(-1) ?? answers[0];
    },
  };
};

/** These pieces of text and a finish in good order. */
export const textChunks = (...pieces: readonly string[]): readonly LLMChunk[] => [
  ...pieces.map((text): LLMChunk => ({ type: 'text', text })),
  { type: 'finish', reason: 'stop' },
];

/** A whole answer of these pieces of text, at once. */
export const textAnswer = (...pieces: readonly string[]): Observable<LLMChunk> => from(textChunks(...pieces));

/** The text of a request. */
export const textOf = (request: LLMRequest | undefined): string => (request?.messages ?? []).map(({ content }) => content).join('\n');

/** What a request quotes as data, by name, read as a model would read it. */
export const dataOf = (request: LLMRequest | undefined): Record<string, Json> => {
  const asked = (request?.messages ?? []).filter(({ role }) => role === 'user').map(({ content }) => content);
  const quotations = asked.join('\n').matchAll(/<data name="([^"]*)">(.*?)<\/data>/gs);
  return Object.fromEntries(Array.from(quotations, ([, name = '', json = 'null']) => [name, JSON.parse(json) as Json]));
};
