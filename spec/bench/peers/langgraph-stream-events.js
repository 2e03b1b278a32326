import { waysToGiveUp } from './give-up.js';
import { heardIn } from './heard-in.js';
import { createLookingAgent, QUESTION, recursionLimitOf } from './langgraph-agent.js';

/**
 * @param {string} baseURL
 * @param {AbortSignal} [signal]
 */
const run = (baseURL, signal) => createLookingAgent(baseURL).streamEvents(QUESTION, { version: 'v2', signal });

/** @param {import('@langchain/core/tracers/log_stream').StreamEvent} event */
const textOf = (event) => (event.event === 'on_chat_model_stream' ? event.data.chunk.text : '');

/** The agent of LangChain on LangGraph, by `streamEvents`, which is for one consumer. @type {import('../subject.ts').Subject} */
export const subject = {
  runAgent: (baseURL) => heardIn(run(baseURL), textOf),
  loopTools: async (baseURL, steps) => {
    let looks = 0;
    const agent = createLookingAgent(baseURL, () => {
      looks += 1;
    });
    await heardIn(agent.streamEvents(QUESTION, { version: 'v2', recursionLimit: recursionLimitOf(steps) }), textOf);
    return looks;
  },
  cancel: waysToGiveUp(run, textOf),
};
