import { expect } from 'chai';
import { from } from 'rxjs';
import type { LLMChunk } from '../../../lib/backend/backend.js';
import { isLeft } from '../../../lib/domain/either.js';
import { decode } from '../../../lib/domain/decode.js';
import { RecordedChunk } from '../../../lib/testing/cassettes/recorded-chunk.js';
import { recordTo } from '../../../lib/testing/cassettes/record-to.js';
import { replayFrom } from '../../../lib/testing/cassettes/replay-from.js';
import { asking, finish, restart, text } from './cassette-scenario.js';

const KEY = 'sk-live1234567890abcdefghij';

const collect = (lines: readonly string[]): readonly LLMChunk[] => {
  const heard: LLMChunk[] = [];
  replayFrom(lines, { timing: 'none' })
    .stream(asking('Hello'))
    .subscribe((chunk) => heard.push(chunk));
  return heard;
};

const record = (chunks: readonly LLMChunk[], redact?: (said: string) => string): readonly string[] => {
  const lines: string[] = [];
  recordTo(
    (line) => lines.push(line),
    redact === undefined ? {} : { redact },
  )({ stream: () => from(chunks) })
    .stream(asking('Hello'))
    .subscribe();
  return lines;
};

describe('RecordedChunk', () => {
  const anew: LLMChunk = { type: 'restart', reason: 'the connection broke' };

  it('keeps why an answer began anew', () => {
    const chunks = [text('No'), anew, text('Ye'), restart, text('Yes'), finish];
    expect(collect(record(chunks))).to.deep.equal(chunks);
  });

  it('holds no credential in why an answer began anew', () => {
    const lines = record([text('No'), { type: 'restart', reason: `The server refused ${KEY}.` }, text('Yes'), finish]);
    expect(lines.join('\n')).not.to.include(KEY);
    expect(collect(lines)[1]).to.deep.equal({ type: 'restart', reason: 'The server refused [redacted].' });
  });

  it('lets the hook into the reason, and not into its name', () => {
    const lines = record([anew, finish], (said) => said.replaceAll(/reason|connection/g, 'N'));
    expect(collect(lines)[0]).to.deep.equal({ type: 'restart', reason: 'the N broke' });
  });

  it('refuses a reason that is no text', () => {
    expect(isLeft(decode(RecordedChunk, { type: 'restart', reason: 5 }))).to.equal(true);
    expect(isLeft(decode(RecordedChunk, { type: 'restart' }))).to.equal(false);
  });
});
