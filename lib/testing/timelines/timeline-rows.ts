import type { Prefix } from './timeline-rails.js';

/** The lanes beside the time, from left to right. */
export const LANES = ['thoughts', 'tools', 'evaluation', 'phi'] as const;

/** A column of a timeline. */
export type Lane = (typeof LANES)[number];

/** A text in a lane. */
export interface Entry extends Prefix {
  readonly text: string;
  /** Whose voice it is: neighbours of one voice are one text. */
  readonly voice?: string | undefined;
}

/** What is drawn of a run, from top to bottom. */
export type Row =
  /** What happened at one time, each lane by itself. */
  | {
      readonly kind: 'moment';
      readonly time: number;
      readonly lanes: Readonly<Record<Lane, readonly Entry[]>>;
      /** What is drawn in the lane of the tools below its entries. */
      readonly rails: string;
    }
  /** A line across all lanes; a heavy one divides. */
  | { readonly kind: 'rule'; readonly time: number; readonly text: string; readonly isHeavy?: boolean }
  /** Text above or below the lanes. */
  | { readonly kind: 'text'; readonly text: string }
  /** Where the lanes begin, and where they end. */
  | { readonly kind: 'head' | 'foot' };

/** Gathers rows in their order. */
export interface Rows {
  /** What follows happens at this time. */
  readonly at: (time: number) => void;
  readonly write: (lane: Lane, entry: Entry) => void;
  readonly push: (row: Row) => void;
  readonly all: () => readonly Row[];
}

const emptyLanes = (): Record<Lane, Entry[]> => ({ thoughts: [], tools: [], evaluation: [], phi: [] });

/**
 * Gathers what is told into rows: what comes at one time stands side by side, until something goes across.
 *
 * @param rails - What the lane of the tools shows where nothing is told.
 * @internal
 */
export const createRows = (rails: () => string): Rows => {
  const rows: Row[] = [];
  let time = 0;
  let lanes: Record<Lane, Entry[]> | undefined;
  const close = (): void => {
    if (lanes !== undefined) rows.push({ kind: 'moment', time, lanes, rails: rails() });
    lanes = undefined;
  };
  return {
    at: (now) => {
      if (now !== time) close();
      time = now;
    },
    write: (lane, entry) => {
      lanes ??= emptyLanes();
      const entries = lanes[lane];
      const last = entries.at(-1);
      if (last?.voice !== undefined && last.voice === entry.voice) entries[entries.length - 1] = { ...last, text: last.text + entry.text };
      else entries.push(entry);
    },
    push: (row) => {
      close();
      rows.push(row);
    },
    all: () => {
      close();
      return rows;
    },
  };
};
