const HIDDEN = '[redacted]';

/** Shorter ones are words that stand in any text. */
const SHORTEST = 4;

/** Fewer of its characters at the end of a text that was cut are no way to a secret. */
const SHORTEST_BEGINNING = 8;

/** How pages write the characters that would end a text of theirs. */
const ENTITIES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** Hexadecimal digits in either case. */
const inEitherCase = (hex: string): string => hex.replaceAll(/[a-f]/gi, (digit) => `[${digit.toLowerCase()}${digit.toUpperCase()}]`);

const literal = (text: string): string => text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);

const WORD = /^[A-Za-z\d]+$/;

/** How a part of a secret may be written: as it is, and as JSON, addresses and pages escape it, one within another. */
function writingsOf(part: string): string {
  if (WORD.test(part)) return part;
  // Each layer of JSON doubles them.
  if (part.startsWith('\\')) return String.raw`(?:\\+|(?:%5[cC])+)`;
  const code = part.codePointAt(0) ?? 0;
  const units = Array.from({ length: part.length }, (_, index) => inEitherCase(part.charCodeAt(index).toString(16).padStart(4, '0')));
  const bytes = Array.from(new TextEncoder().encode(part), (byte) => inEitherCase(byte.toString(16).padStart(2, '0')));
  const named = ENTITIES[part] === undefined ? '' : `${ENTITIES[part]}|`;
  return `(?:${[
    units.map((unit) => String.raw`\\{1,7}u${unit}`).join(''),
    bytes.map((byte) => `%${byte}`).join(''),
    `&(?:${named}#0{0,3}${code}|#[xX]0{0,3}${inEitherCase(code.toString(16))});`,
    ...(part === ' ' ? [String.raw`\+`] : []),
    // Last, since escapes begin with characters that may be meant.
    String.raw`\\{0,7}${literal(part)}`,
  ].join('|')})`;
}

const partsOf = (secret: string): readonly string[] => secret.match(/[A-Za-z\d]+|\\+|[^]/gu) ?? [];

/** Nothing escapes letters and digits. Nearly every text is told by them, and a pattern takes its time to be made. */
const mayHold = (text: string, parts: readonly string[]): boolean => parts.every((part) => !WORD.test(part) || text.includes(part));

function hideWhole(text: string, secret: string): string {
  const parts = partsOf(secret);
  return mayHold(text, parts) ? text.replace(new RegExp(parts.map(writingsOf).join(''), 'gu'), HIDDEN) : text;
}

/** What closes a text in which another was quoted. */
const CLOSING = /[\s"'\\}\].…]/;

/** Where a text ends but for what closes it; by hand, since a pattern would look at every space of it. */
function endOf(text: string): number {
  let end = text.length;
  while (end > 0 && CLOSING.test(text.charAt(end - 1))) end -= 1;
  return end;
}

/** Takes away the beginning of a secret where a text was cut within it. */
function hideBeginning(text: string, secret: string): string {
  const end = endOf(text);
  const said = text.slice(0, end);
  for (const written of new Set([secret, JSON.stringify(secret).slice(1, -1)])) {
    for (let length = Math.min(written.length - 1, said.length); length >= SHORTEST_BEGINNING; length -= 1) {
      if (said.endsWith(written.slice(0, length))) return said.slice(0, -length) + HIDDEN + text.slice(end);
    }
  }
  return text;
}

/**
 * Takes each of `secrets` out of a text, however it is escaped there, and the beginning of one that the text breaks off
 * in. Those of less than 4 characters stay.
 *
 * @internal
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  // The longest first: one that begins with another would leave its end behind.
  const longestFirst = [...new Set(secrets)]
    .filter((secret) => typeof secret === 'string' && secret.length >= SHORTEST)
    .sort((one, other) => other.length - one.length);
  return longestFirst.reduce(hideBeginning, longestFirst.reduce(hideWhole, text));
}
