import { openAIBackend, type LLMBackend } from 'purpose-rx';
import { standInModel } from './stand-in-model.js';

/** What the agent thinks with, and how the screen names it. */
export interface Model {
  readonly backend: LLMBackend;
  readonly label: string;
}

/**
 * The model that the environment names: OPENAI_API_KEY or OPENAI_BASE_URL for a real one, MODEL for which; without them
 * the stand-in, with DEMO_PACE milliseconds a token.
 */
export function chooseModel(environment: NodeJS.ProcessEnv): Model {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, MODEL: model = 'gpt-4o-mini', DEMO_PACE: pace } = environment;
  if (apiKey || baseURL) {
    // The host alone: an address may hold a password.
    const server = baseURL && URL.canParse(baseURL) ? ` at ${new URL(baseURL).host}` : '';
    return {
      backend: openAIBackend({ model, ...(apiKey ? { apiKey } : {}), ...(baseURL ? { baseURL } : {}) }),
      label: `${model}${server}`,
    };
  }
  const given = pace === undefined || pace === '' ? {} : { pace: Math.max(0, Number(pace) || 0) };
  return { backend: standInModel(given), label: 'a stand-in for a model: a few rules, as no OPENAI_API_KEY is set' };
}
