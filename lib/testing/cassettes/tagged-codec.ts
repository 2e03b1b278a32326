import * as t from 'io-ts';
import { isLeft } from 'fp-ts/lib/Either.js';

/** Lets `codec` do the work. The context then names it, so that a report can tell its members from properties. */
const delegate = (codec: t.Mixed, value: unknown, context: t.Context): t.Validation<unknown> =>
  codec.validate(value, [...context.slice(0, -1), { key: context.at(-1)?.key ?? '', type: codec, actual: value }]);

/**
 * A codec of objects that are told apart by one property, whose faults are those of the one kind that is meant and not
 * those of all kinds, as with `t.union`.
 *
 * @internal
 */
export function taggedCodec<Codecs extends Readonly<Record<string, t.Mixed>>>(
  name: string,
  tag: string,
  codecs: Codecs,
): t.Type<t.TypeOf<Codecs[keyof Codecs]>> {
  type Tagged = t.TypeOf<Codecs[keyof Codecs]>;
  const known = new Map<unknown, t.Mixed>(Object.entries(codecs));
  const tagOf = (value: unknown): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, tag) : undefined);
  const kinds = Object.keys(codecs)
    .map((kind) => `"${kind}"`)
    .join(', ');
  return new t.Type<Tagged>(
    name,
    (value): value is Tagged => known.get(tagOf(value))?.is(value) === true,
    (value, context) => {
      if (typeof value !== 'object' || value === null) return t.failure(value, context);
      const kind = tagOf(value);
      const codec = known.get(kind);
      if (codec !== undefined) return delegate(codec, value, context);
      const place = [...context, { key: tag, type: t.string, actual: kind }];
      return t.failure(kind, place, `expected one of ${kinds}, got ${JSON.stringify(kind) ?? 'nothing'}`);
    },
    t.identity,
  );
}

/**
 * A codec that checks as `codec` does and drops nothing: what it does not know is kept as it is.
 *
 * @internal
 */
export const keepingCodec = <A>(codec: t.Mixed): t.Type<A> =>
  new t.Type<A>(
    codec.name,
    (value): value is A => codec.is(value),
    (value, context) => {
      const validated = delegate(codec, value, context);
      return isLeft(validated) ? validated : t.success(value as A);
    },
    t.identity,
  );
