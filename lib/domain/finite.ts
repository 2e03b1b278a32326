import * as t from 'io-ts';
import { withSchema } from './json-schema.js';

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Codec of the numbers that JSON can hold: neither NaN nor an infinity, which it would write as `null`. */
export const Finite: t.Type<number> = withSchema(
  new t.Type<number>(
    'number',
    isFiniteNumber,
    (value, context) =>
      isFiniteNumber(value)
        ? t.success(value)
        : typeof value === 'number'
          ? t.failure(value, context, `expected a finite number, got ${value}`)
          : t.failure(value, context),
    t.identity,
  ),
  { type: 'number' },
);
