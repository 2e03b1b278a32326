import type { Lifetime } from './lifetimes.js';

/**
 * What keeps calls from having been torn down in a frame, as a sentence; `undefined` where they were. Without a frame:
 * what keeps them from having ended.
 *
 * @internal
 * @param pending - When timers are due that were running after the frame.
 */
export function teardownFault(calls: readonly Lifetime[], frame: number | undefined, pending: readonly number[]): string | undefined {
  const open = calls.filter(({ outcome }) => outcome === 'open');
  if (open.length > 0)
    return `${open.length} of ${calls.length} calls are still open. Whoever is subscribed to a run holds it, expectations too.`;
  if (calls.length === 0) return 'nothing was ever called.';
  if (frame === undefined) return undefined;
  const late = calls.find(({ to }) => to > frame);
  if (late !== undefined) return `nothing was to be under way after ${frame} ms, but a call ended at ${late.to} ms.`;
  if (!calls.some(({ to, outcome }) => to === frame && outcome === 'left'))
    return `something was to be left at ${frame} ms, but nothing was.`;
  return pending.length === 0 ? undefined : `after ${frame} ms, timers are still running, due at ${pending.join(', ')} ms.`;
}
