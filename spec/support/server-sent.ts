/** The wire of a streaming server, event by event. */
export const sent = (payload: unknown): string => `data: ${JSON.stringify(payload)}\n\n`;
/** A chunk whose first choice has this delta. */
export const delta = (fields: object, choice: object = {}): string => sent({ choices: [{ index: 0, delta: fields, ...choice }] });
/** A chunk of text. */
export const says = (content: string): string => delta({ content });
/** A chunk with one entry of `tool_calls`. */
export const calls = (...pieces: readonly object[]): string => delta({ tool_calls: pieces });
/** The chunk that says why the answer ended. */
export const finishes = (reason: string): string => delta({}, { finish_reason: reason });
/** The chunk that says what it cost. */
export const costs = (input: number, output: number): string =>
  sent({ choices: [], usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } });
/** The event after the last one. */
export const DONE = 'data: [DONE]\n\n';
