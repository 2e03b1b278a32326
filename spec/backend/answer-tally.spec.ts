import { expect } from 'chai';
import * as fc from 'fast-check';
import { AnswerTally } from '../../lib/backend/answer-tally.js';
import type { LLMChunk } from '../../lib/backend/backend.js';
import { notingEntry } from '../support/metered-ports.js';

const text = (length: number): LLMChunk => ({ type: 'text', text: 'x'.repeat(length) });
const usage = (inputTokens: number, outputTokens: number): LLMChunk => ({ type: 'usage', usage: { inputTokens, outputTokens } });
const call: LLMChunk = { type: 'tool_call', id: '1', name: 'look', params: {} };

/** What an entry was told of these chunks, with 10 tokens of input. */
const toldOf = (...chunks: readonly LLMChunk[]): readonly string[] => {
  const entry = notingEntry();
  const tally = new AnswerTally(entry, 10);
  tally.begin();
  for (const chunk of chunks) tally.hear(chunk);
  return entry.told;
};

describe('AnswerTally', () => {
  it('estimates by the text, and tells when it has come to another token', () => {
    expect(toldOf(text(1), text(3), text(1), { type: 'reasoning', text: 'xxxx' })).to.deep.equal([
      '10/1 estimated',
      '10/2 estimated',
      '10/3 estimated',
    ]);
  });

  it('takes what is reported in place of the estimate', () => {
    expect(toldOf(text(40), usage(7, 3))).to.deep.equal(['10/10 estimated', '7/3 reported']);
  });

  it('takes the larger numbers of several reports, and never the sum', () => {
    expect(toldOf(usage(7, 3), usage(7, 9), usage(6, 4))).to.deep.equal(['7/3 reported', '7/9 reported', '7/9 reported']);
  });

  it('goes on estimating where text comes after a report', () => {
    expect(toldOf(usage(7, 1), text(8))).to.deep.equal(['7/1 reported', '7/2 estimated']);
    expect(toldOf(usage(7, 5), text(8), usage(7, 6))).to.deep.equal(['7/5 reported', '7/5 estimated', '7/6 reported']);
  });

  it('counts a call where nothing was reported', () => {
    expect(toldOf(call)).to.deep.equal(['10/2 estimated']);
    expect(toldOf(usage(7, 1), call)).to.deep.equal(['7/1 reported']);
  });

  it('adds up the attempts of a backend that begins anew by itself', () => {
    expect(toldOf(text(8), { type: 'restart' }, text(4))).to.deep.equal(['10/2 estimated', '20/2 estimated', '20/3 estimated']);
    expect(toldOf(usage(7, 1), { type: 'restart' }, usage(7, 2)).at(-1)).to.equal('14/3 reported');
    expect(toldOf(text(4), { type: 'restart' }, usage(7, 2)).at(-1)).to.equal('17/3 estimated');
  });

  it('takes nonsense in a report for nothing', () => {
    expect(toldOf(usage(NaN, -1), usage(Infinity, 2)).at(-1)).to.equal('0/2 reported');
  });

  it('tells that there are no means only where something is still to come', () => {
    const tally = new AnswerTally(notingEntry(0), 10);
    expect([text(4), call, usage(1, 1), text(1)].map((chunk) => tally.hear(chunk))).to.deep.equal([false, true, true, true]);
    expect(tally.hear(text(4))).to.equal(false);
  });

  it('takes a request that was refused, or never made, for free', () => {
    const refused = notingEntry();
    const tally = new AnswerTally(refused, 10);
    tally.begin();
    tally.end('failed');
    expect(refused.told).to.deep.equal(['0/0 estimated', 'failed']);
    const unmade = notingEntry();
    new AnswerTally(unmade, 10).end('cancelled');
    expect(unmade.told).to.deep.equal(['0/0 estimated', 'cancelled']);
  });

  it('leaves a request that was cancelled, or broke off, what it cost', () => {
    const entry = notingEntry();
    const tally = new AnswerTally(entry, 10);
    tally.begin();
    tally.end('cancelled');
    expect(entry.told).to.deep.equal(['cancelled']);
    const broken = notingEntry();
    const heard = new AnswerTally(broken, 10);
    heard.begin();
    heard.hear(text(1));
    heard.end('failed');
    expect(broken.told).to.deep.equal(['10/1 estimated', 'failed']);
  });

  it('comes to the same however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 40 }), (lengths) => {
        const whole = lengths.reduce((sum, length) => sum + length, 0);
        expect(toldOf(...lengths.map(text)).at(-1)).to.equal(toldOf(text(whole)).at(-1));
      }),
    );
  });
});
