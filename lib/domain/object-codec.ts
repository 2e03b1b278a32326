import * as t from 'io-ts';

/**
 * A named codec of a readonly object: all of `required`, any of `optional`, and nothing else (other properties are
 * dropped when decoding).
 */
export function objectCodec<R extends t.Props>(name: string, required: R): t.Type<Readonly<t.TypeOfProps<R>>>;
export function objectCodec<R extends t.Props, O extends t.Props>(
  name: string,
  required: R,
  optional: O,
): t.Type<Readonly<t.TypeOfProps<R> & t.TypeOfPartialProps<O>>>;
/* @__NO_SIDE_EFFECTS__ */
export function objectCodec(name: string, required: t.Props, optional?: t.Props): t.Mixed {
  return optional === undefined
    ? t.exact(t.type(required, name), name)
    : t.exact(t.intersection([t.type(required), t.partial(optional)], name), name);
}
