/** How the reading of a silent answer is given up. */
export const cancelWays = ['unsubscribe', 'break', 'abort'] as const;
export type CancelWay = (typeof cancelWays)[number];

/**
 * Something that is measured, in a process of its own. `baseURL` is that of a chat-completions server, as clients take
 * it; its path says what is served (see `server.ts`). What a subject cannot do it leaves out.
 */
export interface Subject {
  /** Reads one streamed answer to its end, and gives the number of characters of text that its consumers heard, summed over them. */
  readonly readText?: (baseURL: string, consumers: number) => Promise<number>;
  /** Runs a whole agent on one answer, and gives what `readText` does. Who takes actions as JSON is served one. */
  readonly runAgent?: (baseURL: string, consumers: number) => Promise<number>;
  /** Runs an agent or a loop whose model calls the tool `look` until it says that it is done, and gives how often the tool ran. */
  readonly loopTools?: (baseURL: string, steps: number) => Promise<number>;
  /** Reads an answer that falls silent after its first tokens, gives it up, and gives the time of that: `process.hrtime()` in nanoseconds. */
  readonly cancel?: Partial<Readonly<Record<CancelWay, (baseURL: string) => Promise<bigint>>>>;
  /** Reads one paced answer; `onText` gets each piece of text at the moment it comes. */
  readonly readPaced?: (baseURL: string, onText: (text: string) => void) => Promise<void>;
  /** Runs an agent that needs no server, and gives the number of its events. */
  readonly takeSteps?: (steps: number, tokens: number) => Promise<number>;
  /** Starts so many agents that wait in the middle of a thought: how many do, and what lets go of them. */
  readonly holdRuns?: (count: number) => Promise<{ readonly waiting: () => number; readonly letGo: () => void }>;
}
