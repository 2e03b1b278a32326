import OpenAI from 'openai';
import { waysToGiveUp } from './give-up.js';
import { heardIn } from './heard-in.js';

/**
 * @param {string} baseURL
 * @param {AbortSignal} [signal]
 */
const ask = (baseURL, signal) =>
  new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 }).chat.completions.create(
    { model: 'bench', messages: [{ role: 'user', content: 'Look around.' }], stream: true, stream_options: { include_usage: true } },
    { signal },
  );

/** @param {OpenAI.ChatCompletionChunk} chunk */
const textOf = (chunk) => chunk.choices[0]?.delta.content ?? '';

/** The client of OpenAI, in its newest version. Its stream is for one consumer. @type {import('../subject.ts').Subject} */
export const subject = {
  readText: async (baseURL) => heardIn(await ask(baseURL), textOf),
  cancel: waysToGiveUp(ask, textOf),
};
