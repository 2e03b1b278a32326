import type { StreamEvent } from '../../domain/stream-event.js';
import { ContractError } from '../../errors/contract-error.js';
import { createGrid, drawRows } from './timeline-grid.js';
import { tellRun } from './timeline-teller.js';

/** Configuration of {@link renderTimeline}. */
export interface TimelineConfig {
  /** The longest line, in code points: a whole number from 40. Defaults to 100. */
  readonly width?: number | undefined;
}

/** In less, the lanes would be narrower than most words. */
const NARROWEST = 40;

/**
 * Draws a run as text: time runs down, and the thoughts, the tools, the evaluation and Φ have a lane each, so that one
 * sees at a glance what happened when, and what happened side by side.
 *
 * ```text
 * ▶ find the door (at most 20 steps, early stop at Φ 9)
 *  ms │ thoughts                    │ tools                       │ evaluation            │ Φ
 * ────┼─────────────────────────────┼─────────────────────────────┼───────────────────────┼───────────
 *   0 ╞═ step 1 ════════════════════╪═════════════════════════════╪═══════════════════════╪═══════════
 *  10 │ I look                      │                             │                       │
 *  15 │ around.                     │                             │                       │
 *  20 │ ⇒ search(text: "door")      │ ┬ search(text: "door")      │                       │
 *  50 │                             │ ✓ search 30 ms: "door.ts"   │                       │
 *  90 │                             │                             │ It is there.          │ ██████░░░░
 *     │                             │                             │                       │ 6 +6
 *     │                             │                             │                       │ 90% sure
 * ────┴─────────────────────────────┴─────────────────────────────┴───────────────────────┴───────────
 * ⋯ not ended after 90 ms
 * ```
 *
 * - Times are in milliseconds from the first event. What happens at one time stands side by side, each lane from its
 *   top; a row without a time belongs to the time above it.
 * - Thoughts: the tokens of one channel and time as one text, `~` before reasoning, `⇒` the action, `↗` what it
 *   expects, `(12→5 tokens)` what it cost, `✗ attempt 1` and why where that attempt is void, `↻ attempt 2` where what
 *   follows replaces what its source said before in the step. Thought and evidence that were not streamed stand where they are told as a whole. A source other than `actor`
 *   and `purpose` stands here by its name.
 * - Tools: each call on a rail of its own from `┬` over `•` to `✓` or `✗`, or `┴` where the run ended before it; `✗
 *   environment` an error, `◆` types that the environment reports of its own, `=` the state after a step: its summary,
 *   or its data where no tool told of it.
 * - Evaluation: the same of the purpose function. Φ: a bar, the number with its change, and the confidence.
 *
 * Long texts are wrapped and nothing of them is lost but white space; of a JSON value everything beyond 240 UTF-16
 * units is (`…`), and states that tools told of. Ids are not shown. Control characters are shown as signs, code points
 * are not cut in half, and wide ones count as one.
 *
 * Pure, and the same for the same events on every machine, so that it can be kept as a golden file: lines have no
 * blanks at their end, and the last one no line break. It throws at no order of events, since it is for looking at
 * broken runs as well; of no events it makes `''`. It costs as much as the run is long.
 *
 * ```ts
 * run.pipe(toArray()).subscribe((events) => console.log(renderTimeline(events)));
 * ```
 *
 * @throws `ContractError` where `width` is no whole number from 40.
 */
export function renderTimeline(events: Iterable<StreamEvent>, { width = 100 }: TimelineConfig = {}): string {
  if (!Number.isSafeInteger(width) || width < NARROWEST)
    throw new ContractError(`The width of a timeline is to be a whole number from ${NARROWEST}, and is ${String(width)}.`);
  const all = [...events];
  const [first] = all;
  if (first === undefined) return '';
  const grid = createGrid(
    width,
    all.map(({ timestamp }) => timestamp - first.timestamp),
  );
  const [, tools, , phiWidth] = grid.lanes;
  const rows = tellRun(all, { phiWidth, mostRails: Math.max(Math.floor(tools / 3), 1) });
  return drawRows(rows, grid).join('\n');
}
