import { expect } from 'chai';
import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { finalize, NEVER, of, type Observable } from 'rxjs';
import type { LLMBackend, LLMChunk } from '../../lib/backend/backend.js';
import { lazyBackend } from '../../lib/backend/lazy-backend.js';
import type { BackendError } from '../../lib/errors/backend-error.js';
import { outcomeOf } from '../support/outcome.js';

const request = { messages: [] };
const hello: LLMChunk = { type: 'text', text: 'Hello' };

/** A backend that loads slowly, and what was asked of what it loaded. */
const slowly = (answer$: Observable<LLMChunk> = of(hello)) => {
  const loads: (() => void)[] = [];
  const asked: LLMBackend[] = [];
  const backend = lazyBackend(
    () =>
      new Promise((resolve) => {
        const loaded: LLMBackend = {
          stream: () => {
            asked.push(loaded);
            return answer$;
          },
        };
        loads.push(() => {
          resolve(loaded);
        });
      }),
  );
  return { backend, loads, asked };
};

describe('lazyBackend', () => {
  it('loads nothing before a subscription', () => {
    const { backend, loads } = slowly();
    const answer$ = backend.stream(request);
    expect(loads).to.have.length(0);
    answer$.subscribe();
    expect(loads).to.have.length(1);
  });

  it('answers as soon as it is loaded, and from then on at once', async () => {
    const { backend, loads } = slowly();
    const first = outcomeOf(backend.stream(request));
    loads[0]?.();
    expect((await first).values).to.deep.equal([hello]);

    const later: LLMChunk[] = [];
    backend.stream(request).subscribe((chunk) => later.push(chunk));
    expect(later).to.deep.equal([hello]);
    expect(loads).to.have.length(1);
  });

  it('asks one and the same, also where requests began side by side', async () => {
    const { backend, loads, asked } = slowly();
    const both = Promise.all([outcomeOf(backend.stream(request)), outcomeOf(backend.stream(request))]);
    for (const load of loads) load();
    await both;
    expect(asked).to.have.length(2);
    expect(asked[1]).to.equal(asked[0]);
  });

  it('asks nothing when it is left while it loads', async () => {
    const { backend, loads, asked } = slowly();
    backend.stream(request).subscribe().unsubscribe();
    loads[0]?.();
    await nextMacrotask();
    expect(asked).to.have.length(0);
  });

  it('leaves the request when it is left', async () => {
    let isLeft = false;
    const answer$ = NEVER.pipe(
      finalize(() => {
        isLeft = true;
      }),
    );
    const backend = lazyBackend(() => Promise.resolve({ stream: () => answer$ }));
    const subscription = backend.stream(request).subscribe();
    await nextMacrotask();
    subscription.unsubscribe();
    expect(isLeft).to.equal(true);
  });

  it('errors where it cannot be loaded, tells of no key, and loads anew at the next request', async () => {
    const outcomes = [
      Promise.reject(new Error('Failed to fetch ./chunks/A.js?key=sk-0123456789abcdef')),
      Promise.resolve({ stream: () => of(hello) }),
    ];
    const backend = lazyBackend(() => outcomes.shift() ?? Promise.reject(new Error('asked too often')));
    const error = (await outcomeOf(backend.stream(request))).error as BackendError;
    expect(error).to.include({ _tag: 'BackendError', isRetryable: false });
    expect(error.message).to.include('could not be loaded').and.include('./chunks/A.js').and.not.include('0123456789');
    expect((await outcomeOf(backend.stream(request))).values).to.deep.equal([hello]);
  });

  it('errors where the loading itself throws', async () => {
    const backend = lazyBackend(() => {
      throw new Error('no modules here');
    });
    expect((await outcomeOf(backend.stream(request))).error).to.include({ _tag: 'BackendError' });
  });
});
