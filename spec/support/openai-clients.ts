import { OpenAI } from 'openai';
import { OpenAI as OpenAI7 } from 'openai7';
import type { ChatCompletionsClient } from '../../lib/backend/openai-client.js';

/** A way to have a client of the `openai` package. */
export interface ClientMajor {
  readonly name: string;
  readonly make: (options: {
    baseURL: string;
    apiKey: string;
    defaultHeaders?: Record<string, string>;
    fetch?: typeof fetch;
    timeout?: number;
    maxRetries?: number;
  }) => ChatCompletionsClient;
}

/** Both majors of the client. Their types are checked here, too: each fits without a cast. */
export const CLIENT_MAJORS: readonly ClientMajor[] = [
  { name: 'openai 6', make: (options) => new OpenAI(options) },
  { name: 'openai 7', make: (options) => new OpenAI7(options) },
];
