import type { Either } from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { isLeft, left } from './either.js';
import { shorten } from './text.js';

/** What {@link decode} needs of a codec: its name and its validation. Every io-ts codec has them. */
export type Decoder<A> = t.Decoder<unknown, A>;

/** Longest excerpt of a wrong value in a message, in UTF-16 code units. */
const EXCERPT = 60;

const excerpt = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  let text: string;
  try {
    text = JSON.stringify(value) ?? typeof value;
  } catch {
    text = typeof value;
  }
  return shorten(text, EXCERPT);
};

type AnyDecoder = t.Decoder<never, unknown> | undefined;

const property = (type: AnyDecoder, key: string): unknown => (type === undefined ? undefined : Reflect.get(type, key));

/** Wrappers validate in place of what they wrap, so an entry of a context may name the wrapper. */
const isWrapper = (type: AnyDecoder): boolean =>
  ['ReadonlyType', 'ExactType', 'RefinementType', 'RecursiveType'].includes(String(property(type, '_tag')));

const unwrappedTag = (type: AnyDecoder): unknown =>
  isWrapper(type) ? unwrappedTag(property(type, 'type') as AnyDecoder) : property(type, '_tag');

/** The path of an error without the segments that io-ts adds for the members of an intersection or a union. */
const pathOf = (context: t.Context): string =>
  context
    .filter((entry, index) => {
      const parent = unwrappedTag(context[index - 1]?.type);
      return index > 0 && entry.key !== '' && parent !== 'IntersectionType' && parent !== 'UnionType';
    })
    .map((entry) => `/${entry.key}`)
    .join('');

const reportOne = ({ context, value, message }: t.ValidationError): string => {
  const path = pathOf(context) || '/';
  if (message !== undefined) return `${path}: ${message}`;
  return `${path}: expected ${context.at(-1)?.type.name ?? 'another value'}, got ${excerpt(value)}`;
};

/** Decoding errors as sentences, one a fault: `/params/path: expected string, got 5`. */
export const report = (errors: t.Errors): readonly string[] => [...new Set(errors.map(reportOne))];

/** Decodes a value from outside; `Left` has one readable sentence a fault. Never throws. */
export function decode<A>(decoder: Decoder<A>, value: unknown): Either<readonly string[], A> {
  const decoded = decoder.validate(value, [{ key: '', type: decoder, actual: value }]);
  return isLeft(decoded) ? left(report(decoded.left)) : decoded;
}

/** What is wrong with a value that a codec does not take. */
export function faultsOf(decoder: Decoder<unknown>, value: unknown): readonly string[] {
  const decoded = decode(decoder, value);
  return isLeft(decoded) ? decoded.left : [];
}
