import { waysToGiveUp } from './give-up.js';
import { heardIn } from './heard-in.js';
import { createLookingAgent, QUESTION, recursionLimitOf } from './langgraph-agent.js';

/** Messages for the tokens, updates for what the tools and the model said. @type {['messages', 'updates']} */
const STREAM_MODE = ['messages', 'updates'];

/**
 * @param {string} baseURL
 * @param {AbortSignal} [signal]
 */
const run = (baseURL, signal) => createLookingAgent(baseURL).stream(QUESTION, { streamMode: STREAM_MODE, signal });

/** @param {Awaited<ReturnType<typeof run>> extends AsyncIterable<infer Item> ? Item : never} item */
const textOf = ([mode, payload]) => (mode === 'messages' ? payload[0].text : '');

/** The agent of LangChain on LangGraph, by `stream`, which is for one consumer. @type {import('../subject.ts').Subject} */
export const subject = {
  runAgent: async (baseURL) => heardIn(await run(baseURL), textOf),
  loopTools: async (baseURL, steps) => {
    let looks = 0;
    const agent = createLookingAgent(baseURL, () => {
      looks += 1;
    });
    await heardIn(await agent.stream(QUESTION, { streamMode: STREAM_MODE, recursionLimit: recursionLimitOf(steps) }), textOf);
    return looks;
  },
  cancel: waysToGiveUp(run, textOf),
};
