import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { waysToGiveUp } from './give-up.js';
import { heardIn } from './heard-in.js';

setTracingDisabled(true);

/**
 * @param {string} baseURL
 * @param {{ steps?: number, signal?: AbortSignal, onLook?: () => void }} [options]
 */
const start = (baseURL, { steps = 10, signal, onLook } = {}) => {
  const agent = new Agent({
    name: 'bench',
    model: new OpenAIChatCompletionsModel(new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 }), 'bench'),
    tools: [
      tool({
        name: 'look',
        description: 'Looks at something.',
        parameters: z.object({ at: z.string() }),
        execute: ({ at }) => {
          onLook?.();
          return `it is open at ${at}`;
        },
      }),
    ],
  });
  return run(agent, 'Look around.', { stream: true, maxTurns: steps, signal });
};

/** @param {import('@openai/agents').RunStreamEvent} event */
const textOf = (event) => (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta' ? event.data.delta : '');

/** The agents of OpenAI, on chat completions. Their stream is for one consumer. @type {import('../subject.ts').Subject} */
export const subject = {
  runAgent: async (baseURL) => heardIn(await start(baseURL), textOf),
  loopTools: async (baseURL, steps) => {
    let looks = 0;
    const onLook = () => {
      looks += 1;
    };
    await heardIn(await start(baseURL, { steps: steps + 1, onLook }), textOf);
    return looks;
  },
  cancel: waysToGiveUp((baseURL, signal) => start(baseURL, { signal }), textOf),
};
