import { expect } from 'chai';
import * as fc from 'fast-check';
import { of } from 'rxjs';
import { listen, unheard, type SpokenSignal } from '../../lib/actor/spoken-answer.js';
import type { LLMChunk } from '../../lib/backend/backend.js';
import type { TokenSignal } from '../../lib/domain/signal.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { attemptAfter } from '../support/attempt-after.js';

const text = (piece: string): LLMChunk => ({ type: 'text', text: piece });
const reasoning = (piece: string): LLMChunk => ({ type: 'reasoning', text: piece });
const thought = (token: string, attempt = 1): TokenSignal => ({ type: 'token', token, channel: 'thought', attempt });

const hear = (...chunks: readonly LLMChunk[]) => {
  const answer = unheard(1);
  const signals: SpokenSignal[] = [];
  of(...chunks)
    .pipe(listen(answer))
    .subscribe((signal) => signals.push(signal));
  return { answer, signals };
};

const LONE = /\p{Surrogate}/u;

describe('listen', () => {
  it('says text as thought and reasoning as reasoning, lets usage through, and keeps the rest to itself', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const usage = { type: 'usage' as const, usage: { inputTokens: 3, outputTokens: 2 } };
      const chunks$ = cold<LLMChunk>('  -r-t-c-u-f-|', {
        r: reasoning('hm'),
        t: text('I look.'),
        c: { type: 'tool_call', id: '1', name: 'look', params: {} },
        u: usage,
        f: { type: 'finish', reason: 'tool_calls' },
      });
      expectObservable(chunks$.pipe(listen(unheard(1)))).toBe('-r-t---u---|', {
        r: { type: 'token', token: 'hm', channel: 'reasoning', attempt: 1 },
        t: thought('I look.'),
        u: usage,
      });
      expectSubscriptions(chunks$.subscriptions).toBe('^----------!');
    }));

  it('keeps the text, the calls and the finish', () => {
    const { answer } = hear(
      text('I '),
      reasoning('x'),
      text('look.'),
      { type: 'tool_call', id: '1', name: 'look', params: { a: 1 } },
      { type: 'finish', reason: 'stop' },
    );
    expect(answer).to.deep.equal({
      attempt: 1,
      text: 'I look.',
      calls: [{ id: '1', name: 'look', params: { a: 1 } }],
      finish: 'stop',
      lastHeard: 1,
    });
  });

  it('begins anew at a restart, with a higher attempt', () => {
    const { answer, signals } = hear(
      text('old \ud83d'),
      { type: 'tool_call', id: '1', name: 'a', params: {} },
      { type: 'restart' },
      text('new'),
    );
    expect(signals).to.deep.equal([thought('old '), ...attemptAfter(1, 'the answer began anew'), thought('new', 2)]);
    expect(answer).to.deep.equal({ attempt: 2, text: 'new', calls: [], finish: undefined, lastHeard: 2 });
  });

  it('tells why it began anew, where that is said', () => {
    const { signals } = hear({ type: 'restart', reason: 'the server said 503' }, { type: 'restart' });
    expect(signals).to.deep.equal([...attemptAfter(1, 'the server said 503'), ...attemptAfter(2, 'the answer began anew')]);
  });

  it('holds back half a surrogate pair until the other half comes, even past the other channel', () => {
    const { signals } = hear(text('a\ud83d'), reasoning('b'), text('\ude00c'));
    expect(signals).to.deep.equal([thought('a'), { type: 'token', token: 'b', channel: 'reasoning', attempt: 1 }, thought('😀c')]);
  });

  it('replaces a half whose other half never comes', () => {
    const { answer, signals } = hear(text('a\ud83d'), text('b\ude00'), text('c\ud83d'));
    expect(signals).to.deep.equal([thought('a'), thought('\ufffdb\ufffd'), thought('c'), thought('\ufffd')]);
    expect(answer.text).to.equal('a\ufffdb\ufffdc\ufffd');
  });

  it('says no empty token', () => {
    expect(hear(text(''), text('a'), text('')).signals).to.deep.equal([thought('a')]);
  });

  it('says the same text however it is cut', () => {
    const unit = fc.constantFrom('a', '\\', '"', 'é', '😀', '\n', '👩‍👩‍👧');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), fc.array(fc.nat(), { maxLength: 10 }), (whole, cuts) => {
        const ends = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((one, other) => one - other);
        const pieces = ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end));
        const { answer, signals } = hear(...pieces.map(text));
        const tokens = signals.map((signal) => (signal.type === 'token' ? signal.token : ''));
        expect(tokens.join('')).to.equal(whole);
        expect(answer.text).to.equal(whole);
        for (const token of tokens) expect(token).not.to.match(LONE);
      }),
    );
  });
});
