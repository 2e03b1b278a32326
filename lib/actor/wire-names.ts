import { PARALLEL } from '../domain/action.js';

/** The names of tools as servers take them, which is not always how they are called. */
export interface WireNames {
  /** What a server takes for a name, be it that of a tool or one that a model made up. */
  readonly toWire: (name: string) => string;
  /** The name of the tool that was offered under this one; itself where none was. */
  readonly fromWire: (wireName: string) => string;
}

const LONGEST = 64;

const isTaken = (names: ReadonlyMap<string, string>, wireName: string): boolean => names.has(wireName) || wireName === PARALLEL;

const sanitize = (name: string): string => name.replaceAll(/[^\w-]/g, '_').slice(0, LONGEST) || '_';

/** The sanitized name, with a number where another tool has it. */
const unique = (names: ReadonlyMap<string, string>, name: string): string => {
  const wireName = sanitize(name);
  let candidate = wireName;
  for (let number = 2; isTaken(names, candidate); number += 1) {
    const suffix = `_${number}`;
    candidate = wireName.slice(0, LONGEST - suffix.length) + suffix;
  }
  return candidate;
};

/**
 * Names for native tool calls: at most 64 letters, digits, `_` and `-`, which is what servers take. Names that are such
 * stay as they are, and no two tools share one. Depends on nothing but the names.
 */
export const createWireNames = (names: readonly string[]): WireNames => {
  const byWire = new Map(names.filter((name) => sanitize(name) === name).map((name) => [name, name]));
  for (const name of names) if (!byWire.has(name)) byWire.set(unique(byWire, name), name);
  const wired = new Map([...byWire].map(([wireName, name]) => [name, wireName]));
  return {
    toWire: (name) => wired.get(name) ?? sanitize(name),
    fromWire: (wireName) => byWire.get(wireName) ?? wireName,
  };
};
