import { expect } from 'chai';
import { countedEvents } from '../../lib/domain/counted-events.js';

const event = (type: string, seq: number) => ({ type, seq }) as { readonly type: 'run_resumed'; readonly seq: number };

describe('countedEvents', () => {
  it('leaves the events of a run that was never cut short as they are', () => {
    const events = [event('task_start', 0), event('step_start', 1)];
    expect(countedEvents(events)).to.deep.equal(events);
    expect(countedEvents([])).to.deep.equal([]);
  });

  it('takes a resumed run for going on from its number, as often as it was resumed', () => {
    const events = [
      ...[event('task_start', 0), event('task_end', 1), event('tool_late_result', 2)],
      ...[event('run_resumed', 1), event('step_start', 2), event('task_end', 3), event('run_resumed', 3), event('token', 4)],
    ];
    expect(countedEvents(events).map(({ type }) => type)).to.deep.equal([
      'task_start',
      'run_resumed',
      'step_start',
      'run_resumed',
      'token',
    ]);
  });

  it('is left with what is out of order, which others tell', () => {
    const events = [event('task_start', 0), event('token', 0)];
    expect(countedEvents(events)).to.deep.equal(events);
    for (const seq of [-1, 0.5, 1e300]) {
      const resumed = [event('task_start', 0), event('run_resumed', seq)];
      expect(countedEvents(resumed)).to.deep.equal(resumed);
    }
  });
});
