/**
 * Makes a value when it is first asked for, and keeps it. What throws is tried again.
 *
 * @internal
 */
export function once<Value>(make: () => Value): () => Value {
  let kept: { readonly value: Value } | undefined;
  return () => (kept ??= { value: make() }).value;
}
