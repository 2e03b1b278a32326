/** One character of a marble diagram and what it stands for. */
export interface Mark {
  /** In milliseconds of virtual time. */
  readonly frame: number;
  /** A letter, `|` for the end, `#` for an error, `^` and `!` for a beginning and a leaving. */
  readonly letter: string;
  /** What the letter stands for, or the error. */
  readonly value?: unknown;
}
