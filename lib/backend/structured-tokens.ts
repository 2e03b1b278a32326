import { createPairKeeper } from '../internal/well-formed.js';

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
  readonly sayField: (field: string, text: string) => void;
  readonly sayReasoning: (text: string) => void;
  /** What was said of one field is void. */
  readonly voidField: (field: string) => void;
  /** What was said of all fields is void. */
  readonly voidFields: () => void;
  /** Everything is void, the reasoning too: the answer begins anew. */
  readonly restart: () => void;
  /** The answer is whole: nothing void is left standing. */
  readonly settle: () => void;
  readonly attempt: () => number;
  /** What was last said. */
  readonly heard: () => Heard | undefined;
}

const REASONING = 'reasoning';

/** An answer that takes back more than this goes on unsaid until it is whole, so that its cost stays linear. */
const MOST_RENEWALS = 10;

/**
 * Makes the tokens of one answer. Since a higher attempt replaces everything before it, what still holds of the answer
 * is said again under the new one.
 *
 * @internal
 */
export const createStructuredTokens = (config: StructuredTokensConfig, emit: (token: StructuredToken) => void): StructuredTokens => {
  const { channels } = config;
  let { attempt, heard } = config;
  let fields = new Map<string, string[]>();
  let reasoning = '';
  let pairs = createPairKeeper();
  /** A field whose tokens are void and not yet replaced. */
  let voided: string | undefined;
  let renewals = 0;

  const send = (channel: string, token: string): void => {
    heard = { channel, attempt };
    emit({ type: 'token', token, channel, attempt });
  };

  const renew = (): void => {
    voided = undefined;
    renewals += 1;
    attempt += 1;
    if (reasoning !== '') send(REASONING, reasoning);
    for (const [field, texts] of fields) send(field, texts.join(''));
  };

  const say = (channel: string, text: string): void => {
    if (voided === undefined) send(channel, text);
    else if (renewals < MOST_RENEWALS) renew();
  };

  const reason = (text: string): void => {
    if (text === '') return;
    reasoning += text;
    say(REASONING, text);
  };

  return {
    sayField: (field, text) => {
      if (channels !== undefined && !channels.includes(field)) return;
      const said = fields.get(field);
      if (said === undefined) fields.set(field, [text]);
      else said.push(text);
      say(field, text);
    },
    sayReasoning: (text) => {
      reason(pairs.take(text));
    },
    voidField: (field) => {
      if (fields.delete(field)) voided = field;
    },
    voidFields: () => {
      voided = [...fields.keys()].at(-1) ?? voided;
      fields = new Map();
    },
    restart: () => {
      attempt += 1;
      fields = new Map();
      reasoning = '';
      pairs = createPairKeeper();
      voided = undefined;
    },
    settle: () => {
      reason(pairs.rest());
      if (voided !== undefined) renew();
      // An empty token of the new attempt is all that can take back what was said.
      if (heard !== undefined && heard.attempt < attempt) send(heard.channel, '');
    },
    attempt: () => attempt,
    heard: () => heard,
  };
};
