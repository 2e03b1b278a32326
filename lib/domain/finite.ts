import type * as t from 'io-ts';
import { checkedCodec } from './checked-codec.js';
import { withSchema } from './json-schema.js';

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Codec of the numbers that JSON can hold: neither NaN nor an infinity, which it would write as `null`. */
export const Finite: t.Type<number> = withSchema(
  checkedCodec('number', isFiniteNumber, (value) => (typeof value === 'number' ? `expected a finite number, got ${value}` : undefined)),
  { type: 'number' },
);
