import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { asyncScheduler, map, NEVER, of, timer, type Observable } from 'rxjs';
import { generate } from '../../../lib/backend/generate.js';
import { llmActor } from '../../../lib/actor/llm-actor.js';
import { decided, signal, token } from '../../../lib/domain/signal.js';
import { toolEnvironment } from '../../../lib/environment/tool-environment.js';
import { toolProgress } from '../../../lib/environment/tool.js';
import { AuthenticationError } from '../../../lib/errors/authentication-error.js';
import { ExpectationError } from '../../../lib/errors/expectation-error.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import type { AgentHelpers } from '../../../lib/testing/marbles/agent-helpers.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import { failureOf } from '../../support/failure-of.js';

const calls = ['search', 'list'].map((name) => ({ name, params: { text: name } }));
const parallel = decided({ name: 'parallel', params: { calls } });

/** An agent of marbles: two tools side by side, a slow judge, and DONE. */
const agent = (m: AgentHelpers) => {
  const search = m.tool('search', '10ms p 19ms (r|)', { p: toolProgress(0.5), r: ['door.ts:3'] });
  const list = m.tool('list', '20ms (r|)', { r: ['door.ts'] });
  const actor = m.actor(['10ms t 4ms (na|)', '5ms (d|)'], { t: 'Hm ', n: 'now', a: parallel });
  const purposeFunction = m.purposeFunction('100ms (t6|)');
  const run = m.run({ actor, purposeFunction, environment: toolEnvironment({ tools: [search, list] }) });
  return { actor, purposeFunction, search, list, run };
};

const WHOLE = '(Ss) 6ms t 4ms (tabb) @25ms p @35ms r @45ms r @145ms (tves) @150ms (adE|)';

/** A run that thinks for ever. */
const thinking = (m: AgentHelpers) => m.run({ actor: m.actor('10ms t') });

const seen = <T>(source: Observable<T>): unknown[] => {
  const values: unknown[] = [];
  source.subscribe({ next: (value) => values.push(value), error: (error: unknown) => values.push(error) });
  return values;
};

/** The line of this file in a stack. */
const lineOf = (stack: string | undefined): number => Number(/agent-marbles\.spec\.[jt]s:(\d+)/.exec(stack ?? '')?.[1]);
const firstFrame = (error: unknown): string | undefined =>
  error instanceof ExpectationError ? error.stack?.split('\n').find((line) => line.startsWith('    at ')) : undefined;

/** A run that never stops thinking. */
const ticking = (m: AgentHelpers): void => {
  m.run({ actor: { decide: () => timer(0, 1000).pipe(map(() => token('x'))) } }).subscribe();
};

// Typed as TypeScript lets an async function pass for one that gives nothing.
const promising: () => unknown = () => Promise.resolve();

describe('agentMarbles', () => {
  describe('a run', () => {
    it('is a diagram of its events, each type with its letter', () => {
      agentMarbles((m) => {
        m.expectRun(agent(m).run).toBe(WHOLE);
      });
    });

    it('is as it is drawn in the docstring', () => {
      agentMarbles((m) => {
        m.expectRun(m.run({ actor: m.actor('--t-(a|)'), purposeFunction: m.purposeFunction('----(9|)') })).toBe('(Ss) @2ms t-a---(veyE|)');
        m.expectRun(m.run({ actor: m.actor('10ms (a|)'), purposeFunction: m.purposeFunction('10ms (9|)') })).toBe('(Ss) 6ms a 9ms (veyE|)');
      });
    });

    it('is what several expectations look at, each of which sees it from its beginning', () => {
      agentMarbles((m) => {
        const { run } = agent(m);
        m.expectRun(run).toBe(WHOLE, { p: { data: { value: 0.5 } }, v: { step: 1, data: { phiAfter: 6 } } });
        m.expectRun(run).toBe('(Ss) 6ms h 4ms (nabb) @25ms p @35ms r @45ms r @145ms (tves) @150ms (adE|)', { h: 'Hm ', n: 'now' });
        m.expectTokens(run, { channel: 'thought' }).toBe('10ms h 4ms n @150ms |', { h: 'Hm ', n: 'now' });
        m.expectTokens(run, { source: 'purpose' }).toBe('145ms t @150ms |');
        m.expectEvents(run, ['tool_start', 'tool_end']).toBe('15ms (bb) @35ms r @45ms r @150ms |');
        m.expectEvents(run, 'task_start').toBe('S @150ms |');
        m.expectResult(run).toMatch({ stopReason: 'done', trajectory: { finalPhi: 6 } });
        m.expectTrajectory(run).toMatch({ steps: [{ action: { name: 'parallel' }, step: 1 }], successRate: 1 });
      });
    });

    it('is left where its subscription ends', () => {
      agentMarbles((m) => {
        m.expectRun(thinking(m), '^ 29ms !').toBe('(Ss) 6ms t');
        m.expectTeardown().toBe('30ms !');
      });
    });

    it('is what a late subscriber sees where its subscription begins late', () => {
      agentMarbles((m) => {
        const { run } = agent(m);
        run.subscribe();
        m.expectRun(run, '40ms ^').toBe('45ms r @145ms (tves) @150ms (adE|)');
        m.expectTokens(run, {}, '12ms ^ 9ms !').toBe('15ms n', { n: 'now' });
      });
    });

    it('fails with any error, with what is named of one, or with the one given', () => {
      const error = new AuthenticationError('No key.');
      agentMarbles((m) => {
        const run = m.run({ actor: m.actor('5ms #', {}, error) });
        m.expectRun(run).toBe('(Ss)-(E#)');
        m.expectRun(run).toBe('(Ss)-(E#)', { E: { data: { error: { _tag: 'AuthenticationError' } } } }, { _tag: 'AuthenticationError' });
        m.expectTokens(run).toBe('5ms #', {}, new AuthenticationError('No key.'));
      });
      for (const other of [{ _tag: 'NetworkError' }, new AuthenticationError('No door.'), 'error']) {
        expect(() => {
          agentMarbles((m) => {
            m.expectRun(m.run({ actor: m.actor('5ms #', {}, error) })).toBe('(Ss)-(E#)', {}, other);
          });
        }).to.throw(ExpectationError, 'but # (AuthenticationError: No key) came at 5 ms. Of the error ');
      }
    });

    it('knows events of an environment by the letter o, or by a value', () => {
      agentMarbles((m) => {
        const environment = m.environment('--k-(s|)', { k: signal('knock', { times: 2 }), s: { data: {} } });
        const run = m.run({ actor: m.actor(['a', 'd']), purposeFunction: m.purposeFunction('0'), environment });
        m.expectRun(run).toBe('(Ssa) @2ms o @4ms (vesadE|)');
        m.expectRun(run).toBe('(Ssa) @2ms k @4ms (vesadE|)', { k: { type: 'knock', data: { times: 2 } } });
      });
    });

    for (const [marbles, values] of [['(SZ)'], ['(SZt)', { t: 'z' }], ['1']] as const) {
      it(`is no diagram of a letter that stands for nothing: ${marbles}`, () => {
        expect(() => {
          agentMarbles((m) => {
            m.expectRun(thinking(m)).toBe(marbles, values);
          });
        }).to.throw(ScriptError, 'stands for no event');
      });
    }

    it('is any stream of events', () => {
      agentMarbles((m) => {
        const { run } = agent(m);
        m.expectRun(run.pipe(map((event) => ({ ...event, step: 7 })))).toBe(WHOLE, { t: { step: 7 } });
      });
    });
  });

  describe('its parts', () => {
    it('play one diagram for every call', () => {
      agentMarbles((m) => {
        const actor = m.actor('--(a|)');
        const run = m.run({ actor, maxSteps: 3 });
        m.expectEvents(run, 'action').toBe('--a-a-(a|)', { a: { data: { name: 'act' } } });
        m.flush();
        expect(actor.calls.map(({ step }) => step)).to.deep.equal([1, 2, 3]);
        expect(actor.calls.every(Object.isFrozen)).to.equal(true);
      });
    });

    it('play a list as a script, which fails the test where it is not used up', () => {
      expect(() => {
        agentMarbles((m) => {
          m.run({ actor: m.actor(['--(a|)', '-(d|)', '(d|)']) }).subscribe();
        });
      }).to.throw(ExpectationError, `1 of the 3 steps of the actor's script was not used: step 3, "(d|)".`);
    });

    it('play a list as a script, which fails the test where it is too short, swallowed or not', () => {
      expect(() => {
        agentMarbles((m) => {
          const environment = m.environment(['s|']);
          m.expectResult(m.run({ actor: m.actor(['a', 'a', 'd']), environment })).toMatch({ stopReason: 'done' });
        });
      }).to.throw(ExpectationError, "Execution 2 was not expected: the environment's script has 1 step.");
    });

    it('speak by letters of their own', () => {
      agentMarbles((m) => {
        expect(seen(m.purposeFunction('(tu7|)').evaluate({ scores: [] } as never) as Observable<unknown>)).to.have.length(3);
        const backend = m.backend(['--a-(b|)', '-#'], { b: { type: 'text', text: 'B' } }, new Error('down'));
        m.expectObservable(generate(backend, { messages: [] })).toBe('----(a|)', { a: 'aB' });
        m.flush();
        m.expectObservable(generate(backend, { messages: [] })).toBe('5ms #', {}, new Error('down'));
        m.expectRequests(backend).toBe('^---|', '----^#');
        expect(backend.requests).to.deep.equal([{ messages: [] }]);
      });
    });

    it('are tools of a name, with parameters kept', () => {
      agentMarbles((m) => {
        const look = m.tool('look', '-p-(rn|)', { n: null });
        const actor = m.actor(['a', 'd'], { a: decided({ name: 'look', params: { at: 'door' } }) });
        const run = m.run({ actor, environment: toolEnvironment({ tools: [look] }) });
        m.expectEvents(run, ['tool_progress', 'tool_end']).toBe('-p-(r|)', { p: { data: { value: 'p' } }, r: { data: { output: null } } });
        m.flush();
        expect(look.calls).to.deep.equal([{ at: 'door' }]);
      });
    });

    it('fail as their marbles say', () => {
      agentMarbles((m) => {
        const actor = m.actor(['a', 'd'], { a: decided({ name: 'look' }) });
        const run = m.run({ actor, environment: toolEnvironment({ tools: [m.tool('look', '--#')] }) });
        m.expectEvents(run, 'tool_end').toBe('--(r|)', { r: { data: { ok: false, error: 'The tool look fails, as its marbles say.' } } });
      });
    });

    it('are quiet where a test leaves them out', () => {
      agentMarbles((m) => {
        m.expectRun(m.run()).toBe('(SsadE|)', { S: { data: { purpose: 'test', initialState: { data: {} } } } });
        m.expectResult(m.run({ actor: m.actor('a'), maxSteps: 1, purpose: 'look' })).toMatch({
          runId: 'run-2',
          stopReason: 'max_steps',
          trajectory: { purpose: 'look', finalPhi: 0 },
        });
      });
    });
  });

  describe('its time', () => {
    it('is virtual for what is outside of the agents, and real again afterwards', () => {
      const before = asyncScheduler.now();
      agentMarbles((m) => {
        expect(asyncScheduler.now()).to.equal(0);
        m.expectObservable(timer(5).pipe(map(() => 'x'))).toBe('-----(x|)');
      });
      expect(asyncScheduler.now()).to.be.at.least(before);
    });

    it('is when something is done', () => {
      agentMarbles((m) => {
        const run = thinking(m);
        m.at(20, () => {
          run.cancel('enough');
        });
        m.expectRun(run).toBe('(Ss) 6ms t 9ms (E|)', { E: { data: { stopReason: 'cancelled', reason: 'enough' } } });
      });
    });

    it('comes to an end where what is tested does not', () => {
      expect(() => {
        agentMarbles(ticking);
      }).to.throw(ExpectationError, 'After 3600000 ms of virtual time something is still to come, at 3601000 ms.');
      expect(() => {
        agentMarbles(ticking, { maxTime: 10_500 });
      }).to.throw(ExpectationError, 'still to come, at 11000 ms.');
    });

    it('is not over before the test has done all it has to do', () => {
      expect(() => {
        agentMarbles(
          (m) => {
            m.at(20, () => undefined);
          },
          { maxTime: 10 },
        );
      }).to.throw(ExpectationError, 'still to come, at 20 ms.');
    });

    it('may pass longer than the longest wait of what is tested', () => {
      agentMarbles(
        (m) => {
          m.expectObservable(timer(7_200_000).pipe(map(() => 'x'))).toBe('120m (x|)');
        },
        { maxTime: 7_200_000 },
      );
    });
  });

  describe('the test itself', () => {
    it('is no promise', () => {
      expect(() => {
        agentMarbles(promising);
      }).to.throw(ScriptError, 'gave a Promise');
    });

    it('throws what its body throws', () => {
      expect(() => {
        agentMarbles(() => {
          throw new RangeError('mine');
        });
      }).to.throw(RangeError, 'mine');
      expect(asyncScheduler.now()).to.be.above(0);
    });

    it('is told of all that is wrong at once', () => {
      expect(() => {
        agentMarbles((m) => {
          m.expectTokens(m.run()).toBe('a');
          m.run({ actor: m.actor(['(d|)', '(d|)']) }).subscribe();
          m.expectResult(m.run()).toMatch({ stopReason: 'failed' });
        });
      }).to.throw(
        ExpectationError,
        /^3 things are not as expected\.\n\n1\. \(.*spec\.[jt]s:\d+:\d+\) What the run says [^]*\n\n2\. \(.*spec\.[jt]s:\d+:\d+\) The result of the run [^]*\n\n3\. 1 of the 2 steps/,
      );
    });

    it('fails where an expectation is begun and not finished', () => {
      expect(
        failureOf((m) => {
          m.expectRun(m.run());
          m.expectObservable(of(1)).toBe('(a|)', { a: 1 });
          m.expectTeardown();
        }).replaceAll(/ \(.*spec\.[jt]s:\d+:\d+\)/g, ''),
      ).to.equal(`2 things are not as expected.

1. expectRun was called, but nothing was expected of it: finish it by toBe, toMatch or toEqual.

2. expectTeardown was called, but nothing was expected of it: finish it by toBe, toMatch or toEqual.`);
    });

    it('fails on the line of the first expectation that is not met, or was not finished', () => {
      let here: number | undefined;
      try {
        agentMarbles(({ run, expectRun, expectTokens }) => {
          expectTokens(run()).toBe('|');
          const begun = expectRun(run());
          here = lineOf(new Error('here').stack);
          begun.toBe('(Ss)');
        });
      } catch (error) {
        expect(lineOf(firstFrame(error))).to.equal((here ?? 0) + 1);
      }
      try {
        agentMarbles(({ run, expectRun }) => {
          here = lineOf(new Error('here').stack);
          expectRun(run());
        });
      } catch (error) {
        expect(lineOf(firstFrame(error))).to.equal((here ?? 0) + 1);
      }
      expect(here).to.be.a('number');
    });

    it('can look at a result in part or whole', () => {
      const trajectory = { purpose: 'test', steps: [], cumulativeReward: 0, successRate: 0, finalPhi: 0 };
      agentMarbles((m) => {
        m.expectTrajectory(m.run()).toEqual(trajectory);
      });
      expect(failureOf((m) => m.expectTrajectory(m.run()).toEqual({ ...trajectory, finalPhi: 1 }))).to.match(
        /^The trajectory of the run is not what was expected\.\n\n\/finalPhi: expected 1, got 0\n\nIt is, in full:\n\{/,
      );
      expect(failureOf((m) => m.expectTrajectory(m.run()).toMatch({ steps: [{}] }))).to.contain('/steps/0: expected {}, got nothing');
      expect(failureOf((m) => m.expectResult(thinking(m)).toMatch({}))).to.contain('there is none: the run has not ended, or never began.');
      expect(failureOf((m) => m.expectResult(m.run({ actor: m.actor('#') })).toMatch({}))).to.contain(
        'there is none: the run failed with BackendError: ',
      );
    });

    it('has the helpers of RxJS and their types', () => {
      agentMarbles((m) => {
        expectTypeOf(m.cold('-a', { a: 1 })).toExtend<Observable<number>>();
        m.expectObservable(of(1)).toBe('(a|)', { a: 1 });
        m.expectObservable(NEVER).toBe('-');
        expect(m.time('---|')).to.equal(3);
      });
    });

    it('verifies the runs of each orchestrator that it makes', () => {
      agentMarbles((m) => {
        const orchestrator = m.orchestrator({ actor: llmActor({ backend: m.backend('-#') }) });
        m.expectRun(orchestrator.runTaskStream({ purpose: 'fail' })).toBe('(Ss) @1ms (E#)');
        expect(() => {
          orchestrator.verify();
        }).not.to.throw();
      });
    });
  });
});
