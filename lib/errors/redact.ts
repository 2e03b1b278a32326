const HIDDEN = '[redacted]';

/** What a credential looks like wherever it turns up in a text: the part before it is kept, so the text stays readable. */
const CREDENTIALS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(bearer)\s+[\w\-.~+/]{8,}=*/gi, `$1 ${HIDDEN}`],
  // Words follow "basic" more often than credentials do; base64 has capitals, digits or signs.
  [/\b([Bb]asic|BASIC)\s+(?=[a-z]*[A-Z\d+/=])[\w+/-]{8,}=*/g, `$1 ${HIDDEN}`],
  [/\b(?:sk|pk|rk|gsk|xai|hf|gh[opsur]|github_pat|glpat|xox[abprs])[-_][\w*-]{8,}/g, HIDDEN],
  [/\bAIza[\w-]{16,}/g, HIDDEN],
  [/\b(?:AKIA|ASIA)[A-Z\d]{12,}/g, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, HIDDEN],
  [/\b((?:set-)?cookie)(["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"'][^\r\n"']{3,}/gi, `$1$2${HIDDEN}`],
  [
    /(?<![a-z\d])(api[-_ ]?key(?: provided)?|authorization|(?:access|refresh|auth|id)[-_]?token|secret|password)(["']?\s*[:=]\s*["']?)(?!\[redacted\]|bearer|basic)[^\s"',;&}]{4,}/gi,
    `$1$2${HIDDEN}`,
  ],
  [/([?&](?:key|token|sig|signature|auth)=)(?!\[redacted\])[^&\s#"']{4,}/gi, `$1${HIDDEN}`],
  [/(:\/\/)[^/\s@?#]+@/g, `$1${HIDDEN}@`],
];

/**
 * Takes credentials out of a text: whatever looks like one, and each of `secrets` literally.
 *
 * @internal
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  // The longest first: one that begins with another would leave its end behind.
  const longestFirst = secrets.filter((secret) => secret.length > 3).sort((one, other) => other.length - one.length);
  const known = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  return CREDENTIALS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), known);
}

/** How many causes of causes are kept; a longer chain is a loop or nobody reads it. */
const DEEPEST_CAUSE = 5;

/**
 * Copies a foreign error down to its name, message, code, stack and cause, all redacted: clients hang whole requests
 * and responses, headers included, on the errors they throw.
 *
 * @internal
 */
export function redactCause(cause: unknown, secrets: readonly string[], depth = 0): unknown {
  if (!(cause instanceof Error)) return typeof cause === 'string' ? redact(cause, secrets) : undefined;
  // Foreign errors put what they like there.
  const message: unknown = cause.message;
  const copy: Error & { code?: string; errors?: readonly unknown[] } = new Error(redact(String(message), secrets));
  copy.name = cause.name;
  copy.stack = redact(cause.stack ?? copy.message, secrets);
  if ('code' in cause && typeof cause.code === 'string') copy.code = cause.code;
  if (depth >= DEEPEST_CAUSE) return copy;
  if (cause.cause !== undefined) copy.cause = redactCause(cause.cause, secrets, depth + 1);
  if (cause instanceof AggregateError) copy.errors = cause.errors.map((error: unknown) => redactCause(error, secrets, depth + 1));
  return copy;
}
