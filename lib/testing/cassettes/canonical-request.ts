import type { LLMRequest } from '../../backend/backend.js';
import { canonicalJson } from './canonical-json.js';

/**
 * The text that requests are compared by, of one that is JSON.
 *
 * @internal
 */
export const canonicalRequest = (request: LLMRequest): string => canonicalJson(request);
