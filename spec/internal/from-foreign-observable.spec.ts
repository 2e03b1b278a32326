import { expect } from 'chai';
import { config, Observable, Subject, take, type Subscriber } from 'rxjs';
import { fromMany } from '../../lib/internal/from-input.js';
import { firehose, hearNow } from '../support/hear-now.js';

/** Cannot be let go. */
const failing = (emit: (subscriber: Subscriber<number>) => void) =>
  new Observable<number>((subscriber) => {
    emit(subscriber);
    return () => {
      throw new Error('cannot let go');
    };
  });

/** Emits 1 and cannot be let go. */
const oneFailing = failing((subscriber) => {
  subscriber.next(1);
});

describe('fromMany of a foreign Observable', () => {
  it('stops it as soon as it is left, even inside its own synchronous subscribe', () => {
    const { source, emitted } = firehose();
    expect(hearNow(fromMany(source), 3)).to.deep.equal([1, 2, 3]);
    expect(emitted()).to.equal(3);
  });

  it('does not subscribe it for who has left already', () => {
    let subscribed = 0;
    const source = new Observable<number>(() => void (subscribed += 1));
    new Observable<number>((subscriber) => {
      subscriber.unsubscribe();
      fromMany(source).subscribe(subscriber);
    }).subscribe();
    expect(subscribed).to.equal(0);
  });

  it('is not held up by a teardown that throws while it is inside its own subscribe', () => {
    expect(hearNow(fromMany(oneFailing).pipe(take(1)))).to.deep.equal([1, '|']);
  });

  describe('whose teardown throws', () => {
    const unhandled: unknown[] = [];
    beforeEach(() => {
      unhandled.length = 0;
      config.onUnhandledError = (error) => unhandled.push(error);
    });
    afterEach(() => {
      config.onUnhandledError = null;
    });

    const moments: Readonly<Record<string, () => unknown[]>> = {
      'where it is left': () => {
        const heard: unknown[] = [];
        fromMany(oneFailing)
          .subscribe((value) => heard.push(value))
          .unsubscribe();
        return [...heard, '|'];
      },
      'where it completes later': () => {
        const trigger = new Subject<void>();
        const heard = hearNow(
          fromMany(
            failing((subscriber) => {
              trigger.subscribe(() => {
                subscriber.next(1);
                subscriber.complete();
              });
            }),
          ),
        );
        try {
          trigger.next();
        } catch (error) {
          unhandled.push(error);
        }
        return heard;
      },
    };
    for (const [when, act] of Object.entries(moments)) {
      it(`holds nothing up and is reported, ${when}`, async () => {
        expect(act()).to.deep.equal([1, '|']);
        // RxJS reports by a timer of 0 ms: after one of 1 ms all are told.
        await new Promise((resolve) => void setTimeout(resolve, 1));
        expect(unhandled).to.have.length(1);
      });
    }
  });
});
