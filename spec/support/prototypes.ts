/** The prototypes that everything inherits from. */
const SHARED: readonly object[] = [Object, Array, Function, String, Number, Promise, Map, Error].map(
  (constructor) => constructor.prototype as object,
);

const descriptorsOf = (prototype: object): ReadonlyMap<PropertyKey, PropertyDescriptor | undefined> =>
  new Map(Reflect.ownKeys(prototype).map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)]));

const isSame = (one: PropertyDescriptor | undefined, other: PropertyDescriptor | undefined): boolean =>
  one?.value === other?.value && one?.get === other?.get && one?.set === other?.set;

/** Looks at the shared prototypes; what is returned tells what has changed in them since. */
export function watchPrototypes(): () => readonly string[] {
  const before = SHARED.map(descriptorsOf);
  return () =>
    SHARED.flatMap((prototype, index) => {
      const [old, now] = [before[index] ?? new Map<PropertyKey, PropertyDescriptor>(), descriptorsOf(prototype)];
      const keys = [...new Set([...old.keys(), ...now.keys()])];
      return keys.filter((key) => old.has(key) !== now.has(key) || !isSame(old.get(key), now.get(key))).map(String);
    });
}
