import { defer, Observable } from 'rxjs';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import type { TestedBackend, TransportPlan } from '../../lib/testing/laws/tested-backend.js';

/** A backend that gives each request the next of these answers, and has no others. */
export const inTurn = (...answers: readonly Observable<LLMChunk>[]): LLMBackend => {
  let requests = 0;
  return {
    stream: () =>
      defer(() => {
        const answer$ = answers[requests];
        requests += 1;
        if (answer$ === undefined) throw new Error(`Request ${requests} was not expected.`);
        return answer$;
      }),
  };
};

const text = (said: string): LLMChunk => ({ type: 'text', text: said });
const cost = (inputTokens: number, outputTokens: number): LLMChunk => ({ type: 'usage', usage: { inputTokens, outputTokens } });

/** What the letters of the diagrams stand for. */
export const chunks = {
  a: text('a'),
  b: text('b'),
  x: text('x'),
  y: text('y'),
  e: text(''),
  r: { type: 'reasoning', text: 'r' },
  c: { type: 'tool_call', id: '1', name: 'look', params: {} },
  f: { type: 'finish', reason: 'stop' },
  s: { type: 'finish', reason: 'salvaged' },
  R: { type: 'restart', reason: 'The server is down.' },
  I: { type: 'restart' },
  u: cost(3, 2),
  v: cost(5, 1),
  w: cost(8, 3),
} as const satisfies Readonly<Record<string, LLMChunk>>;

/** The text of an answer: what came before a restart is void. */
export const textOf = (said: readonly LLMChunk[]): string =>
  said.reduce((text, chunk) => (chunk.type === 'restart' ? '' : chunk.type === 'text' ? text + chunk.text : text), '');

/** A backend as the laws look at one: it gives its answer at once, or all of it but the end is held back. */
export const counted = (plan: TransportPlan, decorate: (backend: LLMBackend) => LLMBackend): TestedBackend => {
  let opened = 0;
  let open = 0;
  const backend = decorate({
    stream: () =>
      new Observable((subscriber) => {
        opened += 1;
        open += 1;
        subscriber.add(() => (open -= 1));
        subscriber.next(chunks.a);
        if (plan === 'held') return;
        for (const chunk of [chunks.b, chunks.u, chunks.f]) subscriber.next(chunk);
        subscriber.complete();
      }),
  });
  return { backend, opened: () => opened, open: () => open };
};
