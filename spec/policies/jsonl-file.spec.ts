import fs, { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { JournalError } from '../../lib/errors/journal-error.js';
import { jsonlFile, readJournal } from '../../lib/policies/jsonl-file.js';
import { numbered, stepStart, taskEnd, taskStart, tokenOf } from '../support/events.js';

const events = numbered(taskStart, stepStart(1), tokenOf('ü👋'), taskEnd('cancelled'));

describe('jsonlFile', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'purpose-rx-journal-'));
    path = join(folder, 'runs.jsonl');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (told: readonly StreamEvent[], config = {}): void => {
    const file = jsonlFile(path, config);
    for (const event of told) file.append(event);
    file.close();
  };

  for (const fsync of [false, true]) {
    it(`keeps events a line each, which come back as they were, ${fsync ? 'on the disk' : 'with the system'}`, () => {
      write(events, { fsync });
      expect(readFileSync(path, 'utf8')).to.equal(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      expect(readJournal(path)).to.deep.equal({ runs: new Map([['r', events]]), torn: null });
    });
  }

  it('goes on where it was closed, and opens nothing before the first event', () => {
    const file = jsonlFile(path);
    expect(readJournal(path)).to.deep.equal({ runs: new Map(), torn: null });
    for (const event of events) {
      file.append(event);
      file.close();
    }
    expect(readJournal(path).runs.get('r')).to.deep.equal(events);
  });

  it('keeps runs apart, in the order in which they began', () => {
    const other = events.map((event) => ({ ...event, runId: 'q' }));
    write(events.flatMap((event, index) => [event, other[index] ?? event]));
    expect([...readJournal(path).runs]).to.deep.equal([
      ['r', events],
      ['q', other],
    ]);
  });

  it('reports a last line that is torn at any byte, and cuts it off before it goes on', () => {
    write(events);
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length += 1) {
      writeFileSync(path, bytes.subarray(0, length));
      const whole = bytes.subarray(0, length).lastIndexOf('\n') + 1;
      const { runs, torn } = readJournal(path);
      const kept = runs.get('r') ?? [];
      expect(kept, `cut at ${length}`).to.deep.equal(events.slice(0, kept.length));
      expect(torn === null, `cut at ${length}`).to.equal(whole === length);
      write(events.slice(kept.length));
      expect(readFileSync(path).equals(bytes), `cut at ${length}`).to.equal(true);
    }
  });

  it('counts the events of a run that was resumed as they count', () => {
    const resumed = {
      ...numbered(stepStart(1))[0],
      type: 'run_resumed',
      seq: 3,
      data: { after: 2, inDoubt: [] },
    } as unknown as StreamEvent;
    write([...events, resumed]);
    expect(readJournal(path).runs.get('r')).to.deep.equal([...events.slice(0, 3), resumed]);
  });

  for (const [what, line] of Object.entries({ 'no JSON': '{"type":', 'no event': '{"type":"token"}', 'an empty line': '' })) {
    it(`says where there is ${what} before the end`, () => {
      write(events.slice(0, 2));
      appendFileSync(path, `${line}\n`);
      write(events.slice(2));
      expect(() => readJournal(path)).to.throw(JournalError, /^Line 3 of .*runs\.jsonl is no event/);
    });
  }

  it('leaves no part of a line that it could not write before the lines of other runs', () => {
    const [first, second] = events as [StreamEvent, StreamEvent];
    const file = jsonlFile(path);
    file.append(first);
    const { writeSync } = fs;
    try {
      fs.writeSync = () => {
        appendFileSync(path, '{"type":');
        throw new Error('ENOSPC: no space left on device');
      };
      syncBuiltinESMExports();
      expect(() => {
        file.append(second);
      }).to.throw(/ENOSPC/);
    } finally {
      fs.writeSync = writeSync;
      syncBuiltinESMExports();
    }
    const other = { ...first, runId: 'q' };
    file.append(other);
    file.close();
    expect([...readJournal(path).runs]).to.deep.equal([
      ['r', [first]],
      ['q', [other]],
    ]);
  });

  it('throws what the system says where it cannot write', () => {
    expect(() => {
      jsonlFile(join(folder, 'missing', 'runs.jsonl')).append(events[0] as StreamEvent);
    }).to.throw(/ENOENT/);
  });
});
