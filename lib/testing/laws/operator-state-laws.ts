import { concat, defer, EMPTY, from, Subject, throwError, timer, zip, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { firstDifference } from '../marbles/difference.js';
import type { AddLaw, Demand } from './law.js';
import { momentsOf, paced, pacedFromNow, spanOf, type Listen } from './operator-moments.js';
import { ProbeSubscriber } from './probe-subscriber.js';
import type { OperatorLawsConfig } from './tested-operator.js';
import { tellTimeline, type Timeline } from './timeline.js';
import { inVirtualTime } from './virtual-law.js';

/** One use of an operator: what its source does, and how many values its subscriber stays for. */
interface Use<T> {
  readonly source: Observable<T>;
  readonly leaveAfter?: number;
}

/** Each was told what one alone is told, when it is told it. */
const demandSame = (demand: Demand, alone: Timeline, others: readonly Timeline[]): void => {
  for (const other of others) {
    const isSame = firstDifference(alone, other) === undefined;
    demand(isSame, `what an operator of its own gives: ${tellTimeline(alone)}`, tellTimeline(other));
  }
};

/**
 * Whose state it is: each is held against an operator that has nothing else to do.
 *
 * @internal
 */
export function addKeepingApart<T>(law: AddLaw, { make, sample, samples = [sample, sample, sample] }: OperatorLawsConfig<T>): void {
  const aloneOf = (demand: Demand, { source, leaveAfter }: Use<T> = { source: paced(samples) }): Timeline =>
    momentsOf(demand, (listen) => [listen(source.pipe(make()), leaveAfter)])[0] ?? [];

  const likeAlone = (name: string, act: (listen: Listen) => readonly Timeline[]): void => {
    law(name, (demand) => {
      demandSame(demand, aloneOf(demand), momentsOf(demand, act));
      return undefined;
    });
  };

  likeAlone('keeps the state of two subscribers apart', (listen) => {
    const result = pacedFromNow(samples).pipe(make());
    return [listen(result), listen(result)];
  });

  likeAlone('goes on for one subscriber when another one leaves', (listen) => {
    const result = pacedFromNow(samples).pipe(make());
    const leaving = result.subscribe(new ProbeSubscriber<T>());
    listen(result, 1);
    const staying = listen(result);
    leaving.unsubscribe();
    return [staying];
  });

  likeAlone('can be applied to two sources', (listen) => {
    const operator = make();
    return [listen(paced(samples).pipe(operator)), listen(paced(samples).pipe(operator))];
  });

  law('begins anew for a later subscriber', (demand) => {
    const whole: Use<T> = { source: paced(samples) };
    const failing: Use<T> = {
      source: concat(
        paced(samples.slice(0, 1)),
        throwError(() => 'of the source'),
      ),
    };
    const uses = [whole, failing, whole, { ...whole, leaveAfter: 1 }, whole];
    const alone = uses.map((use) => aloneOf(demand, use));
    for (const [index, heard] of inTurn(demand, make(), uses, spanOf(samples)).entries()) demandSame(demand, alone[index] ?? [], [heard]);
    return undefined;
  });
}

/** What the subscribers of one result hear, of whom each comes when the one before is gone. */
function inTurn<T>(demand: Demand, operator: MonoTypeOperatorFunction<T>, uses: readonly Use<T>[], span: number): readonly Timeline[] {
  const heard: Timeline[] = [];
  momentsOf(demand, (listen) => {
    let source: Observable<T> = EMPTY;
    const result = defer(() => source).pipe(operator);
    zip(from(uses), timer(0, span)).subscribe(([use]) => {
      ({ source } = use);
      heard.push(listen(result, use.leaveAfter));
    });
    return [];
  });
  return heard;
}

/**
 * What an operator leaves behind.
 *
 * @internal
 */
export function addTimers<T>(law: AddLaw, { make, sample }: OperatorLawsConfig<T>): void {
  const ends: Readonly<Record<string, (source: Subject<T>) => void>> = {
    'it is unsubscribed': () => undefined,
    'its source ends': (source) => {
      source.complete();
    },
    'its source fails': (source) => {
      source.error('of the source');
    },
  };

  for (const [when, end] of Object.entries(ends)) {
    law(`leaves no timer behind when ${when}`, (demand) => {
      for (const values of [[], [sample]]) {
        inVirtualTime((_helpers, scheduler) => {
          const source = new Subject<T>();
          const probe = new ProbeSubscriber<T>();
          source.pipe(make()).subscribe(probe);
          for (const value of values) source.next(value);
          end(source);
          probe.unsubscribe();
          const { pending } = scheduler;
          demand(pending.length === 0, 'no timer that is still to come', `timers due at ${pending.join(', ')} ms`);
        })(demand);
      }
      return undefined;
    });
  }
}
