import { hideSecrets } from './hide-secrets.js';

const HIDDEN = '[redacted]';

/** What may stand between the name of a credential and its value: `: `, `=`, `": "`, `' => '`, also quoted once more within a text. */
const SEPARATOR = String.raw`\\{0,7}["'\x60]?[ \t]*(?::|=>|=(?!>))[ \t]*`;

/** A value in quotes, to its own closing quote or the end of the line; an escaped quote does not close it. */
const QUOTED = String.raw`(\\{0,7}["'\x60])(?!\2)[^\r\n]+?(?=(?<!\\)\2|[\r\n]|$)`;

/** A value that is not in quotes, and is one. */
const UNQUOTED = String.raw`(?!\\{0,7}["'\x60]|(?:null|undefined)[\s,}\])])`;

/** Headers whose value is secret whatever it looks like: schemes differ, and short keys are keys. */
const HEADERS = 'authorization|cookie|x-(?:goog-)?api-key|x-auth-token|ocp-apim-subscription-key|x-functions-key';

/** A header's value in no quotes, to the end of the line or to a quote that is not one of a parameter (`response="…"`). */
const HEADER_LINE = String.raw`${UNQUOTED}(?!\[redacted\][ \t]*[,}\]]|\[\s{0,9}\]|\{)(?=\S)(?:[^"'=\r\n]+|=\\{0,7}(?:"(?![\s,:;}\])]|$)[^"\r\n]*"?)?)+`;

/** Names of values that are secret in any text. */
const NAMES = [
  'api[-_ ]?key(?: provided)?',
  '(?:private|secret)[-_ ]?(?:access[-_ ]?)?key',
  '(?:account|shared[-_ ]?access|subscription)[-_ ]?key',
  '(?:openai|anthropic|azure|gemini|google|mistral|groq|deepseek|openrouter|cohere)[-_]key',
  '(?<![a-z\\d])(?:access|refresh|auth|id)[-_]?token',
  'secret',
  'password',
  'passwd',
  '(?<![a-z])pwd',
  'passphrase',
].join('|');

/** The values of what is called `names`, the name and the separator captured. */
const valueOf = (names: string, value: string): RegExp => new RegExp(`((?:${names})${SEPARATOR})${value}`, 'gi');

/** Where a key may begin: at no letter or digit, but for those of an escape (`\n` in JSON, `%3D` in an address). */
const START = String.raw`(?:(?<![A-Za-z\d])|(?<=\\[nrt]|%[\dA-Fa-f]{2}))`;

/** What the keys of services begin with. */
const PREFIXES = 'sk|pk|rk|gsk|csk|xai|hf|r8|nvapi|pplx|gh[opsur]|github_pat|glpat|xox[abprs]|xapp|whsec|ntn|tvly|lsv2|pypi|GOCSPX';

/**
 * What a credential looks like wherever it turns up in a text: the part before it is kept, so the text stays readable.
 *
 * Texts of servers are long and may be hostile, so each pattern takes linear time: what can run on without a bound
 * either ends the match, and is never read again, or cannot hold another beginning of the same pattern.
 */
const CREDENTIALS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}-----|$)/g, HIDDEN],
  [valueOf(HEADERS, String.raw`\[\s{0,99}\\{0,7}["'][^\]]*\]?`), `$1${HIDDEN}`],
  [valueOf(HEADERS, QUOTED), `$1$2${HIDDEN}`],
  [valueOf(HEADERS, HEADER_LINE), `$1${HIDDEN}`],
  [valueOf(NAMES, QUOTED), `$1$2${HIDDEN}`],
  [valueOf(NAMES, String.raw`${UNQUOTED}(?:[^\s"',;&}\\]|\\(?!["'\\nrt])){4,}`), `$1${HIDDEN}`],
  // Models, parsers and paging speak of tokens too: a credential has both digits and letters.
  [valueOf('token', String.raw`(\\{0,7}["'\x60]?)(?=[\w\-.~+/=:|]{0,64}\d)(?=[\w\-.~+/=:|]{0,64}[a-z])[\w\-.~+/=:|]{8,}`), `$1$2${HIDDEN}`],
  [/\b(bearer)\s{1,9}[\w\-.~+/]{8,}=*/gi, `$1 ${HIDDEN}`],
  // Words follow "basic" more often than credentials do; base64 has capitals, digits or signs.
  [/\b([Bb]asic|BASIC)\s{1,9}(?=[a-z]*[A-Z\d+/=])[\w+/-]{8,}=*/g, `$1 ${HIDDEN}`],
  // Tools and functions begin like that, too: a key has digits, or is one long word.
  [new RegExp(String.raw`${START}(?:${PREFIXES})[-_](?=[\w*-]{0,64}[\d*]|[A-Za-z]{12}|[\w*-]{24})[\w*-]{8,}`, 'g'), HIDDEN],
  [
    new RegExp(
      String.raw`${START}(?:AIza[\w-]{16,}|(?:AKIA|ASIA)[A-Z\d]{12,}|npm_[A-Za-z\d]{30,}|ya29\.[\w-]{16,}|SG\.[\w-]{16,}(?:\.[\w-]{1,64})?|dapi[a-f\d]{24,})`,
      'g',
    ),
    HIDDEN,
  ],
  // JSON in base64, as a JWT begins. To ask for the dots behind it would read a text of such beginnings over and over.
  [/\beyJ[\w-]{8,}(?:\.{1,2}[\w-]+){0,4}/g, HIDDEN],
  [/([?&](?:x-[a-z]{3,4}-)?(?:key|token|security-token|sig|signature|auth)=)[^&\s#"']{4,}/gi, `$1${HIDDEN}`],
  [/(:\/\/)[^/\s?#"]+@/g, `$1${HIDDEN}@`],
  // A password with slashes in it; digits behind the colon are a port, and a path may hold an @.
  [/(:\/\/)[^/\s@?#:["]{0,128}:(?!\d{1,5}\b)[^\s@"]{1,256}@/g, `$1${HIDDEN}@`],
];

/**
 * What `read` gives; `undefined` where it throws, as the properties of a foreign error may.
 *
 * @internal
 */
export function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * Takes credentials out of a text: whatever looks like one, and each of `secrets`, escaped or not. Never throws: a text of
 * many megabytes that the engine cannot match is hidden whole.
 *
 * @internal
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  const known = secrets.length === 0 ? text : (attempt(() => hideSecrets(text, secrets)) ?? HIDDEN);
  return attempt(() => CREDENTIALS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), known)) ?? HIDDEN;
}

/**
 * Any value as a text, nothing where it cannot be one. Never throws.
 *
 * @internal
 */
export const asText = (value: unknown): string => attempt(() => String(value)) ?? '';

/** What an error may hold; foreign ones put what they like there. */
type ErrorLike = { readonly [key in 'name' | 'message' | 'stack' | 'code' | 'cause' | 'errors']?: unknown };

/** The property if it is a text, and can be read. */
const textIn = (error: ErrorLike, key: keyof ErrorLike): string | undefined => {
  const value = attempt(() => error[key]);
  return typeof value === 'string' ? value : undefined;
};

/**
 * Whether `value` is an error of whatever realm (`instanceof` knows those of its own only), or looks like one: it has
 * a name and a message that are texts. Never throws.
 *
 * @internal
 */
export function isErrorLike(value: unknown): value is ErrorLike {
  if (typeof value !== 'object' || value === null) return false;
  const isError = attempt(() => value instanceof Error || Object.prototype.toString.call(value) === '[object Error]');
  return isError === true || (textIn(value, 'name') !== undefined && textIn(value, 'message') !== undefined);
}

/**
 * The name of an error, redacted; `'Error'` where it has none that is a text. Never throws.
 *
 * @internal
 */
export function errorName(error: unknown): string {
  return (isErrorLike(error) && redact(textIn(error, 'name') ?? '')) || 'Error';
}

/** How many causes of causes are kept; a longer chain is a loop or nobody reads it. */
const DEEPEST_CAUSE = 5;

/**
 * Copies a foreign error down to its name, message, code, stack and cause, all redacted: clients hang whole requests
 * and responses, headers included, on the errors they throw. Never throws: what cannot be read is left out.
 *
 * @internal
 */
export function redactCause(cause: unknown, secrets: readonly string[], depth = 0): unknown {
  if (typeof cause === 'string') return redact(cause, secrets);
  if (!isErrorLike(cause)) return undefined;
  const message = attempt(() => cause.message);
  const said = message === undefined ? '' : asText(message);
  const copy: Error & { code?: string; errors?: readonly unknown[] } = new Error(redact(said, secrets));
  copy.name = redact(errorName(cause), secrets);
  // The message as it is in the copy: one that breaks off within a secret does not end the stack.
  const stack = textIn(cause, 'stack');
  copy.stack = redact(stack?.replace(said, () => copy.message) ?? String(copy), secrets);
  const code = textIn(cause, 'code');
  if (code !== undefined) copy.code = redact(code, secrets);
  if (depth >= DEEPEST_CAUSE) return copy;
  const inner = attempt(() => cause.cause);
  const kept = redactCause(inner, secrets, depth + 1);
  if (kept !== undefined) copy.cause = kept;
  const errors = attempt(() =>
    Array.isArray(cause.errors) ? cause.errors.map((error: unknown) => redactCause(error, secrets, depth + 1)) : [],
  );
  if (errors?.some((error) => error !== undefined)) copy.errors = errors;
  return copy;
}
