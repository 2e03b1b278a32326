import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import {
  decided,
  scored,
  signal,
  token,
  type ActionSignal,
  type ScoreSignal,
  type Signal,
  type TokenSignal,
} from '../../lib/domain/signal.js';

describe('token', () => {
  it('makes a token signal', () => {
    expect(token('Hm')).to.deep.equal({ type: 'token', token: 'Hm' });
    expect(token('Hm', { channel: 'reasoning', attempt: 2 })).to.deep.equal({
      type: 'token',
      token: 'Hm',
      channel: 'reasoning',
      attempt: 2,
    });
    expectTypeOf(token('Hm')).toEqualTypeOf<TokenSignal>();
  });
});

describe('decided', () => {
  it('makes an action signal, empty where nothing is said', () => {
    expect(decided({ name: 'look' })).to.deep.equal({
      type: 'action',
      action: { name: 'look', params: {}, thought: '', expectedDelta: '' },
    });
    const whole = { name: 'look', params: { at: 'door' }, thought: 't', expectedDelta: 'd' };
    expect(decided(whole)).to.deep.equal({ type: 'action', action: whole });
    expectTypeOf(decided({ name: 'look' })).toEqualTypeOf<ActionSignal>();
  });
});

describe('scored', () => {
  it('makes a score signal, whole', () => {
    expect(scored({ phiBefore: 1, phiAfter: 3, evidence: 'e' })).to.deep.equal({
      type: 'score',
      score: { phiBefore: 1, phiAfter: 3, delta: 2, confidence: 1, evidence: 'e', improved: true },
    });
    expectTypeOf(scored({ phiBefore: 1, phiAfter: 3 })).toEqualTypeOf<ScoreSignal>();
  });
});

describe('signal', () => {
  it('makes a signal of an environment, its type kept', () => {
    const loaded = signal('page_loaded', { url: 'x' });
    expect(loaded).to.deep.equal({ type: 'page_loaded', data: { url: 'x' } });
    expectTypeOf(loaded).toEqualTypeOf<Signal<'page_loaded', { url: string }>>();
  });
});
