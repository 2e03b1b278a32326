import { expect } from 'chai';
import { EMPTY, NEVER, of, throwError, type Observable } from 'rxjs';
import type { Json } from '../../lib/domain/json.js';
import type { DoubtVerdict } from '../../lib/environment/environment.js';
import { resolveDoubt, type ResolveDoubtConfig } from '../../lib/environment/resolve-doubt.js';
import { toolEnded, type ToolSignal } from '../../lib/environment/tool-signal.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const called = { callId: '2.1', name: 'send' };
const begun = { ...called, params: { to: 'edited' } };
const retried = toolEnded(called, { ok: true, output: 'again' });
const failed = (error: string) => toolEnded(called, { ok: false, error });

const resolving = (config: Partial<ResolveDoubtConfig>): Observable<ToolSignal> =>
  resolveDoubt({
    begun,
    params: { to: 'first' },
    isIdempotent: false,
    resolve: undefined,
    maxOutput: 100,
    retry: () => of(retried),
    ...config,
  });

const heardOf = (source: Observable<ToolSignal>): unknown[] => {
  const heard: unknown[] = [];
  source.subscribe({ next: (item) => heard.push(item), complete: () => heard.push('|') });
  return heard;
};

const UNKNOWN = 'the run broke off while it was at work, and whether it was done is not known';

describe('resolveDoubt', () => {
  it('waits for the verdict, takes the first, and lets go of whoever gives it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const resolve = cold<DoubtVerdict>('--s-f', { s: { type: 'settled', output: 'sent' }, f: { type: 'fail', reason: 'no' } });
      expectObservable(resolving({ resolve: () => resolve })).toBe('--(e|)', { e: toolEnded(called, { ok: true, output: 'sent' }) });
      expectSubscriptions(resolve.subscriptions).toBe('^-!');
    }));

  it('asks with the call as it began', () => {
    const asked: unknown[] = [];
    const resolve = (call: unknown): Observable<never> => {
      asked.push(call);
      return NEVER;
    };
    resolving({ resolve, isIdempotent: true }).subscribe();
    resolving({ resolve, begun: { ...called, params: 'no record' } }).subscribe();
    expect(asked).to.deep.equal([
      { ...begun, isIdempotent: true },
      { ...called, params: { to: 'first' }, isIdempotent: false },
    ]);
  });

  const verdicts: readonly (readonly [what: string, verdict: DoubtVerdict, heard: ToolSignal])[] = [
    ['runs it again', { type: 'retry' }, retried],
    ['fails', { type: 'fail', reason: 'nobody saw it' }, failed('nobody saw it')],
    ['is settled', { type: 'settled', output: { sent: 1 } }, toolEnded(called, { ok: true, output: { sent: 1 } })],
    [
      'fails where it is settled with what cannot be written',
      { type: 'settled', output: 10n as unknown as Json },
      failed('the output that it was settled with is not JSON: Do not know how to serialize a BigInt'),
    ],
  ];
  for (const [what, verdict, heard] of verdicts) {
    it(`${what} as it is told`, () => {
      expect(heardOf(resolving({ resolve: () => of(verdict) }))).to.deep.equal([heard, '|']);
    });
  }

  it('cuts what it is told to the longest output', () => {
    for (const verdict of [
      { type: 'settled' as const, output: 'y'.repeat(500) },
      { type: 'fail' as const, reason: 'y'.repeat(500) },
    ]) {
      const [ended] = heardOf(resolving({ resolve: () => of(verdict) }));
      expect(JSON.stringify(ended)).to.include('are missing').and.have.length.below(200);
    }
  });

  it('fails where nobody can be asked, unless the call may be made twice', () => {
    expect(heardOf(resolving({}))).to.deep.equal([failed(UNKNOWN), '|']);
    expect(heardOf(resolving({ isIdempotent: true }))).to.deep.equal([retried, '|']);
  });

  it('fails where whoever is asked says nothing, fails or throws', () => {
    const fault = new Error('no desk');
    const refuse = (): never => {
      throw fault;
    };
    expect(heardOf(resolving({ resolve: () => EMPTY, maxOutput: 500 }))).to.deep.equal([failed(`${UNKNOWN}: nobody decided`), '|']);
    for (const resolve of [() => throwError(() => fault), refuse])
      expect(heardOf(resolving({ resolve, maxOutput: 500 }))).to.deep.equal([failed(`${UNKNOWN}: no desk`), '|']);
  });

  it('runs again with the parameters that it began with', () => {
    const seen: unknown[] = [];
    resolving({ isIdempotent: true, retry: (params) => (seen.push(params), EMPTY) }).subscribe();
    expect(seen).to.deep.equal([{ to: 'edited' }]);
  });
});
