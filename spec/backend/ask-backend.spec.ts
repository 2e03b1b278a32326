import { expect } from 'chai';
import { defer, of } from 'rxjs';
import { askBackend, decoratedBackend } from '../../lib/backend/ask-backend.js';
import { generate } from '../../lib/backend/generate.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { recordTo } from '../../lib/testing/cassettes/record-to.js';
import { replayFrom } from '../../lib/testing/cassettes/replay-from.js';
import { faulty } from '../../lib/testing/faults/faulty.js';
import { meterOfEntries, notingEntry, requestOf } from '../support/metered-ports.js';
import { hearNow } from '../support/hear-now.js';

/** A meter that gives leave at once, and the entries that it opened. */
const countingMeter = () => {
  const entries: ReturnType<typeof notingEntry>[] = [];
  const meter = meterOfEntries(() => defer(() => of(entries[entries.push(notingEntry()) - 1] ?? notingEntry())));
  return { meter, endings: () => entries.map(({ told }) => told.at(-1)) };
};

describe('askBackend', () => {
  it('asks as it is where nothing is counted', () => {
    const backend = scriptedBackend(['Hello']);
    const request = requestOf(1);
    expect(hearNow(askBackend(backend, request))).to.have.length(3);
    expect(backend.requests).to.deep.equal([request]);
  });

  it('counts a backend, which does not see the meter', () => {
    const { meter, endings } = countingMeter();
    const backend = scriptedBackend(['Hello']);
    hearNow(askBackend(backend, requestOf(1, meter)));
    expect(backend.requests).to.deep.equal([requestOf(1)]);
    expect(endings()).to.deep.equal(['finished']);
  });

  it('counts those that a decorator asks, and not the decorator', () => {
    const { meter, endings } = countingMeter();
    const inner = scriptedBackend(['one', 'two']);
    const twice = decoratedBackend((request) => defer(() => (generate(inner, request).subscribe(), askBackend(inner, request))));
    hearNow(
      askBackend(
        decoratedBackend((request) => askBackend(twice, request)),
        requestOf(1, meter),
      ),
    );
    expect(endings()).to.deep.equal(['finished', 'finished']);
  });

  it('counts a decorator that it knows nothing of as one, whatever that asks', () => {
    const { meter, endings } = countingMeter();
    const inner = decoratedBackend((request) => askBackend(scriptedBackend(['one']), request));
    hearNow(askBackend({ stream: (request) => inner.stream(request) }, requestOf(1, meter)));
    expect(endings()).to.deep.equal(['finished']);
  });

  it('leaves cassettes and planned faults as they are', () => {
    const { meter, endings } = countingMeter();
    const lines: string[] = [];
    const recorded = recordTo((line) => lines.push(line))(faulty(scriptedBackend(['Hello']), []));
    expect(hearNow(generate(recorded, requestOf(1, meter)))).to.deep.equal(['Hello', '|']);
    expect(lines.join()).not.to.contain('meter');
    const replayed = replayFrom(lines.join('\n'), { timing: 'none' });
    expect(hearNow(generate(replayed, requestOf(1, meter)))).to.deep.equal(['Hello', '|']);
    expect(endings()).to.deep.equal(['finished', 'finished']);
    expect(JSON.stringify(requestOf(1, meter))).to.equal(JSON.stringify(requestOf(1)));
  });
});
