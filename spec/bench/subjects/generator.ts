import { decide, evaluate, scriptOf, type Count } from '../counting-agent.js';
import { generatorAgent, type GeneratorPorts } from '../generator-agent.js';
import type { Subject } from '../subject.js';

const portsOf = (tokens: number): GeneratorPorts<Count> => {
  const script = scriptOf(tokens);
  return {
    async *decide() {
      for (const signal of decide(script)) yield signal;
    },
    execute: async (_action, { data }) => ({ data: { n: data.n + 1 } }),
    async *evaluate() {
      for (const signal of evaluate(script)) yield signal;
    },
  };
};

export const subject: Subject = {
  takeSteps: async (steps, tokens) => {
    let events = 0;
    for await (const event of generatorAgent(portsOf(tokens), { data: { n: 0 } }, steps)) if (event.seq >= 0) events += 1;
    return events;
  },
};
