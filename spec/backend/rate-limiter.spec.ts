import { expect } from 'chai';
import * as fc from 'fast-check';
import { map, VirtualTimeScheduler, type Observable } from 'rxjs';
import { rateLimiter, type RateLimiter, type RateLimiterConfig, type RateTicket } from '../../lib/backend/rate-limiter.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';

const MINUTE = 60_000;

/** Somebody who asks to be let go. */
const asking = (limiter: RateLimiter, tokens = 1): Observable<string> => limiter.admit(tokens).pipe(map(() => 'a'));

/** A clock of its own, and what is still due on it. */
const clockOf = () => {
  const scheduler = new VirtualTimeScheduler();
  return { scheduler, timers: () => scheduler.actions.filter(({ closed }) => !closed).length };
};

describe('rateLimiter', () => {
  it('lets as many go at once as there may be in a minute, and the next one when the first is a minute ago', () =>
    agentMarbles(({ expectObservable }) => {
      const limiter = rateLimiter({ requestsPerMinute: 2 });
      expectObservable(asking(limiter)).toBe('                 (a|)');
      expectObservable(asking(limiter), '10s ^').toBe('        10s (a|)');
      expectObservable(asking(limiter), '20s ^').toBe('        60s (a|)');
      expectObservable(asking(limiter), '20s ^').toBe('        70s (a|)');
      expectObservable(asking(limiter), '20s ^').toBe('       120s (a|)');
    }));

  it('lets nobody go whose tokens do not fit in', () =>
    agentMarbles(({ expectObservable }) => {
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      expectObservable(asking(limiter, 60)).toBe('             (a|)');
      expectObservable(asking(limiter, 40), '10s ^').toBe('    10s (a|)');
      expectObservable(asking(limiter, 61), '20s ^').toBe('    70s (a|)');
      expectObservable(asking(limiter, 39), '20s ^').toBe('    70s (a|)');
    }));

  it('lets nobody small pass somebody large', () =>
    agentMarbles(({ expectObservable }) => {
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      expectObservable(asking(limiter, 50)).toBe('             (a|)');
      expectObservable(asking(limiter, 80), '1s ^').toBe('     60s (a|)');
      expectObservable(asking(limiter, 10), '2s ^').toBe('     60s (a|)');
    }));

  it('lets one go that is larger than the limit where nothing else counts', () =>
    agentMarbles(({ expectObservable }) => {
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      expectObservable(asking(limiter, 5000)).toBe('           (a|)');
      expectObservable(asking(limiter, 5000), '1s ^').toBe('   60s (a|)');
      expectObservable(asking(limiter, 1), '1s ^').toBe('     120s (a|)');
    }));

  it('keeps both limits', () =>
    agentMarbles(({ expectObservable }) => {
      const limiter = rateLimiter({ requestsPerMinute: 2, tokensPerMinute: 100 });
      expectObservable(asking(limiter, 90)).toBe('            (a|)');
      expectObservable(asking(limiter, 10), '5s ^').toBe('     5s (a|)');
      expectObservable(asking(limiter, 1), '6s ^').toBe('     60s (a|)');
    }));

  it('lets the next one go at once when a request turns out to cost less, and later when it costs more', () =>
    agentMarbles(({ expectObservable, at }) => {
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      const tickets: RateTicket[] = [];
      limiter.admit(60).subscribe((ticket) => tickets.push(ticket));
      limiter.admit(10).subscribe((ticket) => tickets.push(ticket));
      expectObservable(asking(limiter, 80)).toBe('           5s (a|)');
      expectObservable(asking(limiter, 10)).toBe('          60s (a|)');
      at(3000, () => tickets[1]?.correct(20));
      at(5000, () => tickets[0]?.correct(0));
    }));

  it('counts no correction of what is over', () =>
    agentMarbles(({ expectObservable, at }) => {
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      let ticket: RateTicket | undefined;
      limiter.admit(60).subscribe((given) => (ticket = given));
      expectObservable(asking(limiter, 1), '61s ^').toBe(' 61s (a|)');
      at(62_000, () => ticket?.correct(100));
      expectObservable(asking(limiter, 99), '63s ^').toBe('63s (a|)');
      expectObservable(asking(limiter, 1), '64s ^').toBe('121s (a|)');
    }));

  it('takes no correction that is no number of tokens', () =>
    agentMarbles(({ expectObservable }) => {
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      limiter.admit(60).subscribe(({ correct }) => {
        for (const cost of [Number.NaN, -5, Infinity]) correct(cost);
      });
      expectObservable(asking(limiter, 40)).toBe('    (a|)');
      expectObservable(asking(limiter, 1)).toBe(' 60s (a|)');
    }));

  it('lets nobody go while it is paused, for as long as the longest pause', () =>
    agentMarbles(({ expectObservable, at }) => {
      const limiter = rateLimiter({ requestsPerMinute: 10 });
      at(1000, () => {
        limiter.pause(5000);
        limiter.pause(2000);
        limiter.pause(Number.NaN);
      });
      expectObservable(asking(limiter)).toBe('           (a|)');
      expectObservable(asking(limiter), '2s ^').toBe('     6s (a|)');
    }));

  it('keeps who waits already waiting for a pause that begins', () =>
    agentMarbles(({ expectObservable, at }) => {
      const limiter = rateLimiter({ requestsPerMinute: 1 });
      expectObservable(asking(limiter)).toBe('     (a|)');
      expectObservable(asking(limiter)).toBe(' 90s (a|)');
      at(30_000, () => {
        limiter.pause(60_000);
      });
    }));

  it('waits longer than timers can', () => {
    const { scheduler } = clockOf();
    const limiter = rateLimiter({ requestsPerMinute: 10, scheduler });
    const longest = 2 ** 31 - 1;
    limiter.pause(longest + 5);
    let letGoAt: number | undefined;
    asking(limiter).subscribe(() => (letGoAt = scheduler.now()));
    expect(scheduler.actions.map(({ delay }) => delay)).to.deep.equal([longest]);
    scheduler.maxFrames = Infinity;
    scheduler.flush();
    expect(letGoAt).to.equal(longest + 5);
  });

  it('has one timer for all who wait, and none when nobody does', () => {
    const { scheduler, timers } = clockOf();
    const limiter = rateLimiter({ requestsPerMinute: 1, scheduler });
    asking(limiter).subscribe();
    expect(timers()).to.equal(0);
    const waiting = Array.from({ length: 50 }, () => asking(limiter).subscribe());
    expect([timers(), limiter.waiting]).to.deep.equal([1, 50]);
    waiting.shift()?.unsubscribe();
    expect([timers(), limiter.waiting]).to.deep.equal([1, 49]);
    for (const one of waiting) one.unsubscribe();
    expect([timers(), limiter.waiting]).to.deep.equal([0, 0]);
  });

  it('lets the next one go where the first one leaves that it waited behind', () =>
    agentMarbles(({ expectObservable }) => {
      const limiter = rateLimiter({ tokensPerMinute: 100 });
      expectObservable(asking(limiter, 60)).toBe('                 (a|)');
      expectObservable(asking(limiter, 80), '1s ^ 3s !').toBe('');
      expectObservable(asking(limiter, 40), '2s ^').toBe('        4001ms (a|)');
    }));

  it('keeps its limits in every minute, and lets everybody go in their order', () => {
    const requests = fc.array(fc.record({ after: fc.integer({ min: 0, max: 40_000 }), tokens: fc.integer({ min: 1, max: 60 }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        requests,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 60, max: 150 }),
        (asked, requestsPerMinute, tokensPerMinute) => {
          const scheduler = new VirtualTimeScheduler();
          const limiter = rateLimiter({ requestsPerMinute, tokensPerMinute, scheduler });
          const gone: { readonly index: number; readonly at: number; readonly tokens: number }[] = [];
          let time = 0;
          asked.forEach(({ after, tokens }, index) => {
            time += after;
            scheduler.schedule(() => {
              limiter.admit(tokens).subscribe(() => gone.push({ index, at: scheduler.now(), tokens }));
            }, time);
          });
          scheduler.flush();
          expect(gone.map(({ index }) => index)).to.deep.equal(asked.map((_, index) => index));
          for (const { at } of gone) {
            const minute = gone.filter((other) => other.at >= at && other.at < at + MINUTE);
            expect(minute.length).to.be.at.most(requestsPerMinute);
            expect(minute.reduce((sum, { tokens }) => sum + tokens, 0)).to.be.at.most(tokensPerMinute);
          }
        },
      ),
    );
  });

  it('refuses what makes no sense when it is called', () => {
    const wrong: readonly RateLimiterConfig[] = [
      {},
      { requestsPerMinute: 0 },
      { requestsPerMinute: 1.5 },
      { tokensPerMinute: -1 },
      { requestsPerMinute: 5, tokensPerMinute: Number.NaN },
    ];
    for (const config of wrong) expect(() => rateLimiter(config), JSON.stringify(config)).to.throw(ContractError);
  });
});
