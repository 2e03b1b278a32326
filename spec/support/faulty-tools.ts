import * as t from 'io-ts';
import { concat, map, NEVER, Observable, of, throwError, timer } from 'rxjs';
import type { LLMBackend } from '../../lib/backend/backend.js';
import { generate } from '../../lib/backend/generate.js';
import { tool, toolProgress, type AnyTool, type ToolContext } from '../../lib/environment/tool.js';
import type { ToolPlan } from './fault-scenario.js';

/** A call as its tool saw it. */
export interface SeenRun {
  readonly callId: string;
  readonly mark: string;
  readonly kind: ToolPlan['kind'];
  readonly signal: AbortSignal;
  /** Whether it has come to its own end. */
  hasEnded: boolean;
}

/** What tools need of the test. */
export interface ToolsConfig {
  readonly plans: readonly ToolPlan[];
  readonly backend: LLMBackend;
  /** Does something later, by a timer that is none of the run's. */
  readonly later: (after: number, act: () => void) => void;
  readonly runs: SeenRun[];
}

/** A Promise in the time of the test, which settles whoever listens. */
const promise = (begin: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void): PromiseLike<unknown> => {
  const waiting: (() => void)[] = [];
  let settled: { readonly ok: boolean; readonly value: unknown } | undefined;
  const settle = (ok: boolean) => (value: unknown) => {
    if (settled !== undefined) return;
    settled = { ok, value };
    for (const tell of waiting.splice(0)) tell();
  };
  begin(settle(true), settle(false));
  const made: PromiseLike<unknown> = {
    // oxlint-disable-next-line unicorn/no-thenable -- promises of the runtime know no virtual time
    then: (onValue, onError) => {
      const tell = (): void => void (settled?.ok === true ? onValue?.(settled.value) : onError?.(settled?.value));
      if (settled === undefined) waiting.push(tell);
      else tell();
      return promise(() => undefined) as PromiseLike<never>;
    },
  };
  return made;
};

const obedient = (signal: AbortSignal): Error => {
  const error = new Error(`stopped: ${String(signal.reason)}`);
  error.name = 'AbortError';
  return error;
};

/** Tools that do as planned, one plan a call; without a plan they give a value at once. */
export const faultyTools = ({ plans, backend, later, runs }: ToolsConfig): readonly AnyTool[] => {
  const left = [...plans];
  const work = (mark: string, { callId, signal, meter }: ToolContext): unknown => {
    const { kind, after } = left.shift() ?? { kind: 'value', after: 0 };
    const run: SeenRun = { callId, mark, kind, signal, hasEnded: false };
    runs.push(run);
    const end = <T>(value: T): T => {
      run.hasEnded = true;
      return value;
    };
    const seen = <T>(source: Observable<T>): Observable<T> =>
      new Observable((subscriber) =>
        source.subscribe({
          next: (value) => {
            subscriber.next(value);
          },
          error: (error: unknown) => {
            subscriber.error(end(error));
          },
          complete: () => {
            run.hasEnded = true;
            subscriber.complete();
          },
        }),
      );
    switch (kind) {
      case 'later':
        return seen(concat(of(toolProgress(mark)), timer(after).pipe(map(() => mark))));
      case 'throws':
        throw end(new Error(`No ${mark}.`));
      case 'fails':
        return seen(
          concat(
            timer(after).pipe(map(() => toolProgress('half'))),
            throwError(() => new Error(`No ${mark}.`)),
          ),
        );
      case 'hangs':
        return seen(NEVER);
      case 'deaf':
        return promise((resolve) => {
          later(after, () => {
            resolve(end(mark));
          });
        });
      case 'never':
        return promise(() => undefined);
      case 'obedient':
        return promise((resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(end(obedient(signal)));
          });
          later(after, () => {
            resolve(end(mark));
          });
        });
      case 'noJson':
        return end({ mark, act: 1n });
      case 'asks':
        return seen(generate(backend, { messages: [{ role: 'user', content: callId }], ...(meter && { meter }) }));
      default:
        return end(mark);
    }
  };
  const params = t.strict({ mark: t.string });
  return [
    tool({ name: 'look', params, run: ({ mark }, context) => work(mark, context) }),
    tool({ name: 'alone', params, sequential: true, run: ({ mark }, context) => work(mark, context) }),
  ];
};
