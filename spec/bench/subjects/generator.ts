import { decide, evaluate, scriptOf, type Count } from '../counting-agent.js';
import { generatorAgent, type GeneratorPorts } from '../generator-agent.js';
import type { Subject } from '../subject.js';

/** Ports that are asynchronous, as those of an agent that awaits models are. */
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

/** The number of events of an agent that is a generator. */
export const countEvents = async (ports: GeneratorPorts<Count>, steps: number): Promise<number> => {
  let events = 0;
  for await (const event of generatorAgent(ports, { data: { n: 0 } }, steps)) if (event.seq === events) events += 1;
  return events;
};

export const subject: Subject = { takeSteps: (steps, tokens) => countEvents(portsOf(tokens), steps) };
