import type { Usage } from '../domain/usage.js';
import { isWireRecord } from './wire.js';

const count = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0);

/**
 * The usage so far with what another chunk says of it. Servers that send it more than once count up, so the larger one
 * is the truth, and never the sum.
 *
 * @internal
 */
export function mergeUsage(sofar: Usage | undefined, reported: unknown): Usage | undefined {
  if (!isWireRecord(reported)) return sofar;
  const input = reported['prompt_tokens'] ?? reported['input_tokens'];
  const output = reported['completion_tokens'] ?? reported['output_tokens'];
  if (typeof input !== 'number' && typeof output !== 'number') return sofar;
  return {
    inputTokens: Math.max(sofar?.inputTokens ?? 0, count(input)),
    outputTokens: Math.max(sofar?.outputTokens ?? 0, count(output)),
  };
}
