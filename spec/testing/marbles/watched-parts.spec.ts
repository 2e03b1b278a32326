import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import { concat, finalize, map, merge, NEVER, of, timer } from 'rxjs';
import { llmActor } from '../../../lib/actor/llm-actor.js';
import { decided, scored } from '../../../lib/domain/signal.js';
import { toolEnvironment } from '../../../lib/environment/tool-environment.js';
import { tool } from '../../../lib/environment/tool.js';
import { scriptedBackend } from '../../../lib/backend/scripted-backend.js';
import { ContractError } from '../../../lib/errors/contract-error.js';
import { ScriptError } from '../../../lib/errors/script-error.js';
import { inMemoryExperience } from '../../../lib/experience/in-memory-experience.js';
import type { AgentHelpers } from '../../../lib/testing/marbles/agent-helpers.js';
import { agentMarbles } from '../../../lib/testing/marbles/agent-marbles.js';
import { failureOf } from '../../support/failure-of.js';

/** An actor of a class, which keeps its thoughts to itself. */
class PrivateActor {
  #decisions = 0;

  get decisions(): number {
    return this.#decisions;
  }

  decide() {
    this.#decisions += 1;
    return timer(5).pipe(map(() => decided({ name: 'DONE' })));
  }
}

describe('watch', () => {
  it('watches parts of any kind and any making', () => {
    agentMarbles((m) => {
      const actor = m.watch(new PrivateActor());
      const purposeFunction = m.watch({ evaluate: () => scored({ phiBefore: 0, phiAfter: 1, evidence: '' }) });
      const experience = m.watch(inMemoryExperience());
      m.run({ actor, purposeFunction, experience }).subscribe();
      m.flush();
      m.expectCalls(actor).toBe('^----!');
      m.expectCalls(purposeFunction).toBe();
      m.expectCalls(experience).toBe('(^|)');
      expect(actor.decisions).to.equal(1);
      expect(actor).to.be.instanceOf(PrivateActor);
      expectTypeOf(actor).toEqualTypeOf<PrivateActor>();
    });
  });

  it('watches tools, environments and backends, and what is asked of them stays as it is', () => {
    agentMarbles((m) => {
      const look = m.watch(tool({ name: 'look', run: () => Promise.resolve('door') }));
      const environment = m.watch(toolEnvironment({ tools: [m.watch(tool({ name: 'wait', run: () => timer(7) }))] }));
      const script = scriptedBackend([
        { marbles: '--(ab|)', values: { a: '{"thought":"","name":"wait","params":{},', b: '"expectedDelta":""}' } },
      ]);
      const backend = m.watch(script);
      m.run({ actor: llmActor({ backend, tools: environment.tools }), environment, maxSteps: 1 }).subscribe();
      m.expectCalls(look).toBe();
      m.expectCalls(environment).toBe('--^------!');
      m.expectRequests(backend).toBe('^-|');
      m.flush();
      expect(backend.requests).to.equal(script.requests);
      expect(look.name).to.equal('look');
    });
  });

  it('refuses what is no part of an agent', () => {
    agentMarbles((m) => {
      expect(() => m.watch({ name: 'nothing' } as never)).to.throw(ContractError, 'no part of an agent');
    });
  });
});

describe('expectCalls', () => {
  it('tells what completed from what failed, what was left and what is open', () => {
    agentMarbles((m) => {
      const backend = m.backend(['--|', '--#', '-----', '-']);
      const asked = () => backend.stream({ messages: [] });
      asked().subscribe();
      asked().subscribe({ error: () => undefined });
      m.expectObservable(asked(), '-^--!').toBe('');
      m.expectObservable(asked(), '--^').toBe('');
      m.expectCalls(backend).toBe('^-|', '^-#', '-^--!', '--^');
    });
  });

  it('shows the call that is different, and all of them', () => {
    const page = failureOf((m) => {
      const backend = m.backend(['--|', '--#']);
      backend.stream({ messages: [] }).subscribe();
      m.at(4, () => backend.stream({ messages: [] }).subscribe({ error: () => undefined }));
      m.expectRequests(backend).toBe('^-|', '----^-!');
    });
    expect(page).to.equal(`Call 2 of the backend is not what was expected.

expected  ----^-!
actual    ----^-#
                ^
First difference: ! (left before it ended) was expected at 6 ms, but # (failed) came at 6 ms.

All calls of the backend:
backend  ^-|
backend  ----^-#`);
  });

  for (const [what, diagrams] of [
    ['too few', []],
    ['too many', ['^-|', '^-|']],
  ] as const) {
    it(`fails at ${what} calls`, () => {
      const page = failureOf((m) => {
        const backend = m.backend('--|');
        backend.stream({ messages: [] }).subscribe();
        m.expectRequests(backend).toBe(...diagrams);
      });
      expect(page).to.match(/^Call [12] of the backend is not what was expected\./);
    });
  }

  it('fails at a part that is not watched, and at what is no lifetime', () => {
    agentMarbles((m) => {
      expect(() => m.expectRequests(scriptedBackend([]))).to.throw(ScriptError, 'This backend is not watched');
      expect(() => {
        m.expectRequests(m.backend('|')).toBe('^-a');
      }).to.throw(ScriptError, "'^-a' is no lifetime");
    });
  });
});

/** An agent with two tools at work. */
const working = (m: AgentHelpers) => {
  const search = m.tool('search', '30ms (r|)');
  const list = m.tool('list', '10ms (r|)');
  const calls = ['search', 'list'].map((name) => ({ name, params: {} }));
  const actor = m.actor('5ms (a|)', { a: decided({ name: 'parallel', params: { calls } }) });
  return { search, list, run: m.run({ actor, environment: toolEnvironment({ tools: [search, list] }) }) };
};

/** An agent whose actor may leave a timer behind. */
const leaking = (m: AgentHelpers, isLeaking: boolean): void => {
  const timer$ = timer(60_000);
  const actor = m.watch({
    decide: () => {
      const running = timer$.subscribe();
      return NEVER.pipe(finalize(() => (isLeaking ? undefined : running.unsubscribe())));
    },
  });
  m.hot('40ms a');
  m.at(50, () => undefined);
  m.expectRun(m.run({ actor }), '^ 29ms !').toBe('(Ss)');
  m.expectTeardown().toBe('30ms !');
};

describe('expectTeardown', () => {
  it('says when what was under way was released', () => {
    agentMarbles((m) => {
      const { run, search, list } = working(m);
      m.expectRun(run, '^ 19ms !').toBe('(Ss) @5ms (abb) 5ms r');
      m.expectTeardown().toBe('20ms !');
      m.expectTeardown(search).toBe('20ms !');
      m.expectCalls(list).toBe('5ms ^ 9ms |');
    });
  });

  for (const [what, marbles, fault] of [
    ['later', '15ms !', 'nothing was to be under way after 15 ms, but a call ended at 20 ms.'],
    ['earlier', '25ms !', 'something was to be left at 25 ms, but nothing was.'],
  ] as const) {
    it(`fails where it was ${what}`, () => {
      const page = failureOf((m) => {
        const { run } = working(m);
        m.expectRun(run, '^ 19ms !').toBe('(Ss) @5ms (abb) 5ms r');
        m.expectTeardown().toBe(marbles);
      });
      expect(page).to.equal(`The teardown is not what was expected: ${fault}

tool search  -----^ 14ms !
tool list    -----^ 9ms |
actor        ^----!
environment  -----^ 14ms !
environment  (^|)`);
    });
  }

  it('fails where something is still open, or nothing was ever under way', () => {
    const open = failureOf((m) => {
      m.run({ actor: m.actor('-') }).subscribe();
      m.expectTeardown().toBe('');
    });
    expect(open).to.contain('1 of 1 calls are still open.');
    const none = failureOf((m) => {
      m.actor('-');
      m.expectTeardown().toBe('5ms !');
    });
    expect(none).to.contain('nothing was ever called.\n\n(no calls)');
  });

  it('fails where a timer runs on that nobody waits for', () => {
    expect(failureOf((m) => leaking(m, true))).to.contain('after 30 ms, timers are still running, due at 60000 ms.');
    expect(failureOf((m) => leaking(m, false))).to.equal('The test passed.');
  });

  it('looks at timers only where all parts are meant', () => {
    agentMarbles((m) => {
      const actor = m.watch({ decide: () => NEVER.pipe(finalize(() => timer(60_000).subscribe())) });
      m.expectRun(m.run({ actor }), '^ 29ms !').toBe('(Ss)');
      m.expectTeardown(actor).toBe('30ms !');
    });
  });

  it('looks at timers after all has been torn down, what is not watched included', () => {
    agentMarbles((m) => {
      const backend = m.backend('-');
      const unwatched$ = timer(100);
      const watching = merge(backend.stream({ messages: [] }), unwatched$).subscribe();
      m.at(20, () => {
        watching.unsubscribe();
      });
      m.expectTeardown().toBe('20ms !');
    });
  });

  it('fails where what is called by the test itself leaves a timer', () => {
    const page = failureOf((m) => {
      const backend = m.watch({ stream: () => NEVER.pipe(finalize(() => timer(60_000).subscribe())) });
      const asking = backend.stream().subscribe();
      m.at(20, () => {
        asking.unsubscribe();
      });
      m.expectTeardown().toBe('20ms !');
    });
    expect(page).to.contain('after 20 ms, timers are still running, due at 60020 ms.');
  });

  it('sees what is left by a subscriber that has enough, in the middle of a burst', () => {
    agentMarbles((m) => {
      const actor = m.watch({ decide: () => concat(of(decided({ name: 'DONE' })), NEVER) });
      m.expectRun(m.run({ actor })).toBe('(SsadE|)');
      m.expectTeardown().toBe('!');
      m.expectCalls(actor).toBe('(^!)');
    });
  });
});
