import type { LLMRequest } from './backend.js';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (_key: string, value: unknown): unknown =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) : value;

/**
 * The text that requests are told apart by: their JSON, with the keys in one order. Functions are no part of it.
 *
 * @internal
 */
export const requestKey = (request: LLMRequest): string => JSON.stringify(request, sorted);
