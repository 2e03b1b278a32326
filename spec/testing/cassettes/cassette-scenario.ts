import {
  asyncScheduler,
  materialize,
  NEVER,
  takeUntil,
  timer,
  type Observable,
  type ObservableNotification,
  type Subscription,
} from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../../lib/backend/backend.js';
import { scriptedBackend } from '../../../lib/backend/scripted-backend.js';
import type { ScriptStep } from '../../../lib/backend/script-step.js';
import { RateLimitError } from '../../../lib/errors/rate-limit-error.js';
import { describeError } from '../../../lib/errors/describe-error.js';

/** A request of one question. */
export const asking = (content: string): LLMRequest => ({ messages: [{ role: 'user', content }] });

export const text = (said: string): LLMChunk => ({ type: 'text', text: said });
export const reasoning = (said: string): LLMChunk => ({ type: 'reasoning', text: said });
export const usage: LLMChunk = { type: 'usage', usage: { inputTokens: 12, outputTokens: 3 } };
export const finish: LLMChunk = { type: 'finish', reason: 'stop' };
export const restart: LLMChunk = { type: 'restart' };
export const call: LLMChunk = { type: 'tool_call', id: 'call_1', name: 'open', params: { door: 'the red one', hard: true } };

/** One of each: a text with its usage, reasoning and a tool call, a restart, an error, an answer that nobody waits for. */
const script: readonly ScriptStep[] = [
  { marbles: '20ms a 4ms b uf|', values: { a: text('The door '), b: text('is open.'), u: usage, f: finish } },
  {
    marbles: 'r 9ms s 30ms (cf|)',
    values: { r: reasoning('Which '), s: reasoning('door?'), c: call, f: { type: 'finish', reason: 'tool_calls' } },
  },
  { marbles: '-a-r--b(f|)', values: { a: text('No'), r: restart, b: text('Yes'), f: finish } },
  { marbles: '-a---#', values: { a: text('Wai') }, error: new RateLimitError('Too many requests.', { retryAfter: 1500 }) },
  { marbles: '-a--b--', values: { a: text('Once '), b: text('upon a time') } },
];

const requests: readonly LLMRequest[] = [
  {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Is the door open?' },
    ],
    temperature: 0.3,
    maxTokens: 64,
  },
  { ...asking('Open a door.'), tools: [{ name: 'open', description: 'opens a door', parameters: { type: 'object' } }] },
  asking('Is it open now?'),
  { ...asking('Is it still?'), temperature: null, stop: ['\n'] },
  { ...asking('Tell me a story.'), responseFormat: { name: 'story', schema: { type: 'object' } } },
];

/** When each request is asked; the last answer is left after 10 ms. */
const INTERVAL = 100;

/** The backend of the scenario. */
export const scenarioBackend = (): LLMBackend => scriptedBackend(script);

/** What the scenario asks, each answer with the moment it is left. */
export const scenario = (backend: LLMBackend): readonly (readonly [wait: number, answer$: Observable<LLMChunk>])[] =>
  requests.map((request, index) => {
    const left$ = index === requests.length - 1 ? timer(10) : NEVER;
    return [index * INTERVAL, backend.stream(request).pipe(takeUntil(left$))] as const;
  });

/** Plays the scenario; in virtual time, flush it. */
export const playScenario = (backend: LLMBackend): readonly (readonly string[])[] =>
  scenario(backend).map(([wait, answer$]) => {
    const told: string[] = [];
    timer(wait).subscribe(() => {
      watch(answer$, told);
    });
    return told;
  });

const show = (notification: ObservableNotification<unknown>): unknown => {
  if (notification.kind === 'E') return describeError(notification.error);
  return notification.kind === 'N' ? notification.value : 'complete';
};

/** Keeps everything that is told, with its time since the subscription. */
export const watch = (source: Observable<unknown>, told: string[]): Subscription => {
  const start = asyncScheduler.now();
  return source.pipe(materialize()).subscribe((notification) => {
    told.push(`${asyncScheduler.now() - start} ${JSON.stringify(show(notification))}`);
  });
};
