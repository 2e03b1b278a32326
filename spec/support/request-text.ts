import type { LLMRequest } from '../../lib/backend/backend.js';
import type { Json } from '../../lib/domain/json.js';

/** The text of a request. */
export const textOf = (request: LLMRequest | undefined): string => (request?.messages ?? []).map(({ content }) => content).join('\n');

/** What a request quotes as data, by name, read as a model would read it. */
export const dataOf = (request: LLMRequest | undefined): Record<string, Json> => {
  const asked = (request?.messages ?? []).filter(({ role }) => role === 'user').map(({ content }) => content);
  const quotations = asked.join('\n').matchAll(/<data name="([^"]*)">(.*?)<\/data>/gs);
  return Object.fromEntries(Array.from(quotations, ([, name = '', json = 'null']) => [name, JSON.parse(json) as Json]));
};
