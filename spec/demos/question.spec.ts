import { expect } from 'chai';
import { symbolOf } from '../../demos/find-symbol/question.js';

const questions: Readonly<Record<string, object>> = {
  'where is createOrchestrator defined?': { name: 'createOrchestrator' },
  createOrchestrator: { name: 'createOrchestrator' },
  'Where is the class AgentRun declared in this repo?': { name: 'AgentRun' },
  'find `run`': { name: 'run' },
  'in which file is “tap” implemented': { name: 'tap' },
  "where's parse_args?": { name: 'parse_args' },
  'where is AgentRun.cancel defined?': { name: 'cancel', owner: 'AgentRun' },
  'definition of Foo::bar': { name: 'bar', owner: 'Foo' },
  'where is the operator map defined': { name: 'map' },
  events$: { name: 'events$' },
  'where is type defined?': { name: 'type' },
  type: { name: 'type' },
  'Wo ist größeVon definiert?': { name: 'größeVon' },
};

describe('symbolOf', () => {
  for (const [question, symbol] of Object.entries(questions)) {
    it(`reads ${JSON.stringify(symbol)} out of ${question}`, () => {
      expect(symbolOf(question)).to.deep.equal(symbol);
    });
  }

  it('finds none where there is none', () => {
    expect(symbolOf('where is it?')).to.equal(undefined);
    expect(symbolOf('?!')).to.equal(undefined);
  });
});
