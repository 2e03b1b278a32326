import * as t from 'io-ts';

/**
 * A codec of the values that `is` takes, which decodes them to themselves. What is wrong with another is told by
 * `faultOf`; without it, or where that gives `undefined`, by the name.
 */
export const checkedCodec = /* @__NO_SIDE_EFFECTS__ */ <A>(
  name: string,
  is: (value: unknown) => value is A,
  faultOf?: (value: unknown) => string | undefined,
): t.Type<A> =>
  new t.Type<A>(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context, faultOf?.(value))), t.identity);
