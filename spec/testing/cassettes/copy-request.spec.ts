import { expect } from 'chai';
import { EMPTY, from, of, VirtualTimeScheduler } from 'rxjs';
import type { LLMChunk, LLMRequest } from '../../../lib/backend/backend.js';
import type { Meter } from '../../../lib/domain/meter.js';
import { copyRequest } from '../../../lib/testing/cassettes/copy-request.js';
import { recordTo } from '../../../lib/testing/cassettes/record-to.js';
import { replayFrom } from '../../../lib/testing/cassettes/replay-from.js';
import { asking, finish, text } from './cassette-scenario.js';

const nothing = (): void => undefined;

const meter: Meter = Object.assign(() => of({ count: () => true, end: nothing }), {
  note: nothing,
  beforeCalls: () => EMPTY,
  countCall: nothing,
});

/** What hears of an answer, and is no part of what is asked. */
const heard = { onOpen: nothing, onContent: nothing, meter };

const asked: LLMRequest = { ...asking('Hello'), temperature: 0 };

const record = (request: LLMRequest): readonly string[] => {
  const lines: string[] = [];
  recordTo((line) => lines.push(line), { scheduler: new VirtualTimeScheduler() })({ stream: () => from([text('Hi'), finish]) })
    .stream(request)
    .subscribe();
  return lines;
};

const replay = (lines: readonly string[], request: LLMRequest): readonly LLMChunk[] => {
  const chunks: LLMChunk[] = [];
  const backend = replayFrom(lines, { timing: 'none' });
  backend.stream(request).subscribe((chunk) => chunks.push(chunk));
  backend.verify();
  return chunks;
};

describe('copyRequest', () => {
  it('leaves out what is called while the answer comes', () => {
    expect(copyRequest({ ...asked, ...heard })).to.deep.equal(asked);
  });

  it('lets a cassette be the same, whoever hears of its answers', () => {
    expect(record({ ...asked, ...heard })).to.deep.equal(record(asked));
  });

  it('lets a request be found in a cassette, whoever heard of its answer then and whoever does now', () => {
    for (const recorded of [asked, { ...asked, ...heard }]) {
      for (const replayed of [asked, { ...asked, ...heard }])
        expect(replay(record(recorded), replayed)).to.deep.equal([text('Hi'), finish]);
    }
  });

  it('drops keys that would set a prototype', () => {
    const request = JSON.parse('{"messages":[],"responseFormat":{"name":"n","schema":{"__proto__":{"a":1},"b":2}}}') as LLMRequest;
    expect(Object.keys(copyRequest(request).responseFormat?.schema ?? {})).to.deep.equal(['b']);
  });
});
