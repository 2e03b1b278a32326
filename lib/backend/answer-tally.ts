import type { MeterEntry, RequestOutcome } from '../domain/meter.js';
import type { Usage } from '../domain/usage.js';
import type { LLMChunk } from './backend.js';
import { estimateTokens } from './estimate-tokens.js';

/** Whoever reports nonsense reports nothing. */
const sound = (tokens: number): number => (Number.isFinite(tokens) && tokens > 0 ? tokens : 0);

/**
 * Counts one answer as it is heard. Output is estimated by the length of the text until the backend reports a usage; of
 * several reports the larger numbers count, and never the sum.
 *
 * @internal
 */
export class AnswerTally {
  readonly #entry: MeterEntry;
  readonly #inputTokens: number;
  #hasBegun = false;
  #hasEnded = false;
  #isHeard = false;
  #characters = 0;
  #estimated = 0;
  #reported: Usage | undefined;
  /** Text came after the last report, which therefore does not tell all. */
  #isOutdated = false;
  /** What the attempts before this one cost, where the backend began anew by itself. */
  #inputBefore = 0;
  #outputBefore = 0;
  #isBeforeEstimated = false;

  constructor(entry: MeterEntry, inputTokens: number) {
    this.#entry = entry;
    this.#inputTokens = inputTokens;
  }

  /** The request is made now. */
  begin(): void {
    this.#hasBegun = true;
  }

  /** Takes a chunk; `false`: there are no means for more. */
  hear(chunk: LLMChunk): boolean {
    switch (chunk.type) {
      case 'text':
      case 'reasoning':
        return this.#add(chunk.text.length);
      case 'tool_call':
        // Whole calls come when the answer has ended: to let it go would save nothing, and who reports has them counted.
        if (this.#reported === undefined) this.#add(chunk.name.length + JSON.stringify(chunk.params).length);
        return true;
      case 'usage':
        this.#report(chunk.usage);
        return true;
      case 'restart':
        this.#restart();
        return true;
      default:
        this.#isHeard = true;
        return true;
    }
  }

  /** What follows the first time changes nothing. */
  end(outcome: RequestOutcome): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    // A request that was refused costs nothing.
    if (!this.#hasBegun || (outcome === 'failed' && !this.#isHeard)) this.#entry.count(0, 0, 'estimated');
    this.#entry.end(outcome);
  }

  #add(characters: number): boolean {
    this.#isHeard = true;
    this.#characters += characters;
    const estimated = estimateTokens(this.#characters);
    if (estimated === this.#estimated) return true;
    this.#estimated = estimated;
    this.#isOutdated = this.#reported !== undefined;
    return this.#tell();
  }

  #report({ inputTokens, outputTokens }: Usage): void {
    this.#isHeard = true;
    const before = this.#reported;
    this.#reported = {
      inputTokens: Math.max(before?.inputTokens ?? 0, sound(inputTokens)),
      outputTokens: Math.max(before?.outputTokens ?? 0, sound(outputTokens)),
    };
    this.#isOutdated = false;
    this.#tell();
  }

  #restart(): void {
    this.#inputBefore += this.#input;
    this.#outputBefore += this.#output;
    this.#isBeforeEstimated ||= this.#isEstimated;
    this.#characters = 0;
    this.#estimated = 0;
    this.#reported = undefined;
    this.#isOutdated = false;
    this.#tell();
  }

  get #input(): number {
    return this.#reported?.inputTokens ?? this.#inputTokens;
  }

  get #output(): number {
    if (this.#reported === undefined) return this.#estimated;
    return this.#isOutdated ? Math.max(this.#reported.outputTokens, this.#estimated) : this.#reported.outputTokens;
  }

  get #isEstimated(): boolean {
    return this.#reported === undefined || this.#isOutdated;
  }

  #tell(): boolean {
    const basis = this.#isEstimated || this.#isBeforeEstimated ? 'estimated' : 'reported';
    return this.#entry.count(this.#inputBefore + this.#input, this.#outputBefore + this.#output, basis);
  }
}
