import { inspect } from 'node:util';
import { isErrorLike } from '../../lib/errors/redact.js';

/** A secret, and the part in its middle that is looked for: whoever shows half of it, or writes it otherwise, shows that. */
export interface PlantedSecret {
  readonly value: string;
  readonly core: string;
}

/** What a program gives to a backend, in the shapes in which servers and gateways want it. */
export const PLANTED = {
  key: { value: 'sk-plant-aaaa1111K3YC0REbbbb2222', core: 'K3YC0RE' },
  /** Looks like no credential, and not every writing leaves it as it is. */
  oddKey: { value: 'odd/T0K3N&C0R3"q"<z>~=', core: 'T0K3N' },
  header: { value: 'tenant "H34D3RC0RE" of/ours', core: 'H34D3RC0RE' },
  cookie: { value: 'theme=D4RKC0RE; visit=C00K13C0RE', core: 'C0RE' },
} as const satisfies Readonly<Record<string, PlantedSecret>>;

const everything = { depth: null, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null } as const;

/** Errors within errors, each looked at once. */
function errorTexts(error: unknown, seen: Set<unknown>): readonly string[] {
  if (!isErrorLike(error) || seen.has(error)) return [];
  seen.add(error);
  const { stack, cause, errors, message } = error;
  const inner: readonly unknown[] = Array.isArray(errors) ? errors : [];
  return [String(message), String(stack), String(cause), ...[cause, ...inner].flatMap((one) => errorTexts(one, seen))];
}

/** All that can be seen of a value by printing it, as JSON, and along its causes. */
export const visible = (value: unknown): string =>
  [inspect(value, everything), JSON.stringify(value) ?? '', String(value), ...errorTexts(value, new Set())].join('\n');

/** What is written to the console while `act` runs. */
export async function consoleDuring(act: () => Promise<void>): Promise<string> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const own = streams.map((stream) => Object.getOwnPropertyDescriptor(stream, 'write'));
  for (const stream of streams) {
    stream.write = (piece: Uint8Array | string): boolean => {
      written.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8'));
      return true;
    };
  }
  try {
    await act();
  } finally {
    streams.forEach((stream, index) => {
      Reflect.deleteProperty(stream, 'write');
      const before = own[index];
      if (before !== undefined) Object.defineProperty(stream, 'write', before);
    });
  }
  return written.join('');
}
