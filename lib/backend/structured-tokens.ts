import { createGrowingText, type GrowingText } from '../internal/growing-text.js';
import { createPairKeeper, type PairKeeper } from '../internal/well-formed.js';

/** A piece of a top-level text field of an answer, or of the model's reasoning. */
export interface StructuredToken {
  readonly type: 'token';
  readonly token: string;
  /** The name of the field, or `reasoning`. */
  readonly channel: string;
  /** From 1. A higher attempt replaces everything that was said before. */
  readonly attempt: number;
}

/** The last token that was said, of this answer or of one before it. */
export type Heard = Pick<StructuredToken, 'channel' | 'attempt'>;

/** Configuration of {@link createStructuredTokens}. */
export interface StructuredTokensConfig {
  /** The attempt that the answer begins with. */
  readonly attempt: number;
  /** What was last said of the answers before this one, if anything was: it is void. */
  readonly heard?: Heard | undefined;
  /** The fields that are said; the others count for nothing. Defaults to all. */
  readonly channels?: readonly string[] | undefined;
}

/** Says an answer's texts, and says them anew where a part of them turns out void. */
export interface StructuredTokens {
  sayField(field: string, text: string): void;
  sayReasoning(text: string): void;
  /** What was said of one field is void. */
  voidField(field: string): void;
  /** What was said of all fields is void. */
  voidFields(): void;
  /** Everything is void, the reasoning too: the answer begins anew; why, in words. */
  restart(reason: string): void;
  /** The answer is whole: nothing void is left standing. */
  settle(): void;
  attempt(): number;
  /** What was last said. */
  heard(): Heard | undefined;
}

/** Hears that an attempt is void, and why: the one above it follows. */
export type AttemptListener = (dropped: number, reason: string) => void;

const REASONING = 'reasoning';

/** Why an answer is said anew that goes on. */
const TAKEN_BACK = 'a part of the answer was taken back: what still holds of it is said again';

/** An answer that takes back more than this goes on unsaid until it is whole, so that its cost stays linear. */
const MOST_RENEWALS = 10;

class RenewedTokens implements StructuredTokens {
  readonly #emit: (token: StructuredToken) => void;
  readonly #onDropped: AttemptListener | undefined;
  readonly #channels: readonly string[] | undefined;
  #attempt: number;
  #heard: Heard | undefined;
  /** What was said and holds, made when there is something; most answers say one field, and no reasoning. */
  #fields: Map<string, GrowingText> | undefined;
  #reasoning: GrowingText | undefined;
  #pairs: PairKeeper | undefined;
  /** A field whose tokens are void and not yet replaced. */
  #voided: string | undefined;
  #renewals = 0;

  constructor(
    { channels, attempt, heard }: StructuredTokensConfig,
    emit: (token: StructuredToken) => void,
    onDropped: AttemptListener | undefined,
  ) {
    this.#channels = channels;
    this.#attempt = attempt;
    this.#heard = heard;
    this.#emit = emit;
    this.#onDropped = onDropped;
  }

  sayField(field: string, text: string): void {
    if (this.#channels !== undefined && !this.#channels.includes(field)) return;
    this.#fields ??= new Map();
    let said = this.#fields.get(field);
    if (said === undefined) {
      said = createGrowingText();
      this.#fields.set(field, said);
    }
    said.add(text);
    this.#say(field, text);
  }

  sayReasoning(text: string): void {
    this.#pairs ??= createPairKeeper();
    this.#reason(this.#pairs.take(text));
  }

  voidField(field: string): void {
    if (this.#fields?.delete(field) === true) this.#voided = field;
  }

  voidFields(): void {
    if (this.#fields === undefined) return;
    this.#voided = [...this.#fields.keys()].at(-1) ?? this.#voided;
    this.#fields = undefined;
  }

  restart(reason: string): void {
    this.#drop(reason);
    this.#fields = undefined;
    this.#reasoning = undefined;
    this.#pairs = undefined;
    this.#voided = undefined;
  }

  settle(): void {
    this.#reason(this.#pairs?.rest() ?? '');
    if (this.#voided !== undefined) this.#renew();
    // An empty token of the new attempt is all that can take back what was said.
    if (this.#heard !== undefined && this.#heard.attempt < this.#attempt) this.#send(this.#heard.channel, '');
  }

  attempt(): number {
    return this.#attempt;
  }

  heard(): Heard | undefined {
    return this.#heard;
  }

  #reason(text: string): void {
    if (text === '') return;
    this.#reasoning ??= createGrowingText();
    this.#reasoning.add(text);
    this.#say(REASONING, text);
  }

  #say(channel: string, text: string): void {
    if (this.#voided === undefined) this.#send(channel, text);
    else if (this.#renewals < MOST_RENEWALS) this.#renew();
  }

  #renew(): void {
    this.#voided = undefined;
    this.#renewals += 1;
    this.#drop(TAKEN_BACK);
    if (this.#reasoning !== undefined) this.#send(REASONING, this.#reasoning.whole());
    for (const [field, said] of this.#fields ?? []) this.#send(field, said.whole());
  }

  #drop(reason: string): void {
    const dropped = this.#attempt;
    this.#attempt += 1;
    this.#onDropped?.(dropped, reason);
  }

  #send(channel: string, token: string): void {
    const attempt = this.#attempt;
    if (this.#heard?.attempt !== attempt || this.#heard.channel !== channel) this.#heard = { channel, attempt };
    this.#emit({ type: 'token', token, channel, attempt });
  }
}

/**
 * Makes the tokens of one answer. Since a higher attempt replaces everything before it, what still holds of the answer
 * is said again under the new one.
 *
 * @param onDropped - Told of each attempt that is void before the one above it says anything.
 * @internal
 */
export const createStructuredTokens = (
  config: StructuredTokensConfig,
  emit: (token: StructuredToken) => void,
  onDropped?: AttemptListener,
): StructuredTokens => new RenewedTokens(config, emit, onDropped);
