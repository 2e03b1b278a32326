import { expect } from 'chai';
import { ScriptError } from '../../lib/errors/script-error.js';
import { createScript, type Script } from '../../lib/internal/script.js';

const scriptOf = (steps: readonly unknown[]): Script<unknown, string> =>
  createScript({ steps, play: (step) => `played ${String(step)}`, whose: 'band', call: 'tune' });

/** What `verify` says after a number of tunes, whether the script had a step for them or not. */
const verdict = (steps: readonly unknown[], tunes: number): string => {
  const script = scriptOf(steps);
  for (let tune = 1; tune <= tunes; tune += 1) {
    if (tune <= steps.length) script.take(tune);
    else expect(() => script.take(tune)).to.throw(ScriptError);
  }
  try {
    script.verify();
    return 'sound';
  } catch (error) {
    expect(error).to.be.instanceOf(ScriptError);
    return error instanceof Error ? error.message : '';
  }
};

describe('createScript', () => {
  it('gives what its steps are played by, one a call', () => {
    const script = scriptOf(['a', 'b']);
    expect([script.take(1), script.take(2)]).to.deep.equal(['played a', 'played b']);
  });

  it('reads all its steps when it is made, once', () => {
    const read: string[] = [];
    const script = createScript({ steps: ['a', 'b'], play: (step) => read.push(step), whose: 'band', call: 'tune' });
    expect(read).to.deep.equal(['a', 'b']);
    script.take(1);
    expect(read).to.have.length(2);
    expect(() =>
      createScript({
        steps: [1],
        play: () => {
          throw new ScriptError('no sense');
        },
        whose: 'band',
        call: 'tune',
      }),
    ).to.throw(ScriptError, 'no sense');
  });

  it('does not see what is added to the steps later', () => {
    const steps = ['a'];
    const script = scriptOf(steps);
    steps.push('b');
    script.take(1);
    expect(() => {
      script.verify();
    }).not.to.throw();
  });

  it('keeps frozen copies of the calls, those that it has no step for included', () => {
    const script = scriptOf(['a']);
    const call = { list: [1] };
    script.take(call);
    call.list.push(2);
    expect(() => script.take('more')).to.throw(ScriptError);
    expect(script.calls).to.deep.equal([{ list: [1] }, 'more']);
    expect(Object.isFrozen(script.calls[0])).to.equal(true);
  });

  it('says which call was not expected', () => {
    const script = scriptOf(['a', 'b']);
    script.take(1);
    script.take(2);
    expect(() => script.take(3)).to.throw(ScriptError, "Tune 3 was not expected: the band's script has 2 steps.");
    expect(() => scriptOf([]).take(1)).to.throw(ScriptError, "Tune 1 was not expected: the band's script has 0 steps.");
  });

  describe('verify', () => {
    const cases: readonly (readonly [name: string, steps: readonly unknown[], tunes: number, verdict: string])[] = [
      ['is content where each step was used', ['a', 'b'], 2, 'sound'],
      ['is content with an empty script that nobody called', [], 0, 'sound'],
      [
        'names the steps that were not used',
        ['a', { b: 1 }, new Error('c')],
        1,
        `2 of the 3 steps of the band's script were not used: step 2, {"b":1}; step 3, Error: c.`,
      ],
      ['says so of one', ['a'], 0, `1 of the 1 step of the band's script was not used: step 1, "a".`],
      ['names the call that was not expected', ['a'], 2, `Tune 2 was not expected: the band's script has 1 step.`],
      ['names all calls that were not expected', ['a'], 4, `Tunes 2 to 4 were not expected: the band's script has 1 step.`],
      [
        'shows five of the steps that were not used',
        [1, 2, 3, 4, 5, 6, 7],
        0,
        `7 of the 7 steps of the band's script were not used: step 1, 1; step 2, 2; step 3, 3; step 4, 4; step 5, 5; and 2 more.`,
      ],
      [
        'shows the beginning of a long step, and no half of a character',
        [`${'x'.repeat(58)}😀${'y'.repeat(99)}`],
        0,
        `1 of the 1 step of the band's script was not used: step 1, "${'x'.repeat(58)}….`,
      ],
      [
        'calls a step that has no JSON by its type',
        [undefined, 1n],
        0,
        `2 of the 2 steps of the band's script were not used: step 1, undefined; step 2, bigint.`,
      ],
    ];
    for (const [name, steps, tunes, expected] of cases) {
      it(name, () => {
        expect(verdict(steps, tunes)).to.equal(expected);
      });
    }
  });
});
