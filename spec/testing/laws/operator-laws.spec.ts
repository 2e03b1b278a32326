import { expect } from 'chai';
import {
  catchError,
  concatWith,
  defer,
  delay,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  identity,
  interval,
  map,
  merge,
  Observable,
  ReplaySubject,
  share,
  Subject,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timer,
  type MonoTypeOperatorFunction,
  type Observer,
} from 'rxjs';
import type { StreamEvent } from '../../../lib/domain/stream-event.js';
import { ExpectationError } from '../../../lib/errors/expectation-error.js';
import { coalesceTokens } from '../../../lib/operators/coalesce-tokens.js';
import { verifyOrder } from '../../../lib/operators/verify-order.js';
import { itObeysTheOperatorLaws } from '../../../lib/testing/laws/operator-laws.js';
import { numbered, stepStart, taskStart, tokenOf } from '../../support/events.js';
import { recordingRunner, type Failures } from '../../support/recording-runner.js';

type Operator = MonoTypeOperatorFunction<string>;

const MIRRORS = ['mirrors an empty source', 'mirrors a source that never emits', 'forwards an error of the source'] as const;
const [EMPTY_SOURCE, SILENT, FAILING] = MIRRORS;
const FAILING_LATER = 'forwards an error after a value';
const SAMPLES = 'lets its samples through at once, one after the other';
const AT_ONCE = 'lets a value through at once';
const LEAVES = 'unsubscribes from the source when it is unsubscribed';
const COLD = 'does nothing before it is subscribed';
const BURST = 'stops a synchronous source as soon as it is unsubscribed';
const TWO_SUBSCRIBERS = 'keeps the state of two subscribers apart';
const ONE_LEAVES = 'goes on for one subscriber when another one leaves';
const TWO_SOURCES = 'can be applied to two sources';
const LATER = 'begins anew for a later subscriber';
const TIMER_LEFT = 'leaves no timer behind when it is unsubscribed';
const TIMER_END = 'leaves no timer behind when its source ends';
const TIMER_ERROR = 'leaves no timer behind when its source fails';
const AFTER_END = 'says nothing more after the end of the source';
const AFTER_ERROR = 'says nothing more after an error of the source';
const AFTER_LEAVING = 'says nothing more once it is unsubscribed';

const ALL = [
  ...[...MIRRORS, FAILING_LATER, SAMPLES, AT_ONCE, LEAVES, COLD, BURST, TWO_SUBSCRIBERS, ONE_LEAVES, TWO_SOURCES, LATER],
  ...[TIMER_LEFT, TIMER_END, TIMER_ERROR, AFTER_END, AFTER_ERROR, AFTER_LEAVING],
];

/** An observer that hands on what it is told, but for what `but` does otherwise. */
const passOn = (subscriber: Observer<string>, but: Partial<Observer<string>> = {}): Observer<string> => ({
  next: (value) => {
    subscriber.next(value);
  },
  error: (error: unknown) => {
    subscriber.error(error);
  },
  complete: () => {
    subscriber.complete();
  },
  ...but,
});

/** An operator by hand that leaves its source, but not in the middle of a burst. */
const byHand =
  (but: (subscriber: Observer<string>) => Partial<Observer<string>>): (() => Operator) =>
  () =>
  (source) =>
    new Observable((subscriber) => source.subscribe(passOn(subscriber, but(subscriber))));

const TIMERS = [TIMER_LEFT, TIMER_END, TIMER_ERROR];

const onlyFirst = (): Operator => {
  let seen = 0;
  return filter(() => (seen += 1) === 1);
};

/** Stops what an operator at fault would go on with for ever. */
const isOver$ = new Subject<void>();

/** What is wrong, the operator, and the laws that it breaks. */
const faults: Readonly<Record<string, readonly [make: () => Operator, broken: readonly string[]]>> = {
  'keeps its state in the operator': [() => onlyFirst(), [SAMPLES, TWO_SUBSCRIBERS, ONE_LEAVES, TWO_SOURCES, LATER]],
  'keeps its state in the result': [() => (source) => source.pipe(onlyFirst()), [SAMPLES, TWO_SUBSCRIBERS, ONE_LEAVES, LATER]],
  'keeps its state in the module': [
    () => {
      let seen = 0;
      return (source) =>
        new Observable((subscriber) =>
          source.subscribe(passOn(subscriber, { next: (value) => subscriber.next(`${value}${(seen += 1)}`) })),
        );
    },
    [FAILING_LATER, SAMPLES, AT_ONCE, BURST, TWO_SUBSCRIBERS, ONE_LEAVES, TWO_SOURCES, LATER],
  ],
  'does not stop a burst': [byHand(() => ({})), [BURST]],
  'is done for good at its first end': [
    () => (source) => {
      let isDone = false;
      return source.pipe(
        takeWhile(() => !isDone),
        tap({ complete: () => (isDone = true) }),
      );
    },
    [LATER],
  ],
  'is done for good at its first error': [
    () => (source) => {
      let isDone = false;
      return defer(() => (isDone ? EMPTY : source)).pipe(tap({ error: () => (isDone = true) }));
    },
    [LATER],
  ],
  'is done for good when it is left': [
    () => (source) => {
      let isDone = false;
      return defer(() => (isDone ? EMPTY : source)).pipe(tap({ unsubscribe: () => (isDone = true) }));
    },
    [LATER],
  ],
  'counts for all its subscribers': [
    () => (source) => {
      let seen = 0;
      return source.pipe(takeWhile(() => (seen += 1) <= 3));
    },
    [TWO_SUBSCRIBERS, ONE_LEAVES, LATER],
  ],
  'counts for all its sources': [
    () => {
      let seen = 0;
      return takeWhile(() => (seen += 1) <= 3);
    },
    [TWO_SUBSCRIBERS, ONE_LEAVES, TWO_SOURCES, LATER],
  ],
  'drops what comes after the second value': [() => filter((_value, index) => index < 2), [SAMPLES]],
  'swallows an error after a value': [
    () => (source) =>
      defer(() => {
        let isFirst = true;
        return source.pipe(
          tap(() => (isFirst = false)),
          catchError((error: unknown) => (isFirst ? throwError(() => error) : EMPTY)),
        );
      }),
    [FAILING_LATER],
  ],
  'keeps an interval that nobody stops, and is silent about it': [
    () => (source) =>
      defer(() => {
        interval(1).pipe(takeUntil(isOver$)).subscribe();
        return source;
      }),
    TIMERS,
  ],
  'keeps an interval that its first value began': [() => tap(() => interval(1).pipe(takeUntil(isOver$)).subscribe()), TIMERS],
  'begins an interval when it is applied': [
    () => (source) => {
      interval(1).pipe(takeUntil(isOver$)).subscribe();
      return source;
    },
    [COLD, ...TIMERS],
  ],
  'ends once more later': [
    byHand((subscriber) => ({
      complete: () => {
        subscriber.complete();
        timer(5).subscribe(() => {
          subscriber.complete();
        });
      },
    })),
    [BURST, TIMER_END, AFTER_END],
  ],
  'has no teardown': [
    () => (source) =>
      new Observable((subscriber) => {
        source.subscribe(passOn(subscriber));
      }),
    [SILENT, AT_ONCE, LEAVES, BURST, AFTER_LEAVING],
  ],
  'works before it is subscribed': [
    () => (source) => {
      source.subscribe({ error: () => undefined });
      return source;
    },
    [...MIRRORS, FAILING_LATER, AT_ONCE, LEAVES, COLD, BURST],
  ],
  'goes on with its source when all have left': [() => share({ resetOnRefCountZero: false }), [SILENT, AT_ONCE, LEAVES, BURST]],
  'subscribes before it is asked, once': [
    () => (source) => {
      const early$ = new ReplaySubject<string>();
      source.subscribe(early$);
      return early$;
    },
    [SILENT, AT_ONCE, LEAVES, COLD, BURST, LATER],
  ],
  'subscribes its source twice': [
    () => (source) => merge(source.pipe(filter(() => false)), source),
    [...MIRRORS, FAILING_LATER, AT_ONCE, LEAVES, COLD, BURST],
  ],
  'shares its source and stops it with the first that leaves': [
    () => (source) => {
      const left: (() => void)[] = [];
      return new Observable((subscriber) => {
        const inner = source.pipe(share()).subscribe(subscriber);
        left.push(() => inner.unsubscribe());
        return () => {
          for (const leave of left) leave();
        };
      });
    },
    [TWO_SUBSCRIBERS, ONE_LEAVES],
  ],
  'says a value after the end': [
    byHand((subscriber) => ({
      complete: () => {
        subscriber.complete();
        subscriber.next('late');
      },
    })),
    [BURST, AFTER_END],
  ],
  'says a value after an error': [
    byHand((subscriber) => ({
      error: (error: unknown) => {
        subscriber.error(error);
        timer(5).subscribe(() => {
          subscriber.next('late');
        });
      },
    })),
    [BURST, TIMER_ERROR, AFTER_ERROR],
  ],
  'fails after the end': [
    byHand((subscriber) => ({
      complete: () => {
        subscriber.complete();
        subscriber.error('late');
      },
    })),
    [BURST, AFTER_END],
  ],
  'ends after its error': [
    byHand((subscriber) => ({
      error: (error: unknown) => {
        subscriber.error(error);
        subscriber.complete();
      },
    })),
    [BURST, AFTER_ERROR],
  ],
  'keeps a timer that nobody stops': [
    () => (source) =>
      new Observable((subscriber) => {
        interval(1)
          .pipe(takeUntil(isOver$))
          .subscribe(() => {
            subscriber.next('tick');
          });
        return source.subscribe(passOn(subscriber));
      }),
    ALL.filter((law) => ![EMPTY_SOURCE, COLD, TWO_SOURCES, LATER].includes(law)),
  ],
  'never ends': [byHand(() => ({ complete: () => undefined })), [EMPTY_SOURCE, BURST, AFTER_END]],
  'swallows an error': [() => catchError(() => EMPTY), [FAILING, FAILING_LATER]],
  'adds a value': [() => concatWith(['b']), [EMPTY_SOURCE]],
  'lets a value wait': [() => delay(1), [FAILING_LATER, SAMPLES, AT_ONCE, BURST]],
  'changes a value': [() => map(() => 'b'), [FAILING_LATER, SAMPLES, AT_ONCE]],
  'throws when it is applied': [
    () => () => {
      throw new Error('no');
    },
    ALL,
  ],
};

const failuresOf = async (make: () => Operator): Promise<Failures> => {
  const runner = recordingRunner();
  itObeysTheOperatorLaws(runner, { make, sample: 'a', samples: ['a', 'b', 'a'] });
  const failures = await runner.run();
  isOver$.next();
  return failures;
};

const messagesOf = async (make: () => Operator): Promise<readonly string[]> =>
  Object.values(await failuresOf(make)).map((error) => (error as Error).message);

describe('itObeysTheOperatorLaws', () => {
  for (const [what, [make, broken]] of Object.entries(faults)) {
    it(`finds out an operator that ${what}`, async () => {
      const failures = await failuresOf(make);
      expect(Object.keys(failures)).to.have.members(broken);
      for (const error of Object.values(failures)) expect(error).to.be.instanceOf(ExpectationError);
    });
  }

  it('has no law that only what breaks all of them breaks', () => {
    const broken = Object.values(faults).flatMap(([, laws]) => (laws.length < ALL.length ? laws : []));
    expect(broken).to.include.members(ALL);
  });

  it('says which law is broken, what was expected and what was seen', async () => {
    expect(await messagesOf(() => concatWith(['b']))).to.deep.equal([
      'The operator breaks the law that it mirrors an empty source.\nExpected: the end at 0 ms.\nSeen: the value "b" at 0 ms, the end at 0 ms.',
    ]);
    expect(await messagesOf(byHand(() => ({})))).to.deep.equal([
      'The operator breaks the law that it stops a synchronous source as soon as it is unsubscribed.\n' +
        'Expected: one value drawn from the source for a subscriber that leaves after the first.\nSeen: 1000.',
    ]);
    const [silent] = await messagesOf(() => share({ resetOnRefCountZero: false }));
    expect(silent).to.contain(
      'Expected: the source subscribed at 0 ms and left at 4 ms.\nSeen: the source subscribed at 0 ms and never left.',
    );
  });

  it('names the law under which the operator itself throws, and keeps what it threw', async () => {
    const failures = await failuresOf(faults['throws when it is applied']?.[0] ?? (() => identity));
    const error = failures[COLD] as Error;
    expect(error.message).to.equal(`The operator breaks the law that it ${COLD}.\nExpected: no failure.\nSeen: the failure Error: no.`);
    expect(error.cause).to.be.an('error').with.property('message', 'no');
  });

  for (const [name, make] of Object.entries<() => Operator>({
    identity: () => identity,
    'an operator that drops repeats': () => distinctUntilChanged(),
    'tap, finalize and defer': () => (source) =>
      defer(() =>
        source.pipe(
          tap(),
          finalize(() => undefined),
        ),
      ),
    share: () => share(),
  })) {
    it(`finds ${name} sound`, async () => {
      expect(await failuresOf(make)).to.deep.equal({});
    });
  }

  it('leaves it to an operator what it makes of a repeated sample where it is given no samples', async () => {
    const runner = recordingRunner();
    itObeysTheOperatorLaws(runner, { make: () => distinctUntilChanged<string>(), sample: 'a' });
    expect(runner.cases.map(({ name }) => name)).to.have.members(ALL.filter((law) => law !== SAMPLES));
    expect(await runner.run()).to.deep.equal({});
  });

  describe('run on coalesceTokens', () => {
    itObeysTheOperatorLaws<StreamEvent>(
      { describe, it },
      {
        make: () => coalesceTokens({ maxDelay: 5, maxLength: 1 }),
        sample: tokenOf('a'),
        samples: [tokenOf('a'), tokenOf('b'), tokenOf('c')],
      },
    );
  });

  describe('run on verifyOrder', () => {
    itObeysTheOperatorLaws<StreamEvent>(
      { describe, it },
      { make: () => verifyOrder(), sample: taskStart, samples: numbered(taskStart, stepStart(1), tokenOf('a')) },
    );
  });
});
