import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { renderTimeline } from '../../lib/testing/timelines/render-timeline.js';
import { minuteOfAnAgent, playTheMinute } from '../support/minute-of-an-agent.js';

describe('a minute of an agent, with two tools side by side, a stall and a retry', () => {
  it('is, event for event, as it was drawn', () => {
    agentMarbles((m) => {
      const { run, search, list, backend } = minuteOfAnAgent(m);
      const thought = { a: 'I lo', b: 'ok a', c: 'roun', d: 'd.', e: 'Ther', f: 'e it', g: ' is.' };
      m.expectTokens(run, { channel: 'thought' }).toBe(
        '800ms a 199ms b 199ms c 199ms d @15100ms a 199ms b 199ms c 199ms d @42900ms e 899ms f 899ms g @60s |',
        thought,
      );
      m.expectEvents(run, ['action', 'tool_start', 'tool_end', 'score']).toBe('23300ms (abb) @31300ms r @35300ms r @39300ms v @60s (a|)', {
        b: { step: 1 },
        v: { data: { phiAfter: 6 } },
      });
      // Of the first request, silence is what is left of it when it is given up.
      m.expectRequests(backend).toBe('^ 11799ms !', '14300ms ^ 8999ms |', '39300ms ^ 20699ms |');
      m.expectCalls(search).toBe('23300ms ^ 11999ms |');
      m.expectCalls(list).toBe('23300ms ^ 7999ms |');
    });
  });

  it('is the same a hundred times over', () => {
    const [first, ...others] = Array.from({ length: 100 }, () => JSON.stringify(playTheMinute()));
    expect(new Set([first, ...others]).size).to.equal(1);
  });

  it('is the timeline that is kept', () => {
    const events = playTheMinute();
    expect(events.at(-1)?.timestamp).to.equal(60_000);
    expect(`${renderTimeline(events)}\n`).to.equal(readFileSync('spec/support/fixtures/minute-of-an-agent.txt', 'utf8'));
  });
});
