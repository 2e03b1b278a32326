import type { StreamEvent, StreamEventData } from '../../domain/stream-event.js';
import { addUsage, noUsage, type Usage } from '../../domain/usage.js';
import { createRails } from './timeline-rails.js';
import { createRows, type Row } from './timeline-rows.js';
import { createTalk } from './timeline-talk.js';
import { change, count, decimal } from './timeline-text.js';
import { createWork } from './timeline-work.js';

/** Configuration of {@link tellRun}. */
export interface TellerConfig {
  /** The width of the bar of Φ. */
  readonly phiWidth: number;
  /** How many rails of calls are drawn. */
  readonly mostRails: number;
}

const purposeText = ({ purpose, maxSteps, earlyStopPhi, initialState }: StreamEventData<'task_start'>): string => {
  const stop = earlyStopPhi === null ? 'no early stop' : `early stop at Φ ${decimal(earlyStopPhi)}`;
  return `▶ ${purpose} (at most ${count(maxSteps, 'step')}, ${stop}${initialState === null ? ', no initial state' : ''})`;
};

const usageText = ({ inputTokens, outputTokens }: Usage): readonly string[] =>
  inputTokens + outputTokens === 0 ? [] : [`${decimal(inputTokens)}→${decimal(outputTokens)} tokens`];

const totalsText = ({ totalSteps, finalPhi, cumulativeReward, successRate }: StreamEventData<'task_end'>, usage: Usage): string => {
  const progress = [`Φ ${decimal(finalPhi)} (${change(cumulativeReward)} in all)`, `${decimal(successRate * 100)}% improved`];
  return [count(totalSteps, 'step'), ...(totalSteps === 0 ? [] : progress), ...usageText(usage)].join(', ');
};

const endText = (end: StreamEventData<'task_end'>, time: number, usage: Usage): string => {
  const { stopReason, reason, error } = end;
  const lines = [
    `${stopReason === 'failed' ? '✗' : '■'} ${stopReason} after ${decimal(time)} ms: ${totalsText(end, usage)}`,
    ...(reason === undefined ? [] : [`because: ${reason}`]),
    ...(error === undefined ? [] : [`${error._tag}: ${error.message}${error.isRetryable ? ' (retryable)' : ''}`]),
  ];
  return lines.join('\n');
};

/**
 * What is to be drawn of a run. It looks at one event after the other and takes none for granted, since the run may be
 * broken.
 *
 * @internal
 */
export const tellRun = (events: readonly StreamEvent[], { phiWidth, mostRails }: TellerConfig): readonly Row[] => {
  const rails = createRails(mostRails);
  const rows = createRows(rails.idle);
  const talk = createTalk(rows, phiWidth);
  const work = createWork(rows, rails);
  const origin = events[0]?.timestamp ?? 0;
  let usage = noUsage;
  let time = 0;

  const tell = (event: StreamEvent): void => {
    switch (event.type) {
      case 'task_start':
        return rows.push({ kind: 'rule', time, text: purposeText(event.data) });
      case 'step_start':
        talk.beginStep();
        work.beginStep();
        return rows.push({ kind: 'rule', time, text: `step ${event.data.step}`, isHeavy: true });
      case 'token':
        return talk.token(event.data);
      case 'attempt_dropped':
        return talk.attemptDropped(event.data);
      case 'attempt_start':
        return talk.attemptStart(event.data);
      case 'usage':
        usage = addUsage(usage, event.data);
        return talk.usage(event.data);
      case 'action':
        return talk.action(event.data);
      case 'tool_start':
        return work.start(event.data, time);
      case 'tool_progress':
        return work.progress(event.data);
      case 'tool_end':
        return work.end(event.data, time);
      case 'done':
        return talk.done();
      case 'error':
        return work.fail(event.data);
      case 'score':
        return talk.score(event.data);
      case 'step_end':
        return work.state(event.data.state);
      case 'early_stop':
        return talk.earlyStop();
      case 'terminal':
        return work.terminal();
      case 'experience_error':
        return rows.push({ kind: 'rule', time, text: `✗ experience: ${event.data.error}` });
      case 'task_end':
        work.close(time);
        rows.push({ kind: 'foot' });
        return rows.push({ kind: 'text', text: endText(event.data, time, usage) });
      default:
        return work.report(typeOf(event), dataOf(event));
    }
  };

  const [first, ...others] = events;
  const hasHead = first?.type === 'task_start';
  rows.push({ kind: 'text', text: hasHead ? purposeText(first.data) : '▶ (the beginning is missing)' });
  rows.push({ kind: 'head' });
  for (const event of hasHead ? others : events) {
    time = event.timestamp - origin;
    rows.at(time);
    tell(event);
  }
  if (events.at(-1)?.type !== 'task_end') rows.push({ kind: 'foot' });
  if (!events.some(({ type }) => type === 'task_end')) rows.push({ kind: 'text', text: `⋯ not ended after ${decimal(time)} ms` });
  return rows.all();
};

/** Types that environments report are no members of the union. */
const typeOf = ({ type }: { readonly type: string }): string => type;
const dataOf = ({ data }: { readonly data: unknown }): unknown => data;
