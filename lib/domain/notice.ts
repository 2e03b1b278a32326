/** Something said to an agent in the middle of its task. */
export interface Notice {
  /** `input`: by a user; `nudge`: by a stop policy. */
  readonly from: 'input' | 'nudge';
  readonly message: string;
  /** The step in which it took effect, from 1; 0 before the first. */
  readonly step: number;
  /** The name of the stop policy whose nudge it is. */
  readonly policy?: string;
}
