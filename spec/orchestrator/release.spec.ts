import { expect } from 'chai';
import { Observable, type Subscriber } from 'rxjs';
import type { ActorSignal } from '../../lib/actor/actor.js';
import { llmActor } from '../../lib/actor/llm-actor.js';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { decided, scored } from '../../lib/domain/signal.js';
import type { State } from '../../lib/domain/state.js';
import { orchestrate } from '../support/orchestrate.js';
import { spoken } from '../support/hear-now.js';

const task = { purpose: 'go on', maxSteps: 1 };

/** Says one value inside its own subscribe, and tells when it is let go. */
const holding = <T>(value: T, onRelease: () => void): Observable<T> =>
  new Observable((subscriber: Subscriber<T>) => {
    subscriber.next(value);
    return onRelease;
  });

describe('what a step lets go of', () => {
  it('lets an actor go before its action is executed', () => {
    const log: string[] = [];
    const actor = { decide: () => holding<ActorSignal>(decided({ name: 'look' }), () => log.push('actor released')) };
    const execute = (_action: unknown, state: State): State => {
      log.push('execute');
      return state;
    };
    orchestrate({ actor, environment: { reset: () => ({ data: {} }), execute, isTerminal: () => false } })
      .runTaskStream(task)
      .subscribe();
    expect(log).to.deep.equal(['actor released', 'execute']);
  });

  it('lets an environment that failed go before the step is judged', () => {
    const log: string[] = [];
    const { source, speaker, isHeld } = spoken<State>();
    orchestrate({
      actor: { decide: () => decided({ name: 'look' }) },
      environment: { reset: () => ({ data: {} }), execute: () => source, isTerminal: () => false },
      purposeFunction: {
        evaluate: () => {
          log.push(isHeld() ? 'judged while it is held' : 'judged');
          return scored({ phiBefore: 0, phiAfter: 1 });
        },
      },
    })
      .runTaskStream(task)
      .subscribe();
    speaker().error(new Error('no door'));
    expect(log).to.deep.equal(['judged']);
  });

  it('ends all the same where a backend cannot be let go', () => {
    let speaker: Subscriber<LLMChunk> | undefined;
    const stream = (): Observable<LLMChunk> =>
      new Observable((subscriber) => {
        speaker = subscriber;
        return () => {
          throw new Error('cannot let go');
        };
      });
    const types: string[] = [];
    orchestrate({ actor: llmActor({ backend: { stream } }) })
      .runTaskStream(task)
      .subscribe(({ type }) => types.push(type));
    speaker?.next({ type: 'text', text: '{"thought":"t","name":"DONE","params":{},"expectedDelta":""}' });
    expect(() => speaker?.complete()).to.throw('cannot let go');
    expect(types.slice(-2)).to.deep.equal(['done', 'task_end']);
  });
});
