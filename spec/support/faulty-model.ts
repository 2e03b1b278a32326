import { concat, concatMap, defer, EMPTY, from, ignoreElements, interval, map, NEVER, Observable, of, tap, throwError, timer } from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { AnswerLimitError } from '../../lib/errors/answer-limit-error.js';
import { AuthenticationError } from '../../lib/errors/authentication-error.js';
import { BadRequestError } from '../../lib/errors/bad-request-error.js';
import { MalformedError } from '../../lib/errors/malformed-error.js';
import { NetworkError } from '../../lib/errors/network-error.js';
import { NotFoundError } from '../../lib/errors/not-found-error.js';
import { RateLimitError } from '../../lib/errors/rate-limit-error.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { TimeoutError } from '../../lib/errors/timeout-error.js';
import { ToolCallError } from '../../lib/errors/tool-call-error.js';
import { TruncatedError } from '../../lib/errors/truncated-error.js';
import type { AnswerPlan } from './fault-scenario.js';
import { askerOf, contentOf, markOf, type Asker, type Take } from './faulty-answer.js';

/** A request as it was served. */
export interface Served {
  readonly asker: Asker;
  readonly request: LLMRequest;
  outcome: 'open' | 'finished' | 'failed' | 'cancelled';
  /** What was said, chunk by chunk. */
  readonly said: LLMChunk[];
}

const errors: readonly (() => Error)[] = [
  () => new NetworkError('The connection broke.'),
  () => new TruncatedError('The answer broke off.', { partial: '' }),
  () => new ServerError('The server is down.'),
  () => new RateLimitError('Too many requests.', { retryAfter: 300 }),
  () => new RateLimitError('Too many requests.', { retryAfter: null }),
  () => new TimeoutError('Too slow.', { clock: 'idle', limit: 1, partial: '' }),
  () => new ToolCallError('The arguments are no JSON.', { received: '{"mark":' }),
  () => new AuthenticationError('The key is refused.'),
  () => new BadRequestError('The request makes no sense.'),
  () => new NotFoundError('There is no such model.'),
  () => new MalformedError('That is no chat completion.'),
  () => new AnswerLimitError('The answer is too long.', { limit: 1, partial: '' }),
];

/** What is said of what was not planned: an end. */
const FINALE: AnswerPlan = {
  body: 'done',
  end: { kind: 'finish', reason: 'stop' },
  wait: 0,
  gap: 0,
  size: 1000,
  isThinking: false,
  usages: 1,
  restarts: [],
};

/** Something said, and what comes of it. */
interface Step {
  readonly chunk: LLMChunk;
  readonly note?: () => void;
}

/** What a request cost, as the server counts up. */
const usageStep = (number: number): Step => ({ chunk: { type: 'usage', usage: { inputTokens: 10, outputTokens: 5 * number } } });

const upTo = <T>(list: readonly T[], percent: number): readonly T[] => list.slice(0, Math.floor((list.length * percent) / 100));

/** Answers requests as planned, one plan a request, and keeps what it said. */
export class FaultyModel implements LLMBackend {
  readonly served: Served[] = [];
  readonly takes = new Map<string, Take>();
  readonly #plans: AnswerPlan[];

  constructor(plans: readonly AnswerPlan[]) {
    this.#plans = [...plans];
  }

  readonly stream = (request: LLMRequest): Observable<LLMChunk> =>
    defer(() => {
      const asker = askerOf(request);
      const served: Served = { asker, request, outcome: 'open', said: [] };
      this.served.push(served);
      return new Observable<LLMChunk>((subscriber) => {
        subscriber.add(() => {
          if (served.outcome === 'open') served.outcome = 'cancelled';
        });
        this.#answer(asker, request, this.#plans.shift() ?? FINALE)
          .pipe(
            tap({
              next: ({ chunk, note }) => {
                served.said.push(chunk);
                note?.();
              },
              error: () => (served.outcome = 'failed'),
              complete: () => (served.outcome = 'finished'),
            }),
            map(({ chunk }) => chunk),
          )
          .subscribe(subscriber);
      });
    });

  #answer(asker: Asker, { onOpen }: LLMRequest, plan: AnswerPlan): Observable<Step> {
    const { wait, gap, end } = plan;
    const paced = (steps: readonly Step[]): Observable<Step> =>
      gap === 0 ? from(steps) : from(steps).pipe(concatMap((step) => timer(gap).pipe(map(() => step))));
    const opened$ = defer(() => {
      onOpen?.();
      return EMPTY;
    });
    const begun$ = wait === 0 ? opened$ : concat(timer(wait).pipe(ignoreElements()), opened$);
    const take = this.#take(asker, plan);
    const { steps, mark } = take;
    // The last, half and whole of them with what ends it.
    switch (end.kind) {
      case 'finish':
        return concat(begun$, paced(steps));
      case 'cut':
        return concat(begun$, paced(upTo(take.cuttable, end.at)));
      case 'stall':
        return concat(begun$, paced(upTo(steps, end.at)), NEVER);
      case 'error':
        return concat(
          begun$,
          paced(upTo(steps, Math.min(100, end.at))),
          gap === 0 ? EMPTY : timer(gap).pipe(ignoreElements()),
          throwError(errors[end.error] ?? FALLBACK),
        );
      default:
        return concat(
          begun$,
          of<Step>({
            chunk: {
              type: 'text',
              text: asker === 'tools' || asker === 'consult' ? mark : `{"${asker === 'score' ? 'evidence' : 'thought'}":"${mark}`,
            },
          }),
          interval(Math.max(20, gap)).pipe(map((): Step => ({ chunk: { type: 'text', text: mark } }))),
        );
    }
  }

  #newTake(asker: Asker, body: AnswerPlan['body']): Take {
    const take: Take = { mark: markOf(this.takes.size), asker, body, isWhole: false, isVoid: false, finish: undefined };
    this.takes.set(take.mark, take);
    return take;
  }

  #take(asker: Asker, plan: AnswerPlan): { readonly steps: readonly Step[]; readonly cuttable: readonly Step[]; readonly mark: string } {
    const before: Step[] = [];
    for (const percent of plan.restarts) {
      const voided = this.#newTake(asker, plan.body);
      const { texts, calls } = contentOf(asker, plan, voided.mark);
      before.push(...upTo([...texts, ...calls], percent).map((chunk): Step => ({ chunk })), {
        chunk: { type: 'restart', reason: 'it began anew' },
        note: () => (voided.isVoid = true),
      });
    }
    const take = this.#newTake(asker, plan.body);
    const { texts, calls, reason } = contentOf(asker, plan, take.mark);
    const last = texts.length + calls.length - 1;
    const content = [...texts, ...calls].map((chunk, index): Step => ({
      chunk,
      ...(index === last && { note: () => (take.isWhole = true) }),
    }));
    const usages = Array.from({ length: plan.usages }, (_, index) => usageStep(index + 1));
    const early = usages.length === 3 ? usages.splice(0, 1) : [];
    const given = plan.end.kind === 'finish' ? plan.end.reason : 'stop';
    const finish = given === 'stop' ? reason : given;
    const finishes: readonly Step[] =
      finish === undefined ? [] : [{ chunk: { type: 'finish', reason: finish }, note: () => (take.finish = finish) }];
    const spoken = [...before, ...early, ...content];
    // A call that has been given out is whole: what a backend cuts off in good order is its text.
    const cuttable = spoken.filter(({ chunk }) => chunk.type !== 'tool_call');
    return { steps: [...spoken, ...usages, ...finishes], cuttable, mark: take.mark };
  }
}

const FALLBACK = (): Error => new NetworkError('The connection broke.');
