/** The first `length` UTF-16 code units of a text; one less where that would cut a surrogate pair in half. */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** The text, cut like {@link truncate} and with `…` for the rest where it is longer than `length` UTF-16 code units. */
export const shorten = (text: string, length: number): string => (text.length <= length ? text : `${truncate(text, length)}…`);
