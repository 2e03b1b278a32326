import type { Usage } from '../domain/usage.js';
import { isWireRecord } from './wire.js';

const NUMBER = /^\d+(?:\.\d+)?$/;

/** A number of tokens; `undefined` where it is none. Nonsense counts as nothing, and there are no parts of a token. */
function tokensOf(value: unknown): number | undefined {
  const count = typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;
  if (typeof count !== 'number') return undefined;
  return Number.isFinite(count) && count > 0 ? Math.trunc(count) : 0;
}

/**
 * The usage so far with what another chunk says of it. Servers that send it more than once count up, so the larger one
 * is the truth, and never the sum.
 *
 * @internal
 */
export function mergeUsage(sofar: Usage | undefined, reported: unknown): Usage | undefined {
  if (!isWireRecord(reported)) return sofar;
  const input = tokensOf(reported['prompt_tokens'] ?? reported['input_tokens']);
  const output = tokensOf(reported['completion_tokens'] ?? reported['output_tokens']);
  if (input === undefined && output === undefined) return sofar;
  return {
    inputTokens: Math.max(sofar?.inputTokens ?? 0, input ?? 0),
    outputTokens: Math.max(sofar?.outputTokens ?? 0, output ?? 0),
  };
}
