import { defer, Observable } from 'rxjs';
import type { Meter } from '../domain/meter.js';
import { LinkedSubscriber } from '../internal/linked-subscriber.js';
import { oneThen } from '../internal/one-then.js';
import { AnswerTally } from './answer-tally.js';
import type { LLMBackend, LLMChunk, LLMRequest } from './backend.js';
import { estimateInput } from './estimate-tokens.js';

const anew: LLMChunk = { type: 'restart', reason: 'the request was cut off where its budget ended, and is made again' };

/**
 * An answer that is counted: leave is asked for before the request is made, and where the means are spent in its middle
 * it is let go and leave is asked for again. The chunk that crosses the line is not passed on.
 *
 * ```text
 * meter                   e------e
 * backend                 -a-b-c
 * backend, anew                  -a-b-c|
 * meteredAnswer           -a-b---R-a-b-c|    c crosses the line, R: restart
 * first request is held   ^----!
 * ```
 *
 * Cold. Errors are those of the backend. Unsubscribing lets the request go, and then ends its entry.
 *
 * @internal
 */
export const meteredAnswer = (meter: Meter, backend: LLMBackend, request: LLMRequest): Observable<LLMChunk> =>
  defer(() => {
    const inputTokens = estimateInput(request);
    const ask = (isAgain: boolean): Observable<LLMChunk> =>
      meter(inputTokens).pipe(
        oneThen((entry) =>
          countedBy(
            new AnswerTally(entry, inputTokens),
            defer(() => backend.stream(request)),
            isAgain,
            ask,
          ),
        ),
      );
    return ask(false);
  });

/** One request. Where it is cut, `askAgain` is what goes on: the source is released first, as it is by `andThen`. */
const countedBy = (
  tally: AnswerTally,
  source: Observable<LLMChunk>,
  isAgain: boolean,
  askAgain: (isAgain: boolean) => Observable<LLMChunk>,
): Observable<LLMChunk> =>
  new Observable((subscriber) => {
    let isAsking = true;
    let isCut = false;
    let hasSpoken = isAgain;
    const goOn = (): void => {
      if (isCut && !isAsking && !subscriber.closed) askAgain(hasSpoken).subscribe(subscriber);
    };
    const answer = new LinkedSubscriber<LLMChunk>(subscriber, {
      next: (chunk) => {
        if (tally.hear(chunk)) {
          hasSpoken = true;
          subscriber.next(chunk);
          return;
        }
        isCut = true;
        answer.unsubscribe();
        tally.end('cancelled');
        goOn();
      },
      error: (error) => {
        tally.end('failed');
        subscriber.error(error);
      },
      complete: () => {
        tally.end('finished');
        subscriber.complete();
      },
    });
    subscriber.add(() => {
      tally.end('cancelled');
    });
    if (isAgain) subscriber.next(anew);
    if (subscriber.closed) return;
    tally.begin();
    source.subscribe(answer);
    isAsking = false;
    goOn();
  });
