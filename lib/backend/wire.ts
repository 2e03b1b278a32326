/** An object of the wire of which nothing is known yet. */
export type WireRecord = { readonly [key: string]: unknown };

/**
 * Whether a decoded piece of JSON is an object. These few checks stand in for codecs where one a token would be felt:
 * servers differ in everything else, so there is no more to validate.
 *
 * @internal
 */
export const isWireRecord = (value: unknown): value is WireRecord => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A string that says something; `undefined` for everything else, the empty string included.
 *
 * @internal
 */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
