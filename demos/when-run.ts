import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Observable } from 'rxjs';

/** Prints the lines of a demo where its module is the program, and does nothing where it is imported, as by its spec. */
export const printWhenRun = (url: string, lines$: Observable<string>): void => {
  const program = process.argv[1];
  if (program === undefined || realpathSync(program) !== fileURLToPath(url)) return;
  lines$.subscribe((line) => {
    console.log(line);
  });
};
