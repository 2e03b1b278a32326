import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { concat, from, interval, map, NEVER, of, Subject, timer, VirtualTimeScheduler, type SchedulerLike } from 'rxjs';
import { decided, scored, token } from '../../../lib/domain/signal.js';
import type { State } from '../../../lib/domain/state.js';
import type { Environment } from '../../../lib/environment/environment.js';
import { toolEnvironment } from '../../../lib/environment/tool-environment.js';
import { tool } from '../../../lib/environment/tool.js';
import { ExpectationError } from '../../../lib/errors/expectation-error.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import type { AgentHelpers } from '../../../lib/testing/marbles/agent-helpers.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import type { EventPattern } from '../../../lib/testing/marbles/event-alphabet.js';
import type { PartOf } from '../../../lib/testing/marbles/part-of.js';
import { scriptedBackend } from '../../../lib/backend/scripted-backend.js';
import { aMacrotask, expectNoUnhandledRejection } from '../../support/unhandled-rejections.js';
import { failureOf } from '../../support/failure-of.js';

// Typed as TypeScript lets an async function pass for one that gives nothing.
const promising: () => unknown = () => Promise.resolve();

const rejecting: () => unknown = () => Promise.reject(new Error('later'));

/** A run that says one text and then thinks for ever. */
const saying = (m: AgentHelpers, ...texts: readonly string[]) =>
  m.run({ actor: { decide: () => concat(from(texts.map((text) => token(text))), NEVER) } });

describe('agentMarbles is not green where', () => {
  for (const text of ['|', '#']) {
    it(`a token that reads ${text} comes in place of the end`, () => {
      expect(failureOf((m) => m.expectTokens(saying(m, text)).toBe(text))).to.contain(`expected  ${text}\nactual    a\n`);
      expect(failureOf((m) => m.expectObservable(concat(of(text), NEVER)).toBe(text))).to.contain(`expected  ${text}\nactual    a\n`);
    });
  }

  it("an event of the engine comes in place of one of an environment's own", () => {
    for (const pattern of [{}, { step: 1 }]) {
      expect(failureOf((m) => m.expectRun(m.run()).toBe('(SsaoE|)', { o: pattern }))).to.contain('o (an event of its own type');
    }
    expect(failureOf((m) => m.expectRun(m.run()).toBe('(SsaoE|)', { o: { type: 'done' } }))).to.equal('The test passed.');
  });

  it('a part gives a Promise, which nobody waits for', () => {
    const actor = { decide: () => Promise.resolve(decided({ name: 'DONE' })) };
    expect(failureOf((m) => m.expectRun(m.run({ actor })).toBe('(Ss)'))).to.contain(
      'decide of the actor gave a Promise or an async iterable.',
    );
    const look = tool({ name: 'look', run: () => Promise.resolve(1) });
    const body = (m: AgentHelpers): void => {
      const environment = toolEnvironment({ tools: [m.watch(look)] });
      m.expectEvents(m.run({ actor: m.actor('a', { a: decided({ name: 'look' }) }), environment }), ['tool_end', 'error']).toBe('');
    };
    expect(failureOf(body)).to.contain('run of the tool look gave a Promise or an async iterable.');
  });

  it('it is nested, and the clock of the outer test is gone', () => {
    expect(() => {
      agentMarbles(() => {
        agentMarbles(() => undefined);
      });
    }).to.throw(ScriptError, 'Nest no tests.');
  });

  it('a teardown is drawn that is none, or nothing was ever called', () => {
    for (const marbles of ['1ms |', '^', '^!', '--#']) {
      expect(() => {
        agentMarbles((m) => m.expectTeardown().toBe(marbles));
      }).to.throw(ScriptError, 'is no teardown');
    }
    expect(failureOf((m) => m.expectTeardown().toBe(''))).to.contain('nothing was ever called.');
  });

  it('a call ended by itself in the frame in which it was to be left', () => {
    const page = failureOf((m) => {
      const backend = m.backend('-----|');
      backend.stream({ messages: [] }).subscribe();
      m.expectTeardown(backend).toBe('5ms !');
    });
    expect(page).to.contain('something was to be left at 5 ms, but nothing was.');
  });

  it('a subscription is drawn that is none', () => {
    for (const subscription of ['-a-', '^|', '!^']) {
      expect(() => {
        agentMarbles((m) => m.expectRun(m.run(), subscription).toBe(''));
      }).to.throw(ScriptError, 'is no subscription');
    }
  });

  it('an expectation comes after the test', () => {
    let kept: AgentHelpers | undefined;
    agentMarbles((m) => {
      kept = m;
    });
    expect(() => kept?.expectObservable(of(1)).toBe('')).to.throw(ScriptError, 'expectObservable was called after its test');
  });

  it('a run never begins', () => {
    const page = failureOf((m) => {
      const actor = m.actor('a');
      m.run({ actor });
      m.expectCalls(actor).toBe();
    });
    expect(page).to.equal('run-1 never began: nothing has subscribed it, or it was cancelled before.');
  });

  it('a value is given for a letter that is in no diagram', () => {
    for (const expectIt of [
      (m: AgentHelpers) => m.expectRun(m.run()).toBe('(SsadE|)', { e: { data: { stopReason: 'failed' } } }),
      (m: AgentHelpers) => m.expectEvents(m.run(), 'done').toBe('(d|)', { e: 'x' }),
      (m: AgentHelpers) => m.expectTokens(m.run()).toBe('|', { e: 'x' }),
    ]) {
      expect(() => {
        agentMarbles(expectIt);
      }).to.throw(ScriptError, "has no 'e', for which there is a value.");
    }
  });

  it('a part that can be verified is not content', () => {
    const page = failureOf((m) => {
      const model = m.watch(scriptedBackend(['a', 'b']));
      model.stream({ messages: [] }).subscribe();
    });
    expect(page).to.equal(`1 of the 2 steps of the backend's script was not used: step 2, "b".`);
  });

  it('it expects events of no type', () => {
    expect(() => {
      agentMarbles((m) => m.expectEvents(m.run(), []).toBe('|'));
    }).to.throw(ScriptError, 'was given no types');
  });

  it('the events of a run are not what events are', () => {
    const scheduler: SchedulerLike = Object.assign(new VirtualTimeScheduler(), { now: () => Number.NaN });
    const fault = 'run-1: task_start (seq 0) does not survive JSON and its codec.';
    expect(failureOf((m) => m.run({ scheduler }).subscribe())).to.contain(fault);
    expect(failureOf((m) => m.run({ scheduler, actor: m.actor('-') }).subscribe())).to.contain(fault);
  });

  it('a result is asked for whole, and has more', () => {
    expect(failureOf((m) => m.expectTrajectory(m.run()).toEqual({ purpose: 'test' } as never))).to.contain('expected nothing, got');
  });

  it('something is to be done in the past, at no time, or asynchronously', () => {
    for (const time of [-1, Number.NaN, Infinity]) {
      expect(() => {
        agentMarbles((m) => {
          m.at(time, () => undefined);
        });
      }).to.throw(ScriptError, `at(${time}) is no time to come`);
    }
    const times: number[] = [];
    agentMarbles((m) => {
      m.at(20, () => {
        m.at(30, () => times.push(m.scheduler.now()));
        expect(() => {
          m.at(10, () => undefined);
        }).to.throw(ScriptError, 'it is 20 ms now');
      });
    });
    expect(times).to.deep.equal([30]);
    expect(failureOf((m) => m.at(5, promising))).to.contain('What is done at 5 ms gave a Promise');
  });

  it('time stands still', () => {
    expect(() => {
      agentMarbles(() => {
        interval(0).subscribe();
      });
    }).to.throw(ScriptError, 'At 0 ms, time stands still');
  });
});

describe('agentMarbles lets go', () => {
  it('of all that is under way at the end of a test', async () => {
    let decisions = 0;
    const told: unknown[] = [];
    expect(
      failureOf((m) => {
        const actor = {
          decide: () => {
            decisions += 1;
            return Promise.resolve(decided({ name: 'look' }));
          },
        };
        const orchestrator = m.orchestrator({ actor });
        orchestrator.events$.subscribe(({ type, data }) => type === 'task_end' && told.push(data));
        orchestrator.runTaskStream({ purpose: 'look' }).detached().subscribe();
      }),
    ).to.contain('gave a Promise');
    await aMacrotask();
    expect(decisions).to.equal(1);
    expect(told).to.have.length(1);
    expect(told[0]).to.include({ stopReason: 'cancelled', reason: 'The test is over.' });
  });
});

describe('agentMarbles leaves nothing behind', () => {
  it('of what a test has subscribed', () => {
    const source = new Subject<number>();
    agentMarbles((m) => {
      m.expectObservable(source).toBe('');
    });
    expect(source.observed).to.equal(false);
  });

  it('of a body that is a promise and rejects later', async () => {
    await expectNoUnhandledRejection(() => {
      expect(() => {
        agentMarbles(rejecting);
      }).to.throw(ScriptError, 'gave a Promise');
    });
  });
});

describe('agentMarbles is not red where', () => {
  it('a source of the test goes on after what is tested', () => {
    agentMarbles((m) => {
      m.cold('5ms a 100ms b').subscribe();
      m.expectRun(m.run({ actor: m.actor('10ms t') }), '^ 29ms !').toBe('(Ss) @10ms t');
      m.expectTeardown().toBe('30ms !');
    });
  });

  it('an environment is left while it resets', () => {
    agentMarbles((m) => {
      const environment = {
        reset: () => timer(50).pipe(map(() => ({ data: {} }))),
        execute: () => ({ data: {} }),
        isTerminal: () => false,
      };
      m.expectRun(m.run({ environment }), '^ 9ms !').toBe('');
      m.expectTeardown().toBe('10ms !');
      m.expectTeardown(environment).toBe('10ms !');
    });
  });

  it('something is said to be undefined that is not there', () => {
    agentMarbles((m) => {
      m.expectResult(m.run()).toMatch({ answer: undefined, stopReason: 'done' });
    });
  });

  it('a run is given where to begin and when to stop', () => {
    agentMarbles((m) => {
      const run = m.run({
        actor: m.actor('a'),
        purposeFunction: m.purposeFunction('9'),
        initialState: { data: { n: 1 } },
        earlyStopPhi: null,
        maxSteps: 2,
      });
      m.expectResult(run).toMatch({ stopReason: 'max_steps', finalState: { data: { n: 1 } } });
    });
  });

  it('a port is left out by undefined', () => {
    agentMarbles((m) => {
      m.expectRun(m.run({ actor: undefined, maxSteps: undefined })).toBe('(SsadE|)');
    });
  });
});

describe('the parts of agentMarbles', () => {
  it('stay what they are when they are watched', () => {
    agentMarbles((m) => {
      const reset = Object.assign(() => ({ data: {} }), { callCount: 3 });
      const environment = m.watch(Object.freeze({ reset, execute: () => ({ data: { n: 1 } }), isTerminal: () => false }));
      expect(environment.reset.callCount).to.equal(3);
      expect(environment.reset).to.equal(environment.reset);
      expect(environment.execute()).to.deep.equal({ data: { n: 1 } });
      expect(Object.keys(environment)).to.deep.equal(['reset', 'execute', 'isTerminal']);
      expect({ ...environment }.execute()).to.deep.equal({ data: { n: 1 } });
      m.expectCalls(environment).toBe('(^|)', '(^|)');
      const judge = m.watch({ evaluate: () => scored({ phiBefore: 0, phiAfter: 1, evidence: '' }) });
      expect(judge.evaluate().score.phiAfter).to.equal(1);
    });
  });

  it('are watched where a run is given them, each once', () => {
    agentMarbles((m) => {
      const actor = { decide: () => timer(5).pipe(map(() => decided({ name: 'DONE' }))) };
      m.run({ actor }).subscribe();
      m.run({ actor: m.watch(actor) }).subscribe();
      m.expectCalls(actor).toBe('^----!', '^----!');
    });
  });

  it('are tools by their name, whatever else they have', () => {
    agentMarbles((m) => {
      const reading = m.watch({ ...tool({ name: 'read', run: () => of('text') }), stream: () => NEVER });
      m.run({ actor: m.actor('a', { a: { name: 'read' } }), environment: toolEnvironment({ tools: [reading] }), maxSteps: 1 }).subscribe();
      m.expectCalls(reading).toBe('(^|)');
    });
  });

  it('may be several parts in one object', () => {
    agentMarbles((m) => {
      const both = {
        decide: ({ step }: { readonly step: number }) => decided({ name: step < 2 ? 'act' : 'DONE' }),
        evaluate: () => timer(3).pipe(map(() => scored({ phiBefore: 0, phiAfter: 1, evidence: '' }))),
      };
      m.run({ actor: both, purposeFunction: both }).subscribe();
      m.expectCalls(both).toBe('(^|)', '^--!', '---(^|)');
    });
  });

  it('keep what they were asked without copying a history anew each time', () => {
    agentMarbles((m) => {
      const actor = m.actor('a');
      m.run({ actor, maxSteps: 4 }).subscribe();
      m.flush();
      const [, , third, fourth] = actor.calls;
      expect(third?.history[0]).to.equal(fourth?.history[0]);
      expect(third?.history).to.have.length(2);
      expect(fourth?.history).to.have.length(3);
      expect([fourth?.history, fourth?.history[0], fourth?.turns[0]?.action].every(Object.isFrozen)).to.equal(true);
    });
  });

  it('number the runs of a test', () => {
    agentMarbles((m) => {
      const runs = [m.run(), m.run(), m.orchestrator().runTaskStream({ purpose: 'x' })];
      for (const run of runs) run.subscribe();
      expect(runs.map(({ runId }) => runId)).to.deep.equal(['run-1', 'run-2', 'run-3']);
    });
  });

  it('have the types of their data', () => {
    interface Counter extends Readonly<Record<string, number>> {
      readonly count: number;
    }
    agentMarbles((m) => {
      const environment = m.environment<Counter>('(c|)', { c: { data: { count: 1 } } }, undefined, { data: { count: 0 } });
      const run = m.run<Counter>({ environment, actor: m.actor('a'), maxSteps: 1 });
      m.expectResult(run).toMatch({ finalState: { data: { count: 1 } }, trajectory: { steps: [{ stateBefore: { data: { count: 0 } } }] } });
      const tools = toolEnvironment({ initialState: { data: { count: 0 } }, tools: [m.tool('look', '(r|)')] });
      expectTypeOf(tools).toExtend<Environment<{ count: number }>>();
      expectTypeOf<{ readonly data: { readonly stopReson: 'done' } }>().not.toExtend<Exclude<EventPattern, string>>();
      // @ts-expect-error - no event has such data
      const pattern: EventPattern = { data: { stopReson: 'done' } };
      expect(pattern).to.have.property('data');
      expectTypeOf({ data: { cuont: 1 } }).not.toExtend<PartOf<State<{ readonly count: number }>>>();
    });
  });
});

describe('the page of a failed expectation', () => {
  it('says which tools were still open', () => {
    const page = failureOf((m) => {
      const environment = toolEnvironment({ tools: [tool({ name: 'look', run: () => Promise.resolve(1) }), m.tool('list', '-(r|)')] });
      const calls = ['look', 'list'].map((name) => ({ name, params: {} }));
      const run = m.run({ actor: m.actor('--(a|)', { a: { name: 'parallel', params: { calls } } }), environment, maxSteps: 1 });
      m.expectEvents(run, 'tool_end').toBe('--r');
    });
    expect(page).to.match(
      /Tools that were still open at the end: look since 2 ms\. What waits for a Promise or a setTimeout does not end in virtual time\.$/,
    );
  });

  it('has the error of a stream for its cause', () => {
    const down = new Error('down');
    try {
      agentMarbles((m) => m.expectTokens(m.run({ actor: m.actor('#', {}, down) })).toBe('|'));
    } catch (error) {
      expect(error).to.be.instanceOf(ExpectationError);
      expect((error as ExpectationError).cause).to.include({ message: 'down' });
    }
  });

  it('gives no letter that means something in a diagram to a value, and tells all values apart', () => {
    const page = failureOf((m) => m.expectTokens(saying(m, 'a', 'Hm', ' ', '1', '\n', '-', '(', 'a')).toBe('(zz)'));
    expect(page).to.contain('actual    (abcdefga)\n');
    expect(page).to.contain('Letters: a "a", b "Hm", c " ", d "1", e "\\n", f "-", g "(", z "z".');
    const values = failureOf((m) => m.expectObservable(of(null, undefined, 0)).toBe('(zz|)', { z: 1 }));
    expect(values).to.contain('actual    (abc|)\n');
    expect(values).to.contain('Letters: a null, b undefined, c 0, z 1.');
  });

  it('gives other meanings of known letters letters of their own, and counts an emoji as one', () => {
    const page = failureOf((m) => {
      m.expectRun(saying(m, 'Hm', 'Aha')).toBe('(Ss🤔)-b', { s: { step: 2 }, '🤔': 'Hm', b: 'Bah' });
    });
    expect(page).to.contain('expected  (Ss🤔)-b\nactual    (Sc🤔t)\n');
    expect(page).to.contain('c step_start, 🤔 token with {"data":{"token":"Hm"}}, t token');
  });

  it('shows of very wide diagrams what is around the difference, and of very long values their beginning', () => {
    const page = failureOf((m) => {
      const actor = { decide: () => interval(100).pipe(map((index) => token(index === 500 ? 'x'.repeat(100_000) : 'tick'))) };
      m.expectTokens(m.run({ actor }), {}, '^ 100s !').toBe(`100ms ${'t 99ms '.repeat(998)}t`, { t: 'tick' });
    });
    const lines = page.split('\n');
    expect(lines.every((line) => line.length < 4200)).to.equal(true);
    expect(page.length).to.be.below(10_000);
    expect(lines[2]).to.match(/^expected {2}… .* …$/);
    const marker = lines[4]?.indexOf('^') ?? -1;
    expect(lines[2]?.charAt(marker)).to.equal('t');
    expect(lines[3]?.charAt(marker)).to.equal('a');
    expect(page).to.contain('… (100002 characters)');
  });

  it('tells of letters that are shown, and of no more than some', () => {
    const words = Array.from({ length: 40 }, (_, index) => `word ${index}`);
    const page = failureOf((m) => m.expectTokens(saying(m, ...words)).toBe('(zz)'));
    expect(page).to.match(/Letters: a "word 0", .*, \w "word 29", …\.$/);
    const wide = failureOf((m) => {
      const actor = { decide: () => interval(1).pipe(map((index) => token(index < 500 ? 'tick' : `late ${index}`))) };
      m.expectTokens(m.run({ actor }), {}, '^ @600ms !').toBe('-');
    });
    expect(wide).to.contain('Letters: a "tick".');
  });

  it('names no error where none is expected in particular', () => {
    expect(failureOf((m) => m.expectObservable(of(1)).toBe('(a#)', { a: 1 }, new Error('down')))).to.contain(
      '# (Error: down) was expected',
    );
    expect(failureOf((m) => m.expectTokens(m.run()).toBe('#'))).to.contain(
      '# (an error) was expected at 0 ms, but | (the end) came at 0 ms.',
    );
  });

  it('draws no more than some calls', () => {
    const page = failureOf((m) => {
      const actor = m.actor('-(a|)');
      m.run({ actor, maxSteps: 100 }).subscribe();
      m.expectCalls(actor).toBe();
    });
    expect(page).to.contain('… and 80 more');
  });
});
