import { isObservable, type MonoTypeOperatorFunction } from 'rxjs';
import type { Actor } from '../../actor/actor.js';
import type { LLMBackend } from '../../backend/backend.js';
import type { Environment } from '../../environment/environment.js';
import type { AnyTool } from '../../environment/tool.js';
import { ContractError } from '../../errors/contract-error.js';
import type { Experience } from '../../experience/experience.js';
import type { PurposeFunction } from '../../purpose/purpose-function.js';

/** What an agent is made of. */
export type Part = LLMBackend | Actor | PurposeFunction | Environment | Experience | AnyTool;

/** What looks at the calls of a part. */
export interface PartWatcher {
  /** What is put on a stream that a call gave. */
  readonly onStream: <T>(method: string) => MonoTypeOperatorFunction<T>;
  /** A call gave a value at once. */
  readonly onValue: (method: string) => void;
  /** A call gave what virtual time does not wait for: a Promise, an async iterable. */
  readonly onDeferred: (method: string) => void;
}

/** The methods of each kind of part; the first is the one it is there for. */
const kinds: Readonly<Record<string, readonly [string, ...string[]]>> = {
  backend: ['stream'],
  actor: ['decide'],
  'purpose function': ['evaluate'],
  environment: ['execute', 'reset', 'isTerminal'],
  experience: ['recall', 'record'],
  tool: ['run'],
};

const isMethod = (part: Part, key: PropertyKey): boolean => typeof Reflect.get(part, key) === 'function';

const kindOf = (part: Part): string => {
  // Of all parts a tool alone has a name; whatever else it has is its own.
  if (isMethod(part, 'run') && 'name' in part) return 'tool';
  const found = Object.entries(kinds).find(([, [main]]) => isMethod(part, main));
  if (found !== undefined) return found[0];
  throw new ContractError(
    'What is to be watched is no part of an agent: no backend, actor, purpose function, environment, tool or experience.',
  );
};

/** One object may be several parts at once: its methods are those of all of them. */
const methodsOf = (part: Part): readonly string[] =>
  kindOf(part) === 'tool' ? ['run'] : Object.values(kinds).flatMap((methods) => (isMethod(part, methods[0]) ? methods : []));

/**
 * What a part is called in a message: `backend`, `tool search`.
 *
 * @internal
 */
export const partName = (part: Part): string => (kindOf(part) === 'tool' && 'name' in part ? `tool ${part.name}` : kindOf(part));

/**
 * The methods whose calls a part is there for: of an actor `decide`.
 *
 * @internal
 */
export const mainMethods = (part: Part): readonly string[] => {
  const methods = methodsOf(part);
  return Object.values(kinds)
    .map(([main]) => main)
    .filter((main) => methods.includes(main));
};

const isDeferred = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && ('then' in given || Symbol.asyncIterator in given || 'getReader' in given);

/** What a call gave, watched: it stays what it is. */
const watchedResult = (given: unknown, method: string, { onStream, onValue, onDeferred }: PartWatcher): unknown => {
  if (isObservable(given)) return given.pipe(onStream(method));
  if (isDeferred(given)) onDeferred(method);
  else onValue(method);
  return given;
};

/**
 * The same part, with its calls watched.
 *
 * @internal
 * @throws `ContractError` where it is no part of an agent.
 */
export function watchPart<P extends Part>(part: P, watcher: PartWatcher): P {
  const methods = new Set<PropertyKey>(methodsOf(part));
  const functions = new Map<PropertyKey, { readonly of: unknown; readonly call: unknown }>();
  /** Functions are called on the part itself, since private fields know it and not its proxy; all else of them stays. */
  const bound = (key: PropertyKey, found: (...given: readonly unknown[]) => unknown): unknown => {
    const known = functions.get(key);
    if (known?.of === found) return known.call;
    const call: unknown = new Proxy(found, {
      apply: (_found, _proxy, given: readonly unknown[]) => {
        const result: unknown = Reflect.apply(found, part, given);
        return methods.has(key) ? watchedResult(result, String(key), watcher) : result;
      },
    });
    functions.set(key, { of: found, call });
    return call;
  };
  const read = (key: PropertyKey): unknown => {
    const value: unknown = Reflect.get(part, key);
    return typeof value === 'function' && key !== 'constructor' ? bound(key, value as (...given: readonly unknown[]) => unknown) : value;
  };
  // Around an object of its own: a proxy may not give other functions than those of a frozen part.
  return new Proxy(Object.create(Object.getPrototypeOf(part) as object | null) as P, {
    get: (_target, key) => read(key),
    has: (_target, key) => Reflect.has(part, key),
    ownKeys: () => Reflect.ownKeys(part),
    getOwnPropertyDescriptor: (_target, key) => {
      const own = Reflect.getOwnPropertyDescriptor(part, key);
      return own && { value: read(key), enumerable: own.enumerable === true, configurable: true, writable: true };
    },
  });
}
