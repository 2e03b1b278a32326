import { openAIBackend, type LLMBackend } from 'purpose-rx';
import { standInModel } from './stand-in-model.js';

/** What the agent thinks with, and how the screen names it. */
export interface Model {
  readonly backend: LLMBackend;
  readonly label: string;
  /** Whether the tokens that it reports are estimated, not counted. */
  readonly isEstimate: boolean;
}

/**
 * The model that the environment names: OPENAI_API_KEY or OPENAI_BASE_URL for a real one, MODEL for which; without them
 * the stand-in, with DEMO_PACE milliseconds a token.
 */
export function chooseModel(environment: NodeJS.ProcessEnv): Model {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, MODEL: model = 'gpt-5-mini', DEMO_PACE: pace } = environment;
  if (apiKey || baseURL) {
    // The host alone: an address may hold a password.
    const server = baseURL && URL.canParse(baseURL) ? ` at ${new URL(baseURL).host}` : '';
    return {
      backend: openAIBackend({ model, ...(apiKey ? { apiKey } : {}), ...(baseURL ? { baseURL } : {}) }),
      label: `${model}${server}`,
      isEstimate: false,
    };
  }
  const given = pace === undefined || pace === '' ? {} : { pace: Math.max(0, Number(pace) || 0) };
  const label = 'a stand-in for a model: a few rules, as neither OPENAI_API_KEY nor OPENAI_BASE_URL is set';
  return { backend: standInModel(given), label, isEstimate: true };
}
