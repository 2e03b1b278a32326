import { expect } from 'chai';
import type { Observable } from 'rxjs';
import { demo$ as raced$ } from '../../demos/02-race-two-agents.js';
import { demo$ as heated$ } from '../../demos/03-agent-in-a-stream.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { buildDemos, runDemo } from './run-demo.js';

/** What a demo prints, with the millisecond of virtual time at which it does. */
const printed = (lines$: Observable<string>): readonly (readonly [number, string])[] => {
  const lines: (readonly [number, string])[] = [];
  agentMarbles(({ scheduler }) => {
    lines$.subscribe((line) => lines.push([scheduler.now(), line]));
  });
  return lines;
};

describe('demos/02-race-two-agents', () => {
  it('races two agents, and drops the run of a question that another one replaces', () => {
    expect(printed(raced$)).to.deep.equal([
      [0, '1. race'],
      [300, '  quick-1 ended: done'],
      [300, '  careful-1 ended: cancelled (The last subscriber left.)'],
      [300, 'quick-1 answers: "six times seven is 42"'],
      [300, '2. switchMap'],
      [700, '  careful-2 ended: cancelled (The last subscriber left.)'],
      [1600, '  careful-3 ended: done'],
      [1600, 'careful-3 answers: "six times seven, once more is 42"'],
    ]);
  });
});

describe('demos/03-agent-in-a-stream', () => {
  it('warms the room in two runs, the second when the window was opened', () => {
    const lines = printed(heated$);
    expect(lines[0]).to.deep.equal([0, '15.0 °C: too cold']);
    expect(lines.map(([, line]) => line.replaceAll(/[\d.]+/g, '#'))).to.deep.equal([
      '#°C: too cold'.replace('#', '# '),
      ...Array.from({ length: 4 }, () => '  warmed to # °C, Φ # (+#)'),
      '# °C: too cold',
      ...Array.from({ length: 4 }, () => '  warmed to # °C, Φ # (+#)'),
    ]);
    const opened = lines.find(([at, line]) => at > 0 && line.endsWith('too cold'));
    expect(opened?.[0]).to.equal(1000);
    expect(Number(/Φ ([\d.]+)/.exec(lines.at(-1)?.[1] ?? '')?.[1])).to.be.at.least(9.5);
  });
});

describe('the demos of composed agents', () => {
  before(buildDemos);

  it('print as programs, and end by themselves', async () => {
    const [raced, heated] = await Promise.all([runDemo([], { name: '02-race-two-agents' }), runDemo([], { name: '03-agent-in-a-stream' })]);
    expect(raced).to.deep.include({ status: 0, stderr: '' });
    expect(raced.stdout).to.match(/quick-1 answers: "six times seven is 42"\n/);
    expect(heated).to.deep.include({ status: 0, stderr: '' });
    expect(heated.stdout).to.match(/^15\.0 °C: too cold\n {2}warmed to/);
  });
});
