import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { take, VirtualTimeScheduler, type Observable } from 'rxjs';
import type { Actor, ActorSignal, DecideContext } from '../../../lib/actor/actor.js';
import { decided, token } from '../../../lib/domain/signal.js';
import { BackendError } from '../../../lib/errors/backend-error.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import type { ActorStep } from '../../../lib/testing/scripts/actor-script.js';
import { scriptedActor, type ScriptedActor } from '../../../lib/testing/scripts/scripted-actor.js';
import { decideContext } from '../../support/decide-context.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';

const context = decideContext();
const usage = { inputTokens: 3, outputTokens: 2 };
const error = new Error('down');
const look = { name: 'look', params: { at: 'door' }, thought: 'it is dark', expectedDelta: 'I see' };

const signals: Readonly<Record<string, ActorSignal>> = {
  x: token('x'),
  y: token('y'),
  r: token('r', { channel: 'reasoning' }),
  a: decided({ name: 'look' }),
  l: decided(look),
  b: decided({ name: 'act' }),
  d: decided({ name: 'DONE' }),
  u: { type: 'usage', usage },
  v: { type: 'usage', usage: { inputTokens: 1, outputTokens: 1 } },
};

describe('scriptedActor', () => {
  const cases: readonly (readonly [name: string, step: ActorStep, expected: string])[] = [
    ['the name of an action', 'look', '(a|)'],
    ['an action', look, '(l|)'],
    ['an action of a name alone', { name: 'look' }, '(a|)'],
    ['a signal', decided(look), '(l|)'],
    ['thoughts and signals as they are', ['x', token('r', { channel: 'reasoning' }), decided({ name: 'look' })], '(xra|)'],
    ['thoughts without an action', ['x', 'y'], '(xy|)'],
    ['nothing', [], '|'],
    ['an error', error, '#'],
    ['tokens in time', { tokens: ['x', 'y'], interval: 3, action: 'look' }, '---x--(ya|)'],
    ['tokens at once with a usage', { tokens: ['x'], usage, action: look }, '(xul|)'],
    ['tokens in time and then an error', { tokens: ['x', 'y'], interval: 2, usage, error }, '--x-(yu#)'],
    ['no tokens in time', { tokens: [], interval: 2, action: 'look' }, '(a|)'],
    ['marbles', { marbles: '--x-(a|)' }, '--x-(b|)'],
    ['marbles with values', { marbles: 't 10ms a-|', values: { t: 'x', a: decided(look) } }, 'x 10ms l-|'],
    ['DONE and a usage in marbles', { marbles: '-u-(d|)' }, '-v-(d|)'],
    ['marbles that fail', { marbles: '-x-#', error }, '-x-#'],
    ['marbles that never end', { marbles: '-x--' }, '-x--'],
  ];
  for (const [name, step, expected] of cases) {
    it(`plays ${name}`, () =>
      agentMarbles(({ expectObservable }) => {
        expectObservable(scriptedActor([step]).decide(context)).toBe(expected, signals, error);
      }));
  }

  it('fails with a BackendError where marbles say no other', () =>
    agentMarbles(({ expectObservable }) => {
      const failed = new BackendError('The script lets this decision fail.');
      expectObservable(scriptedActor([{ marbles: '-#' }]).decide(context)).toBe('-#', undefined, failed);
    }));

  it('takes the next step a subscription, and a step that is left counts as used', () =>
    agentMarbles(({ expectObservable, flush }) => {
      const actor = scriptedActor([{ marbles: '--x-(a|)' }, 'look']);
      const signal$ = actor.decide(context);
      expect(actor.calls).to.have.length(0);
      expectObservable(signal$, '^-!').toBe('---');
      expectObservable(signal$, '---^').toBe('---(a|)', signals);
      flush();
      actor.verify();
    }));

  it('runs on the scheduler it is given', () => {
    const scheduler = new VirtualTimeScheduler();
    const actor = scriptedActor([{ tokens: ['x'], interval: 5, action: 'look' }, { marbles: '-----x(a|)' }], {
      scheduler,
    });
    const times: number[] = [];
    const complete = () => times.push(scheduler.now());
    actor.decide(context).subscribe({ complete });
    actor.decide(context).subscribe({ complete });
    expect(times).to.deep.equal([]);
    scheduler.flush();
    expect(times).to.deep.equal([5, 6]);
  });

  it('keeps the contexts as frozen copies', () => {
    const actor = scriptedActor(['look']);
    const history: DecideContext['history'][number][] = [];
    actor.decide({ ...context, history }).subscribe();
    history.push({ action: 'later()', result: '', score: '' });
    expect(actor.calls).to.deep.equal([{ ...context, history: [] }]);
    expect([actor.calls[0], actor.calls[0]?.state.data].every(Object.isFrozen)).to.equal(true);
  });

  it('fails at a decision that it has no step for, and names it', () => {
    const actor = scriptedActor([]);
    const errors: unknown[] = [];
    actor.decide(context).subscribe({ error: (failure: unknown) => errors.push(failure) });
    expect(errors[0]).to.be.instanceOf(ScriptError);
    expect(errors[0]).to.have.property('message', "Decision 1 was not expected: the actor's script has 0 steps.");
    expect(() => actor.verify()).to.throw(ScriptError, "Decision 1 was not expected: the actor's script has 0 steps.");
  });

  it('reads its steps when it is made', () => {
    const list = ['x'];
    const actor = scriptedActor([list]);
    list.push('y');
    const seen: ActorSignal[] = [];
    actor.decide(context).subscribe((signal) => seen.push(signal));
    expect(seen).to.deep.equal([token('x')]);
  });

  it('refuses marbles that make no sense when it is made', () => {
    expect(() => scriptedActor(['look', { marbles: '-(a' }])).to.throw(ScriptError);
  });

  it('gives no more of a burst when it is left', () => {
    const scheduler = new VirtualTimeScheduler();
    const actor = scriptedActor([['x', 'y', decided({ name: 'look' })], { marbles: '-(xya|)' }], { scheduler });
    const seen: ActorSignal[] = [];
    for (const amount of [1, 2]) {
      const watching = actor.decide(context).pipe(take(amount));
      watching.subscribe((signal) => seen.push(signal));
      scheduler.flush();
    }
    expect(seen).to.deep.equal([token('x'), token('x'), token('y')]);
    actor.verify();
  });

  it('is an actor of any data', () => {
    type Data = { readonly n: number };
    expectTypeOf(scriptedActor(['look'])).toEqualTypeOf<ScriptedActor>();
    expectTypeOf(scriptedActor<Data>(['look']).calls).toEqualTypeOf<readonly DecideContext<Data>[]>();
    expectTypeOf<ScriptedActor>().toExtend<Actor<Data>>();
    expectTypeOf<ScriptedActor<Data>>().toExtend<Actor<Data>>();
    expectTypeOf<ReturnType<ScriptedActor['decide']>>().toEqualTypeOf<Observable<ActorSignal>>();
    expectTypeOf<{ readonly tokens: readonly string[] }>().not.toExtend<ActorStep>();
    expectTypeOf<{ readonly tokens: readonly string[]; readonly action: string; readonly error: Error }>().not.toExtend<ActorStep>();
  });
});
