import * as t from 'io-ts';

/** Codec of one of some texts. */
export const keyOf = <Key extends string>(name: string, keys: readonly Key[]): t.KeyofC<{ readonly [K in Key]: null }> =>
  // Each key is given its null here, which `fromEntries` does not know of the keys.
  t.keyof(Object.fromEntries(keys.map((key) => [key, null])) as { readonly [K in Key]: null }, name);
