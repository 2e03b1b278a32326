import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { take, VirtualTimeScheduler, type Observable } from 'rxjs';
import { decided, signal, type Signal } from '../../../lib/domain/signal.js';
import type { State } from '../../../lib/domain/state.js';
import type { Environment } from '../../../lib/environment/environment.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import type { EnvironmentPiece, EnvironmentStep } from '../../../lib/testing/scripts/environment-script.js';
import { scriptedEnvironment, type ExecuteCall, type ScriptedEnvironment } from '../../../lib/testing/scripts/scripted-environment.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';

const { action } = decided({ name: 'look', params: { at: 'door' } });
const state: State = { data: { n: 0 } };
const error = new Error('jammed');

const pieces: Readonly<Record<string, EnvironmentPiece>> = {
  s: state,
  n: { data: { n: 1 } },
  m: { data: { n: 2 }, summary: 'two' },
  k: signal('knock', {}),
};
const { n, m, k } = pieces as { readonly n: State; readonly m: State; readonly k: Signal };

describe('scriptedEnvironment', () => {
  const cases: readonly (readonly [name: string, step: EnvironmentStep, expected: string])[] = [
    ['a state', n, '(n|)'],
    ['signals and states as they are', [k, m], '(km|)'],
    ['signals without a state', [k], '(k|)'],
    ['nothing', [], '|'],
    ['an error', error, '#'],
    ['marbles', { marbles: '--k-(s|)', values: { k } }, '--k-(s|)'],
    ['marbles with states', { marbles: '- 10ms m|', values: { m } }, '- 10ms m|'],
    ['the letter of the state before that has a value', { marbles: '-s|', values: { s: m } }, '-m|'],
    ['marbles that fail', { marbles: '-k-#', values: { k }, error }, '-k-#'],
    ['marbles that never end', { marbles: '-k--', values: { k } }, '-k--'],
  ];
  for (const [name, step, expected] of cases) {
    it(`plays ${name}`, () =>
      agentMarbles(({ expectObservable }) => {
        expectObservable(scriptedEnvironment([step]).execute(action, state)).toBe(expected, pieces, error);
      }));
  }

  it('fails with an Error where marbles say no other', () =>
    agentMarbles(({ expectObservable }) => {
      const failed = new Error('The script lets this execution fail.');
      expectObservable(scriptedEnvironment([{ marbles: '-#' }]).execute(action, state)).toBe('-#', undefined, failed);
    }));

  it('gives the very state that came in for s, to each call its own', () => {
    const environment = scriptedEnvironment([{ marbles: 's|' }, { marbles: 's|' }]);
    const seen: unknown[] = [];
    for (const before of [n, m]) environment.execute(action, before).subscribe((piece) => seen.push(piece));
    expect([seen[0] === n, seen[1] === m]).to.deep.equal([true, true]);
  });

  it('takes the next step a subscription, and a step that is left counts as used', () =>
    agentMarbles(({ expectObservable, flush }) => {
      const environment = scriptedEnvironment([{ marbles: '--s|' }, n]);
      const piece$ = environment.execute(action, state);
      expect(environment.calls).to.have.length(0);
      expectObservable(piece$, '^-!').toBe('---');
      expectObservable(piece$, '---^').toBe('---(n|)', pieces);
      flush();
      environment.verify();
    }));

  it('runs on the scheduler it is given', () => {
    const scheduler = new VirtualTimeScheduler();
    const environment = scriptedEnvironment([{ marbles: '-----s|' }], { scheduler });
    const times: number[] = [];
    environment.execute(action, state).subscribe({ complete: () => times.push(scheduler.now()) });
    expect(times).to.deep.equal([]);
    scheduler.flush();
    expect(times).to.deep.equal([6]);
  });

  it('begins with the initial state, an empty one by default, and takes no step for it', () => {
    expect(scriptedEnvironment([]).reset()).to.deep.equal({ data: {} });
    const environment = scriptedEnvironment([], { initialState: m });
    expect(environment.reset()).to.equal(m);
    environment.verify();
  });

  it('is terminal where it is told so, by default never', () => {
    expect(scriptedEnvironment([]).isTerminal(n)).to.equal(false);
    const environment = scriptedEnvironment([], { isTerminal: ({ data }) => data['n'] === 2 });
    expect([n, m].map((each) => environment.isTerminal(each))).to.deep.equal([false, true]);
  });

  it('keeps the calls as frozen copies', () => {
    const environment = scriptedEnvironment([n]);
    const data = { seen: ['door'] };
    environment.execute(action, { data }).subscribe();
    data.seen.push('later');
    expect(environment.calls).to.deep.equal([{ action, state: { data: { seen: ['door'] } } }]);
    expect([environment.calls[0], environment.calls[0]?.state.data].every(Object.isFrozen)).to.equal(true);
  });

  it('fails at an execution that it has no step for, and names it', () => {
    const environment = scriptedEnvironment([]);
    const errors: unknown[] = [];
    environment.execute(action, state).subscribe({ error: (failure: unknown) => errors.push(failure) });
    const message = "Execution 1 was not expected: the environment's script has 0 steps.";
    expect(errors[0]).to.be.instanceOf(ScriptError);
    expect(errors[0]).to.have.property('message', message);
    expect(() => environment.verify()).to.throw(ScriptError, message);
  });

  it('refuses marbles that make no sense when it is made', () => {
    expect(() => scriptedEnvironment([{ marbles: '-(s' }])).to.throw(ScriptError);
  });

  it('refuses a letter that stands for nothing when it is made, and says what to do', () => {
    expect(() => scriptedEnvironment([n, { marbles: '-k-x|', values: { k } }])).to.throw(
      ScriptError,
      "The letter 'x' of the marbles '-k-x|' stands for nothing. Give it a state or a signal in values",
    );
  });

  it('gives no more of a burst when it is left', () => {
    const seen: unknown[] = [];
    scriptedEnvironment([[k, k, n]])
      .execute(action, state)
      .pipe(take(1))
      .subscribe((piece) => seen.push(piece));
    expect(seen).to.deep.equal([k]);
  });

  describe('the data of a scripted environment', () => {
    type Data = { readonly n: number };

    it('is that of its initial state', () => {
      const environment = scriptedEnvironment([{ data: { n: 1 } }, { marbles: '-s|' }, [k, { data: { n: 2 } }]], {
        initialState: { data: { n: 0 } },
        isTerminal: ({ data }) => data.n > 1,
      });
      expectTypeOf(environment).toEqualTypeOf<ScriptedEnvironment<{ n: number }>>();
      expectTypeOf(environment.calls).toEqualTypeOf<readonly ExecuteCall<{ n: number }>[]>();
      expectTypeOf(environment).toExtend<Environment<Data>>();
      expectTypeOf(environment.execute(action, { data: { n: 1 } })).toEqualTypeOf<Observable<State<{ n: number }> | Signal>>();
      const initialState: State<Data> = { data: { n: 0 } };
      expectTypeOf(scriptedEnvironment([], { initialState })).toEqualTypeOf<ScriptedEnvironment<Data>>();
    });

    it('is any JSON without an initial state, and where the steps have other data', () => {
      expectTypeOf(scriptedEnvironment([{ data: { n: 1 } }, { data: { other: 'x' } }])).toEqualTypeOf<ScriptedEnvironment>();
      expectTypeOf(scriptedEnvironment([], { isTerminal: ({ data }) => data['n'] === 1 })).toEqualTypeOf<ScriptedEnvironment>();
      expectTypeOf(
        scriptedEnvironment([{ data: { other: 'x' } }], { initialState: { data: { n: 1 } } }),
      ).toEqualTypeOf<ScriptedEnvironment>();
      expectTypeOf<ScriptedEnvironment>().toExtend<Environment>();
      expectTypeOf<ScriptedEnvironment>().not.toExtend<Environment<Data>>();
    });
  });
});
