import { ChatOpenAI } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { z } from 'zod';

process.env.LANGSMITH_TRACING = 'false';

/** What the agent is asked. */
export const QUESTION = { messages: [{ role: 'user', content: 'Look around.' }] };

/**
 * The agent of LangChain, which is a graph of LangGraph, with the tool `look`.
 *
 * @param {string} baseURL
 * @param {() => void} [onLook] called when the tool runs
 */
export const createLookingAgent = (baseURL, onLook) =>
  createAgent({
    model: new ChatOpenAI({ model: 'bench', apiKey: 'none', maxRetries: 0, configuration: { baseURL } }),
    tools: [
      tool(
        /** @param {{ at: string }} input */
        ({ at }) => {
          onLook?.();
          return `it is open at ${at}`;
        },
        { name: 'look', description: 'Looks at something.', schema: z.object({ at: z.string() }) },
      ),
    ],
  });

/** A step is two of the graph's: the model's and the tool's. @param {number} steps */
export const recursionLimitOf = (steps) => 2 * steps + 10;
