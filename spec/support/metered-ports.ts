import { concat, concatMap, defer, filter, from, of, type Observable } from 'rxjs';
import type { Actor, ActorSignal } from '../../lib/actor/actor.js';
import { askBackend } from '../../lib/backend/ask-backend.js';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import { nextAttempt } from '../../lib/domain/attempt.js';
import { meterOf, type Meter, type MeterEntry } from '../../lib/domain/meter.js';
import { decided, scored, token } from '../../lib/domain/signal.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import type { PurposeFunction } from '../../lib/purpose/purpose-function.js';

/** A request that is taken for so many tokens. */
export const requestOf = (inputTokens: number, meter?: Meter): LLMRequest => ({
  messages: [{ role: 'user', content: 'x'.repeat(4 * inputTokens) }],
  ...meterOf({ meter }),
});

/** What an answer says, attempts included. */
const spoken = (chunk$: Observable<LLMChunk>): Observable<ActorSignal> =>
  defer(() => {
    let attempt = 1;
    return chunk$.pipe(
      filter(({ type }) => type !== 'finish' && type !== 'tool_call'),
      concatMap((chunk): Observable<ActorSignal> => {
        if (chunk.type === 'restart') {
          attempt += 1;
          return from(nextAttempt(attempt - 1, chunk.reason ?? ''));
        }
        return of(chunk.type === 'usage' ? chunk : token('text' in chunk ? chunk.text : '', { attempt }));
      }),
    );
  });

/** An actor that asks a backend with 2 tokens of input, says the answer, and does something, by default nothing more. */
export const askingActor = (backend: LLMBackend, name: (step: number) => string = () => 'DONE', inputTokens = 2): Actor => ({
  decide: ({ meter, step }) =>
    concat(
      spoken(defer(() => askBackend(backend, requestOf(inputTokens, meter)))),
      defer(() => of(decided({ name: name(step) }))),
    ),
});

/** A purpose function that asks a backend with 2 tokens of input, says the answer and is never content. */
export const askingJudge = (backend: LLMBackend): PurposeFunction => ({
  evaluate: ({ meter }) =>
    concat(
      spoken(defer(() => askBackend(backend, requestOf(2, meter)))).pipe(filter((signal) => signal.type !== 'action')),
      of(scored({ phiBefore: 0, phiAfter: 0 })),
    ),
});

/** What an entry was told, as a list that grows: counts as `in/out basis`, then how it ended. */
export const notingEntry = (limit = Infinity): MeterEntry & { readonly told: readonly string[] } => {
  const told: string[] = [];
  return {
    told,
    count: (inputTokens, outputTokens, basis) => {
      told.push(`${inputTokens}/${outputTokens} ${basis}`);
      return inputTokens + outputTokens <= limit;
    },
    end: (outcome) => {
      told.push(outcome);
    },
  };
};

/** A meter that gives leave at these times. */
export const meterOfEntries = (ask: (inputTokens: number) => Observable<MeterEntry>): Meter =>
  Object.assign((inputTokens: number) => ask(inputTokens), {
    note: () => undefined,
    beforeCalls: <T>(_calls: number, project: () => Observable<T>) => project(),
    countCall: () => undefined,
  });

/** The entries that events tell, as `source request: in/out basis outcome`. */
export const billOf = (events: readonly StreamEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type !== 'request_end') return [];
    const { source, request, inputTokens, outputTokens, basis, outcome } = event.data;
    return [`${source} ${request}: ${inputTokens}/${outputTokens} ${basis} ${outcome}`];
  });
