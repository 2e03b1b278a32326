import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import type { RunState } from '../../lib/domain/run-state.js';
import type { StopPolicy } from '../../lib/orchestrator/stop-policy.js';
import { stopWhen } from '../../lib/policies/stop-when.js';
import { runSoFar } from '../support/run-so-far.js';
import { clockAt, reasonOf } from '../support/verdicts.js';

describe('stopWhen', () => {
  it('stops where the predicate holds, with its text as the reason', () => {
    const run = runSoFar({ data: { gold: 101 } });
    expect(
      reasonOf(
        stopWhen('rich', ({ state }) => Number(state?.data['gold']) > 100 && 'enough gold'),
        run,
      ),
    ).to.equal('enough gold');
    expect(
      reasonOf(
        stopWhen('rich', () => true),
        run,
      ),
    ).to.equal('what it waits for has come');
    for (const found of [false, undefined, ''])
      expect(
        reasonOf(
          stopWhen('rich', () => found),
          run,
        ),
      ).to.equal(undefined);
  });

  it('shows the predicate the run and the clock', () => {
    const run = runSoFar({});
    const seen: unknown[] = [];
    stopWhen('spy', (...shown) => {
      seen.push(...shown);
      return false;
    }).check(run, clockAt(7));
    expect(seen).to.deep.equal([run, clockAt(7)]);
  });

  it('knows the data of the states', () => {
    interface Room extends Record<string, number> {
      readonly gold: number;
    }
    const policy = stopWhen<Room>('rich', ({ state }) => {
      expectTypeOf(state?.data.gold).toEqualTypeOf<number | undefined>();
      return (state?.data.gold ?? 0) > 100;
    });
    expectTypeOf(policy).toEqualTypeOf<StopPolicy<Room>>();
    expectTypeOf(stopWhen('any', () => true)).toEqualTypeOf<StopPolicy>();
    expectTypeOf<Parameters<StopPolicy['check']>[0]>().toEqualTypeOf<Readonly<RunState>>();
  });
});
