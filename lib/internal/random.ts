const RANGE = 2 ** 32;

/**
 * A number from 0 up to 1, as `Math.random` gives it, where the user injected no chance of their own.
 *
 * @internal
 */
export const randomNumber = (): number => (globalThis.crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / RANGE;
