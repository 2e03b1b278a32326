/** What the letters of a diagram stand for. */
export interface Alphabet<T> {
  /** What keeps a value from being what the letter stands for, as a sentence or empty; `undefined` where it is. */
  differ(letter: string, value: T): string | undefined;
  /** The letter that a value is drawn with, where none that was expected fits. */
  letterOf(value: T): string;
  /** A word on what a value is, for the legend. */
  explain(value: T): string;
  /** A word on what a letter stands for. */
  define(letter: string): string;
  /**
   * Reads a letter of the diagram that is expected, before anything is drawn.
   *
   * @throws `ScriptError` where it stands for nothing.
   */
  read(letter: string): void;
}
