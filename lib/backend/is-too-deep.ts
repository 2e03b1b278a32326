import { createNestedSkipper } from '../internal/json-skip.js';

/** How deep JSON of a server may be nested: as deep as JSON of anybody. */
const DEEPEST = 500;

/** What recursion can bear, whatever brackets it is made of. Most events are shorter, and are not looked at. */
const SHORT = 1024;

/**
 * Whether a text is JSON of so many levels that recursion over it might overflow the stack. To be asked before it is
 * parsed: what comes of brackets alone takes many times their memory.
 *
 * @internal
 */
export function isTooDeep(text: string): boolean {
  if (text.length <= SHORT) return false;
  const brackets = createNestedSkipper(DEEPEST);
  brackets.skip(text, 0);
  return brackets.ended() === 'too deep';
}
