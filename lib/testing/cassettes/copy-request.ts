import type { LLMRequest } from '../../backend/backend.js';
import { parseForeignJson } from '../../internal/json-proto.js';

/**
 * A request as JSON holds it. Throws where it cannot.
 *
 * @internal
 */
export const copyRequest = (request: LLMRequest): LLMRequest => parseForeignJson(JSON.stringify(request)) as LLMRequest;
