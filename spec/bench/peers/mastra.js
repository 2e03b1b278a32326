import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { z } from 'zod';
import { waysToGiveUp } from './give-up.js';
import { heardIn } from './heard-in.js';

process.env.MASTRA_TELEMETRY_DISABLED = 'true';

/**
 * @param {string} baseURL
 * @param {{ steps?: number, signal?: AbortSignal, onLook?: () => void }} [options]
 */
const start = (baseURL, { steps = 10, signal, onLook } = {}) => {
  const look = createTool({
    id: 'look',
    description: 'Looks at something.',
    inputSchema: z.object({ at: z.string() }),
    execute: async ({ at }) => {
      onLook?.();
      return `it is open at ${at}`;
    },
  });
  const agent = new Agent({
    id: 'bench',
    name: 'bench',
    instructions: 'Look around.',
    model: { id: 'bench/bench', url: baseURL, apiKey: 'none' },
    maxRetries: 0,
    tools: { look },
  });
  return agent.stream('Look around.', { maxSteps: steps, abortSignal: signal });
};

/** @param {import('@mastra/core/stream').ChunkType} chunk */
const textOf = (chunk) => {
  if (chunk.type === 'error') throw new Error('Mastra streamed an error.', { cause: chunk.payload.error });
  return chunk.type === 'text-delta' ? chunk.payload.text : '';
};

/**
 * The agent of Mastra, without memory: its output gives each consumer a stream of its own.
 *
 * @type {import('../subject.ts').Subject}
 */
export const subject = {
  runAgent: async (baseURL, consumers) => {
    const output = await start(baseURL);
    const heard = await Promise.all(Array.from({ length: consumers }, () => heardIn(output.fullStream, textOf)));
    return heard.reduce((sum, characters) => sum + characters, 0);
  },
  loopTools: async (baseURL, steps) => {
    let looks = 0;
    const onLook = () => {
      looks += 1;
    };
    await heardIn((await start(baseURL, { steps: steps + 1, onLook })).fullStream, textOf);
    return looks;
  },
  cancel: waysToGiveUp(async (baseURL, signal) => (await start(baseURL, { signal })).fullStream, textOf),
};
