import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import { waysToGiveUp } from './give-up.js';
import { heardIn } from './heard-in.js';

/** @param {string} baseURL */
const modelAt = (baseURL) => createOpenAICompatible({ name: 'bench', baseURL, apiKey: 'none', includeUsage: true })('bench');

/** @param {string} baseURL */
const ask = (baseURL) => streamText({ model: modelAt(baseURL), prompt: 'Look around.', maxRetries: 0 });

/**
 * @param {string} baseURL
 * @param {{ steps?: number, signal?: AbortSignal, onLook?: () => void }} [options]
 */
const run = (baseURL, { steps = 10, signal, onLook } = {}) =>
  streamText({
    model: modelAt(baseURL),
    prompt: 'Look around.',
    maxRetries: 0,
    stopWhen: isStepCount(steps),
    abortSignal: signal,
    tools: {
      look: tool({
        description: 'Looks at something.',
        inputSchema: z.object({ at: z.string() }),
        execute: ({ at }) => {
          onLook?.();
          return `it is open at ${at}`;
        },
      }),
    },
  });

/** @param {import('ai').TextStreamPart<import('ai').ToolSet>} part */
const textOf = (part) => {
  if (part.type === 'error') throw new Error('The AI SDK streamed an error.', { cause: part.error });
  return part.type === 'text-delta' ? part.text : '';
};

/** @param {string} text */
const same = (text) => text;

/**
 * The AI SDK: its result gives each consumer a stream of its own.
 *
 * @type {import('../subject.ts').Subject}
 */
export const subject = {
  readText: (baseURL) => heardIn(ask(baseURL).textStream, same),
  runAgent: async (baseURL, consumers) => {
    const result = run(baseURL);
    const heard = await Promise.all(Array.from({ length: consumers }, () => heardIn(result.stream, textOf)));
    return heard.reduce((sum, characters) => sum + characters, 0);
  },
  loopTools: async (baseURL, steps) => {
    let looks = 0;
    const onLook = () => {
      looks += 1;
    };
    await heardIn(run(baseURL, { steps: steps + 1, onLook }).stream, textOf);
    return looks;
  },
  cancel: waysToGiveUp((baseURL, signal) => run(baseURL, { signal }).stream, textOf),
};
