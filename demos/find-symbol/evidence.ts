import type { TaskResult } from 'purpose-rx';
import { Lines, outputsOf, type Place } from './results.js';

/** Where a purpose counts as met: what is below this was not shown. */
const MET = 7;

/**
 * The lines that an answer names as `path:line` and that the agent really read: what a model says without having read
 * it is no evidence.
 */
export function evidenceOf({ answer, finalState }: TaskResult): readonly Place[] {
  if (typeof answer !== 'string') return [];
  const named = new Set([...answer.matchAll(/[^\s`'"(*<[]+:\d+/g)].map(([place]) => place));
  const read = outputsOf(finalState?.data, Lines).flatMap(({ path, from, lines }) =>
    lines.map((text, index) => ({ path, line: from + index, text })),
  );
  const byPlace = new Map(read.map((place) => [`${place.path}:${place.line}`, place]));
  return [...named].flatMap((place) => byPlace.get(place) ?? []);
}

/** Whether a run found what it was asked for: it says so itself, it shows where, and the judge agrees. */
export const isFound = (result: TaskResult): boolean =>
  result.stopReason === 'done' && result.trajectory.finalPhi >= MET && evidenceOf(result).length > 0;
