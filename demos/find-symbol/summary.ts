import { join } from 'node:path';
import type { TaskResult } from 'purpose-rx';
import { evidenceOf, isFound } from './evidence.js';
import { labelledLine, type LineConfig } from './flow.js';
import type { Activity } from './teardown.js';

/** What the end of a run is told with. */
export interface SummaryConfig extends LineConfig {
  readonly result: TaskResult;
  readonly activity: Activity;
  /** Milliseconds from the first event to the last. */
  readonly elapsed: number;
  readonly folder: string;
  /** Whether the tokens were not counted by a server. */
  readonly isEstimate: boolean;
}

const count = (amount: number, noun: string): string => `${amount.toLocaleString('en')} ${noun}${amount === 1 ? '' : 's'}`;

const tornDown = ({ requestsAborted, toolsAborted }: Activity): string =>
  `${count(requestsAborted, 'request')} and ${count(toolsAborted, 'tool')} in mid-work; nothing is left running`;

/** How a run ended, its answer with the lines that show it, and the totals. */
export function summaryLines({ result, activity, elapsed, folder, isEstimate, ...drawing }: SummaryConfig): readonly string[] {
  const { answer, stopReason, trajectory, usage } = result;
  const line = (label: string, text: string): string => labelledLine(label, text, drawing);
  const evidence = evidenceOf(result).map(({ path, line: at, text }) => line('evidence', `${join(folder, path)}:${at} │ ${text.trim()}`));
  const said = typeof answer === 'string' ? answer : JSON.stringify(answer ?? null);
  const outcome =
    stopReason === 'cancelled'
      ? [line('torn down', tornDown(activity))]
      : [line('answer', stopReason === 'done' ? said : 'none'), ...(isFound(result) ? evidence : [])];
  const reward = `${trajectory.cumulativeReward < 0 ? '' : '+'}${trajectory.cumulativeReward.toFixed(2)}`;
  const improved = Math.round(trajectory.successRate * trajectory.steps.length);
  const totals = [
    `${count(trajectory.steps.length, 'scored step')}, ${count(activity.requests, 'request')}`,
    `${isEstimate ? 'about ' : ''}${usage.inputTokens.toLocaleString('en')} tokens in, ${usage.outputTokens.toLocaleString('en')} out`,
    `${(elapsed / 1000).toFixed(1)} s, reward ${reward}, steps that improved: ${improved} of ${trajectory.steps.length}, Φ ${trajectory.finalPhi.toFixed(1)}`,
  ].join('; ');
  return ['', ...outcome, line('totals', totals)];
}
