import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { countedEvents } from '../domain/counted-events.js';
import { decode } from '../domain/decode.js';
import { isLeft } from '../domain/either.js';
import { StreamEvent } from '../domain/stream-event.js';
import { errorText } from '../errors/describe-error.js';
import { JournalError } from '../errors/journal-error.js';
import type { JournalStore } from './journal-to.js';

/** Configuration of {@link jsonlFile}. */
export interface JsonlFileConfig {
  /**
   * Whether each event is on the disk itself before the run goes on, and not only with the system: it then survives a loss
   * of power, and costs a write to the disk. Defaults to false, which survives the end of the process.
   */
  readonly fsync?: boolean;
}

/** A store that is a file. */
export interface JsonlFile extends JournalStore {
  append(event: StreamEvent): void;
  /** Closes the file; the next event opens it again. */
  close(): void;
}

const LINE_FEED = 10;

/** Opens a file for appending, without a last line that was torn by a crash. */
const openWhole = (path: string): number => {
  const descriptor = openSync(path, 'a');
  try {
    const bytes = readFileSync(path);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end < bytes.length) ftruncateSync(descriptor, end);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
};

/**
 * An append-only file of events, one JSON text a line, for `journalTo`. Opened with the first event and written at once,
 * in the turn of the event; a last line that a crash tore is cut off then. It may hold many runs, side by side too; two
 * processes must not write one file. What cannot be written is thrown, which fails the run with a `JournalError`.
 *
 * ```ts
 * const orchestrator = createOrchestrator({ actor, purposeFunction, environment, journal: journalTo(jsonlFile('runs.jsonl')) });
 * ```
 */
export function jsonlFile(path: string, { fsync = false }: JsonlFileConfig = {}): JsonlFile {
  let descriptor: number | undefined;
  const close = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  const write = (into: number, line: Uint8Array): void => {
    // The system may take a part of it only.
    for (let written = 0; written < line.length;) written += writeSync(into, line, written);
    if (fsync) fsyncSync(into);
  };
  return {
    append: (event) => {
      descriptor ??= openWhole(path);
      try {
        write(descriptor, Buffer.from(`${JSON.stringify(event)}\n`));
      } catch (error) {
        // A part of the line may stand there: it is cut off before another run goes on to write.
        close();
        throw error;
      }
    },
    close,
  };
}

/** What stands in a journal. */
export interface JournalContents {
  /** The events of each run as they count, by the id of the run, the oldest run first: each may be given to `resumeFrom`. */
  readonly runs: ReadonlyMap<string, readonly StreamEvent[]>;
  /** The last line, where a crash tore it: it counts for nothing. `null` where the file ends as it should. */
  readonly torn: string | null;
}

const readLine = (line: string, number: number, path: string): StreamEvent => {
  const bad = (what: string, cause?: unknown): JournalError =>
    new JournalError(
      `Line ${number} of ${path} is no event: ${what}. Only a last line may be torn; mend the file, or resume from a copy.`,
      {
        cause,
      },
    );
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    throw bad(errorText(cause), cause);
  }
  const decoded = decode(StreamEvent, parsed);
  if (isLeft(decoded)) throw bad(decoded.left.join('; '));
  return decoded.right;
};

/**
 * Reads the runs in a file of {@link jsonlFile}; one that is not there holds none. The file is left as it is.
 *
 * ```ts
 * const { runs, torn } = readJournal('runs.jsonl');
 * for (const events of runs.values()) orchestrator.runTask({ purpose: 'tidy up', resumeFrom: events }).subscribe();
 * ```
 *
 * @throws JournalError where a line but a torn last one is no event.
 */
export function readJournal(path: string): JournalContents {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const lines = text.split('\n');
  const torn = lines.pop() ?? '';
  const runs = new Map<string, StreamEvent[]>();
  for (const [index, line] of lines.entries()) {
    const event = readLine(line, index + 1, path);
    const events = runs.get(event.runId);
    if (events === undefined) runs.set(event.runId, [event]);
    else events.push(event);
  }
  return { runs: new Map([...runs].map(([runId, events]) => [runId, countedEvents(events)])), torn: torn === '' ? null : torn };
}
