import { expect } from 'chai';
import {
  catchError,
  concatWith,
  defer,
  delay,
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
  tap,
  timer,
  type MonoTypeOperatorFunction,
  type Observer,
} from 'rxjs';
import type { StreamEvent } from '../../../lib/domain/stream-event.js';
import { ExpectationError } from '../../../lib/errors/expectation-error.js';
import { coalesceTokens } from '../../../lib/operators/coalesce-tokens.js';
import { verifyOrder } from '../../../lib/operators/verify-order.js';
import { itObeysTheOperatorLaws } from '../../../lib/testing/laws/operator-laws.js';
import { taskStart, tokenOf } from '../../support/events.js';
import { recordingRunner, type Failures } from '../../support/recording-runner.js';

type Operator = MonoTypeOperatorFunction<string>;

const MIRRORS = ['mirrors an empty source', 'mirrors a source that never emits', 'forwards an error of the source'] as const;
const [EMPTY_SOURCE, SILENT, FAILING] = MIRRORS;
const AT_ONCE = 'lets a value through at once';
const LEAVES = 'unsubscribes from the source when it is unsubscribed';
const COLD = 'does nothing before it is subscribed';
const BURST = 'stops a synchronous source as soon as it is unsubscribed';
const TWO_SUBSCRIBERS = 'keeps the state of two subscribers apart';
const ONE_LEAVES = 'goes on for one subscriber when another one leaves';
const TWO_SOURCES = 'can be applied to two sources';
const AFTER_END = 'says nothing more after the end of the source';
const AFTER_ERROR = 'says nothing more after an error of the source';
const AFTER_LEAVING = 'says nothing more once it is unsubscribed';

const ALL = [
  ...[...MIRRORS, AT_ONCE, LEAVES, COLD, BURST, TWO_SUBSCRIBERS, ONE_LEAVES, TWO_SOURCES],
  ...[AFTER_END, AFTER_ERROR, AFTER_LEAVING],
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

const onlyFirst = (): Operator => {
  let seen = 0;
  return filter(() => (seen += 1) === 1);
};

/** Stops what an operator at fault would go on with for ever. */
const isOver$ = new Subject<void>();

/** What is wrong, the operator, and the laws that it breaks. */
const faults: Readonly<Record<string, readonly [make: () => Operator, broken: readonly string[]]>> = {
  'keeps its state in the operator': [() => onlyFirst(), [TWO_SUBSCRIBERS, TWO_SOURCES]],
  'keeps its state in the result': [() => (source) => source.pipe(onlyFirst()), [TWO_SUBSCRIBERS]],
  'keeps its state in the module': [
    () => {
      let seen = 0;
      return (source) =>
        new Observable((subscriber) =>
          source.subscribe(passOn(subscriber, { next: (value) => subscriber.next(`${value}${(seen += 1)}`) })),
        );
    },
    [AT_ONCE, BURST, TWO_SUBSCRIBERS, ONE_LEAVES, TWO_SOURCES],
  ],
  'does not stop a burst': [byHand(() => ({})), [BURST]],
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
    [...MIRRORS, AT_ONCE, LEAVES, COLD, BURST],
  ],
  'goes on with its source when all have left': [() => share({ resetOnRefCountZero: false }), [SILENT, AT_ONCE, LEAVES, BURST]],
  'subscribes before it is asked, once': [
    () => (source) => {
      const early$ = new ReplaySubject<string>();
      source.subscribe(early$);
      return early$;
    },
    [SILENT, AT_ONCE, LEAVES, COLD, BURST],
  ],
  'subscribes its source twice': [
    () => (source) => merge(source.pipe(filter(() => false)), source),
    [...MIRRORS, AT_ONCE, LEAVES, COLD, BURST],
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
    [BURST, AFTER_ERROR],
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
    [SILENT, FAILING, AT_ONCE, LEAVES, BURST, AFTER_END, AFTER_ERROR, AFTER_LEAVING],
  ],
  'never ends': [byHand(() => ({ complete: () => undefined })), [EMPTY_SOURCE, BURST, AFTER_END]],
  'swallows an error': [() => catchError(() => EMPTY), [FAILING]],
  'adds a value': [() => concatWith(['b']), [EMPTY_SOURCE]],
  'lets a value wait': [() => delay(1), [AT_ONCE, BURST, TWO_SUBSCRIBERS, ONE_LEAVES, TWO_SOURCES]],
  'changes a value': [() => map(() => 'b'), [AT_ONCE, TWO_SUBSCRIBERS, ONE_LEAVES, TWO_SOURCES]],
  'throws when it is applied': [
    () => () => {
      throw new Error('no');
    },
    ALL,
  ],
};

const failuresOf = async (make: () => Operator): Promise<Failures> => {
  const runner = recordingRunner();
  itObeysTheOperatorLaws(runner, { make, sample: 'a' });
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

  describe('run on coalesceTokens', () => {
    itObeysTheOperatorLaws<StreamEvent>(
      { describe, it },
      { make: () => coalesceTokens({ maxDelay: 5, maxLength: 1 }), sample: tokenOf('a') },
    );
  });

  describe('run on verifyOrder', () => {
    itObeysTheOperatorLaws<StreamEvent>({ describe, it }, { make: () => verifyOrder(), sample: taskStart });
  });
});
