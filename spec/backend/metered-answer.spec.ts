import { expect } from 'chai';
import { map, NEVER, Observable, of, throwError } from 'rxjs';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { meteredAnswer } from '../../lib/backend/metered-answer.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { itObeysTheBackendLaws } from '../../lib/testing/laws/backend-laws.js';
import { meterOfEntries, notingEntry, requestOf } from '../support/metered-ports.js';
import { firehose, hearNow } from '../support/hear-now.js';

const letters: Readonly<Record<string, LLMChunk>> = {
  a: { type: 'text', text: 'aaaa' },
  b: { type: 'text', text: 'bbbb' },
  c: { type: 'text', text: 'cccc' },
  u: { type: 'usage', usage: { inputTokens: 2, outputTokens: 9 } },
  f: { type: 'finish', reason: 'stop' },
  R: { type: 'restart', reason: 'the request was cut off where its budget ended, and is made again' },
};

describe('meteredAnswer', () => {
  it('passes an answer on and counts it', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const answer$ = cold(' -a-b-(uf|)', letters);
      const expected = '     -a-b-(uf|)';
      const entry = notingEntry();
      expectObservable(
        meteredAnswer(
          meterOfEntries(() => of(entry)),
          { stream: () => answer$ },
          requestOf(2),
        ),
      ).toBe(expected, letters);
      expectSubscriptions(answer$.subscriptions).toBe('^----!');
      flush();
      expect(entry.told).to.deep.equal(['2/1 estimated', '2/2 estimated', '2/9 reported', 'finished']);
    }));

  it('cuts an answer at the line, and makes the request again when there is leave', () =>
    agentMarbles(({ cold, hot, expectObservable, expectSubscriptions, flush }) => {
      const first$ = cold('  -a-b-c', letters);
      const leave$ = hot('   --------e');
      const again$ = cold('          -a-(b|)', letters);
      const expected = '     -a-b----Ra-(b|)';
      const entries = [notingEntry(4), notingEntry()];
      const answers = [first$, again$];
      const meter = meterOfEntries(() => {
        const entry = entries.shift() ?? notingEntry();
        return entries.length === 1 ? of(entry) : leave$.pipe(map(() => entry));
      });
      const [first, again] = entries;
      expectObservable(meteredAnswer(meter, { stream: () => answers.shift() ?? NEVER }, requestOf(2))).toBe(expected, letters);
      expectSubscriptions(first$.subscriptions).toBe(' ^----!');
      expectSubscriptions(again$.subscriptions).toBe(' --------^--!');
      flush();
      expect(first?.told).to.deep.equal(['2/1 estimated', '2/2 estimated', '2/3 estimated', 'cancelled']);
      expect(again?.told.at(-1)).to.equal('finished');
    }));

  it('takes nothing back where nothing was said', () =>
    agentMarbles(({ cold, expectObservable }) => {
      const answers = [cold('--a', letters), cold('-b|', letters)];
      const entries = [notingEntry(2), notingEntry()];
      const meter = meterOfEntries(() => of(entries.shift() ?? notingEntry()));
      expectObservable(meteredAnswer(meter, { stream: () => answers.shift() ?? NEVER }, requestOf(2))).toBe('---b|', letters);
    }));

  it('ends its entry where the answer fails, and where it is left', () =>
    agentMarbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const answer$ = cold('-a-#', letters);
      const [failing, left] = [notingEntry(), notingEntry()];
      const ask = (entry: ReturnType<typeof notingEntry>) =>
        meteredAnswer(
          meterOfEntries(() => of(entry)),
          { stream: () => answer$ },
          requestOf(2),
        );
      expectObservable(ask(failing)).toBe('-a-#', letters);
      expectObservable(ask(left), '^-!').toBe('-a', letters);
      expectSubscriptions(answer$.subscriptions).toBe(['^--!', '^-!']);
      flush();
      expect(failing.told).to.deep.equal(['2/1 estimated', 'failed']);
      expect(left.told).to.deep.equal(['2/1 estimated', 'cancelled']);
    }));

  it('ends its entry where the backend throws, and asks nothing while there is no leave', () => {
    const entry = notingEntry();
    const throwing: LLMBackend = {
      stream: () => {
        throw new Error('no server');
      },
    };
    expect(
      hearNow(
        meteredAnswer(
          meterOfEntries(() => of(entry)),
          throwing,
          requestOf(1),
        ),
      ),
    ).to.deep.equal(['# no server']);
    expect(entry.told).to.deep.equal(['0/0 estimated', 'failed']);
    expect(
      hearNow(
        meteredAnswer(
          meterOfEntries(() => NEVER),
          throwing,
          requestOf(1),
        ),
      ),
    ).to.deep.equal([]);
    const refusing = meterOfEntries(() => throwError(() => new Error('no price')));
    expect(hearNow(meteredAnswer(refusing, throwing, requestOf(1)))).to.deep.equal(['# no price']);
  });

  it('survives a backend that says everything at once, left or cut in its middle', () => {
    const hose = firehose();
    const stream = () => hose.source.pipe(map((): LLMChunk => ({ type: 'text', text: 'xxxx' })));
    const entry = notingEntry();
    expect(
      hearNow(
        meteredAnswer(
          meterOfEntries(() => of(entry)),
          { stream },
          requestOf(0),
        ),
        3,
      ),
    ).to.have.length(3);
    expect(hose.emitted()).to.equal(3);
    expect(entry.told.at(-1)).to.equal('cancelled');

    const cut = firehose();
    const entries = [notingEntry(2)];
    const once = meterOfEntries(() => {
      const next = entries.shift();
      return next === undefined ? NEVER : of(next);
    });
    const said = hearNow(
      meteredAnswer(once, { stream: () => cut.source.pipe(map((): LLMChunk => ({ type: 'text', text: 'xxxx' }))) }, requestOf(0)),
    );
    expect(said).to.have.length(2);
    expect(cut.emitted()).to.equal(3);
  });

  it('lets go of a request before it makes it again', () => {
    const log: string[] = [];
    const entries = [notingEntry(1), notingEntry()];
    const meter = meterOfEntries(() => of(entries.shift() ?? notingEntry()));
    const backend: LLMBackend = {
      stream: () => {
        log.push('asked');
        return new Observable<LLMChunk>((subscriber) => {
          subscriber.next({ type: 'text', text: 'xxxx' });
          subscriber.next({ type: 'text', text: 'xxxx' });
          return () => {
            log.push('released');
          };
        });
      },
    };
    hearNow(meteredAnswer(meter, backend, requestOf(0)));
    expect(log).to.deep.equal(['asked', 'released', 'asked']);
  });

  itObeysTheBackendLaws(
    { describe, it },
    {
      make: (plan) => {
        let opened = 0;
        let open = 0;
        const answer: LLMBackend = {
          stream: () =>
            new Observable<LLMChunk>((subscriber) => {
              opened += 1;
              open += 1;
              subscriber.next({ type: 'text', text: 'Hel' });
              subscriber.next({ type: 'text', text: 'lo' });
              if (plan === 'whole') {
                subscriber.next({ type: 'finish', reason: 'stop' });
                subscriber.complete();
              }
              return () => {
                open -= 1;
              };
            }),
        };
        const meter = meterOfEntries(() => of(notingEntry()));
        return { backend: { stream: (request) => meteredAnswer(meter, answer, request) }, opened: () => opened, open: () => open };
      },
    },
  );
});
