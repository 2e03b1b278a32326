import { decide, evaluate, scriptOf, type Count } from '../counting-agent.js';
import type { GeneratorPorts } from '../generator-agent.js';
import type { Subject } from '../subject.js';
import { countEvents } from './generator.js';

/** Ports that are not asynchronous, though what reads them waits for each of their signals. */
const portsOf = (tokens: number): GeneratorPorts<Count> => {
  const script = scriptOf(tokens);
  return {
    decide: () => decide(script),
    execute: (_action, { data }) => ({ data: { n: data.n + 1 } }),
    evaluate: () => evaluate(script),
  };
};

export const subject: Subject = { takeSteps: (steps, tokens) => countEvents(portsOf(tokens), steps) };
