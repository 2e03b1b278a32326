import { decided, toolEnvironment, toolProgress } from 'purpose-rx';

const calls = ['search', 'list'].map((name) => ({ name, params: {} }));
const parallel = decided({ name: 'parallel', params: { calls } });

/** The run of an agent of marbles: an actor that thinks, two tools side by side, and a judge who is content. */
export const agentRun = ({ actor, purposeFunction, run, tool }) => {
  const search = tool('search', '10ms p 19ms (r|)', { p: toolProgress(0.5), r: ['door.ts:3'] });
  const list = tool('list', '20ms (r|)', { r: ['door.ts'] });
  return run({
    actor: actor('10ms t 4ms (a|)', { t: 'Hm', a: parallel }),
    purposeFunction: purposeFunction('100ms (9|)'),
    environment: toolEnvironment({ tools: [search, list] }),
  });
};
