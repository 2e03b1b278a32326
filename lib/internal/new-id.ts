/**
 * The one door to chance: an id that no other call gives, where the user injected none of their own.
 *
 * @internal
 */
export const newId = (): string => globalThis.crypto.randomUUID();
