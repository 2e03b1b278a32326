import { writeSync } from 'node:fs';
import { register } from 'node:module';

const STDOUT = 1;

/** For `node --import`: prints the URL of every module that is resolved from here on, one a line. */
export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  writeSync(STDOUT, `${resolved.url}\n`);
  return resolved;
}

// The thread that runs the hooks reads this file again, and must not register it there.
if (!import.meta.url.endsWith('?hooks')) register(`${import.meta.url}?hooks`);
