import { expect } from 'chai';
import { EMPTY, of } from 'rxjs';
import { createOrchestrator } from '../../../lib/orchestrator/orchestrator.js';
import type { StreamEvent } from '../../../lib/domain/stream-event.js';
import type { TaskResult } from '../../../lib/domain/task.js';
import { runFault } from '../../../lib/testing/marbles/run-fault.js';
import { quietPorts } from '../../../lib/testing/marbles/quiet-ports.js';
import { scriptedActor } from '../../../lib/testing/scripts/scripted-actor.js';

const recorded = (): { events: StreamEvent[]; result: TaskResult } => {
  const events: StreamEvent[] = [];
  const results: TaskResult[] = [];
  const run = createOrchestrator({ ...quietPorts(), actor: scriptedActor(['look', 'DONE']) }).runTaskStream({ purpose: 'test' });
  run.subscribe((event) => events.push(event));
  run.result$.subscribe((result) => results.push(result));
  const [result] = results;
  if (result === undefined) throw new Error('no result');
  return { events, result };
};

const { events, result } = recorded();
const of$ = (told: TaskResult) => ({ result$: of(told) });
const at = (type: string): number => events.findIndex((event) => event.type === type);
const changed = (type: string, change: object): StreamEvent[] =>
  events.map((event) => (event.type === type ? { ...event, ...change } : event));

describe('runFault', () => {
  it('finds none in a run of the engine, whole or under way', () => {
    expect(runFault(of$(result), events)).to.equal(undefined);
    expect(runFault({ result$: EMPTY }, events.slice(0, -1))).to.equal(undefined);
  });

  it('finds none where a recording fails after the end', () => {
    const late = { ...events[0], type: 'experience_error', seq: events.length, step: 0, data: { error: 'full' } } as StreamEvent;
    expect(runFault(of$(result), [...events, late])).to.equal(undefined);
  });

  it('finds what is wrong in a run that is under way', () => {
    const cut = events.filter(({ type }) => type !== 'score').slice(0, -1);
    expect(runFault({ result$: EMPTY }, cut)).to.match(/may not stand here/);
  });

  for (const [what, told, fault] of [
    ['an event left out', events.filter(({ type }) => type !== 'score'), /may not stand here/],
    ['a number left out', changed('score', { seq: 99 }), /seq 99/],
    ['an event after the end', [...events, events[0]], /^task_start \(seq 0\) came after task_end\.$/],
    [
      'no JSON',
      changed('step_end', { data: { stateSummary: '', state: { data: { when: new Date(0) } } } }),
      /^step_end \(seq \d+\) does not survive JSON/,
    ],
    [
      'another trajectory',
      changed('action', { data: { name: 'listen', params: {}, thought: '', expectedDelta: '' } }),
      /not that of its result\. \/steps\/0\/action\/name: expected "look", got "listen"/,
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      const kept = what === 'another trajectory' ? told.map((event, index) => (index > at('step_end') ? events[index] : event)) : told;
      expect(runFault(of$(result), kept as StreamEvent[])).to.match(fault);
    });
  }
});
