import { ChatOpenAI } from '@langchain/openai';
import { waysToGiveUp } from './give-up.js';
import { heardIn } from './heard-in.js';

process.env.LANGSMITH_TRACING = 'false';

/**
 * @param {string} baseURL
 * @param {AbortSignal} [signal]
 */
const ask = (baseURL, signal) =>
  new ChatOpenAI({ model: 'bench', apiKey: 'none', maxRetries: 0, configuration: { baseURL } }).stream('Look around.', { signal });

/** @param {import('@langchain/core/messages').AIMessageChunk} chunk */
const textOf = (chunk) => chunk.text;

/** The chat model of LangChain; its agents are LangGraph's. Its stream is for one consumer. @type {import('../subject.ts').Subject} */
export const subject = {
  readText: async (baseURL) => heardIn(await ask(baseURL), textOf),
  cancel: waysToGiveUp(ask, textOf),
};
