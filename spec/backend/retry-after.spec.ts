import { expect } from 'chai';
import * as fc from 'fast-check';
import { retryAfter } from '../../lib/backend/retry-after.js';

const NOW = Date.UTC(2026, 0, 1);
const from = (headers: Record<string, string>): number | null => retryAfter((name) => headers[name] ?? null, NOW);

describe('retryAfter', () => {
  it('reads milliseconds before anything else', () => {
    expect(from({ 'retry-after-ms': '1500', 'retry-after': '9' })).to.equal(1500);
  });

  it('reads seconds, whole or not, of days too', () => {
    expect(from({ 'retry-after': '2' })).to.equal(2000);
    expect(from({ 'retry-after': '0.5' })).to.equal(500);
    expect(from({ 'retry-after': '259200' })).to.equal(3 * 24 * 3600 * 1000);
  });

  it('reads an HTTP date against the time it is given', () => {
    expect(from({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' })).to.equal(30_000);
  });

  it('never waits for the past', () => {
    expect(from({ 'retry-after': 'Wed, 31 Dec 2025 23:00:00 GMT' })).to.equal(0);
    expect(from({ 'retry-after': '-5' })).to.equal(0);
  });

  it('reads units, and the longest of several waits', () => {
    expect(from({ 'retry-after': '20s' })).to.equal(20_000);
    expect(from({ 'retry-after': ' 500 ms ' })).to.equal(500);
    expect(from({ 'retry-after': '120, 120' })).to.equal(120_000);
    expect(from({ 'retry-after': '1, 2s' })).to.equal(2000);
    expect(from({ 'retry-after-ms': '2s' })).to.equal(2000);
  });

  it('is null where nothing can be read', () => {
    for (const garbage of ['5,', '0x10', ',', '1e9', 'Infinity', 'soon 5', '5 apples', '9'.repeat(400)]) {
      expect(from({ 'retry-after': garbage }), garbage).to.equal(null);
    }
    expect(from({})).to.equal(null);
    expect(from({ 'retry-after': 'soon', 'retry-after-ms': '' })).to.equal(null);
  });

  it('is null or a finite number that is not negative, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (ms, text) => {
        const wait = from({ 'retry-after-ms': ms, 'retry-after': text });
        expect(wait === null || (Number.isFinite(wait) && wait >= 0)).to.equal(true);
      }),
    );
  });
});
