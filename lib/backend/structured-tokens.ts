/** A piece of a top-level text field of an answer, or of the model's reasoning. */
export interface StructuredToken {
  readonly type: 'token';
  readonly token: string;
  /** The name of the field, or `reasoning`. */
  readonly channel: string;
  /** From 1. A higher attempt replaces everything that was said before. */
  readonly attempt: number;
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
export const createStructuredTokens = (firstAttempt: number, emit: (token: StructuredToken) => void): StructuredTokens => {
  let attempt = firstAttempt;
  let fields = new Map<string, string[]>();
  let reasoning = '';
  /** A field whose tokens are void and not yet replaced. */
  let voided: string | undefined;
  let renewals = 0;

  const send = (channel: string, token: string): void => {
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

  return {
    sayField: (field, text) => {
      const said = fields.get(field);
      if (said === undefined) fields.set(field, [text]);
      else said.push(text);
      say(field, text);
    },
    sayReasoning: (text) => {
      reasoning += text;
      say(REASONING, text);
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
      voided = undefined;
    },
    settle: () => {
      if (voided === undefined) return;
      const isNothingLeft = fields.size === 0 && reasoning === '';
      // An empty token of the new attempt is all that can take back what was said.
      if (isNothingLeft) fields.set(voided, ['']);
      renew();
    },
    attempt: () => attempt,
  };
};
