import { expect } from 'chai';
import {
  concat,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  NEVER,
  Observable,
  of,
  share,
  Subject,
  Subscription,
  takeUntil,
  tap,
  timer,
  VirtualTimeScheduler,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../../lib/backend/backend.js';
import type { ChatMessage } from '../../../lib/domain/chat-message.js';
import { fromGenerate } from '../../../lib/backend/from-generate.js';
import { openAIBackend } from '../../../lib/backend/openai-backend.js';
import { scriptedBackend } from '../../../lib/backend/scripted-backend.js';
import { ExpectationError } from '../../../lib/errors/expectation-error.js';
import { itObeysTheBackendLaws, type TestedBackend, type TransportPlan } from '../../../lib/testing/laws/backend-laws.js';
import { misbehavingServer, STALL, type ReplyStep } from '../../support/misbehaving-server.js';
import { CLIENT_MAJORS } from '../../support/openai-clients.js';
import { recordingRunner, type Failures } from '../../support/recording-runner.js';
import { costs, DONE, finishes, says } from '../../support/server-sent.js';

const COLD = 'asks nothing before it is subscribed';
const ONE = 'makes one request of one subscription';
const EACH = 'makes a request of each subscription';
const AT_ONCE = 'gives two subscriptions at once a whole answer each';
const AGAIN = 'gives a later subscription a whole answer again';
const GIVEN = 'does not change the request that it is given';
const BOTH_CALLS = 'answers each of two calls that are made before either is subscribed';
const GOES_ON = 'goes on with an answer when another call is made';
const EARLY = 'closes its transport when it is left before the first chunk';
const HELD = 'keeps its transport open while its answer is held back, and closes it then';
const TEARDOWN = 'closes its transport when it is left after the first chunk';
const BURST = 'stops a burst when it is left';
const ONCE = 'ends once';
const SILENCE = 'says nothing after its end';
const USAGE = 'reports its usage at most once';
const FINISH = 'lets nothing but the usage follow its finish';
const FORM = 'gives chunks that are well formed';

const LEAVING = [EARLY, TEARDOWN, HELD];
const CALLS = [BOTH_CALLS, GOES_ON];
const ALL = [COLD, ONE, EACH, GIVEN, AT_ONCE, AGAIN, ...CALLS, ...LEAVING, BURST, ONCE, SILENCE, USAGE, FINISH, FORM];

/** What a backend breaks that gives no whole answer. */
const WHOLE = ALL.filter((law) => ![COLD, BURST, ...LEAVING].includes(law));

const text = (piece: string): LLMChunk => ({ type: 'text', text: piece });
const finish: LLMChunk = { type: 'finish', reason: 'stop' };
const usage: LLMChunk = { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } };
const call: LLMChunk = { type: 'tool_call', id: '1', name: 'look', params: { at: 1 } };
const thought: LLMChunk = { type: 'reasoning', text: 'Hm' };
const CHUNKS = [thought, text('a'), text('b'), call, finish, usage];

/** A transport that counts. */
interface Counter {
  opened: number;
  open: number;
}

/** How a transport is used by a backend, well or not. `clock` is what time is told by. */
type Use = (counter: Counter, plan: TransportPlan, clock: SchedulerLike) => Observable<LLMChunk>;

const opening = (counter: Counter): void => {
  counter.opened += 1;
  counter.open += 1;
};

/** A sound use of a transport that gives these chunks. */
const giving = (counter: Counter, answer$: Observable<LLMChunk>): Observable<LLMChunk> =>
  defer(() => {
    opening(counter);
    return answer$.pipe(finalize(() => (counter.open -= 1)));
  });

/** One that hands the subscriber itself to `speak`, with nothing of RxJS between. */
const speaking = (counter: Counter, speak: (subscriber: Subscriber<LLMChunk>) => void): Observable<LLMChunk> =>
  new Observable((subscriber) => {
    opening(counter);
    subscriber.add(() => (counter.open -= 1));
    speak(subscriber);
  });

const sayAll = (subscriber: Subscriber<LLMChunk>): void => {
  for (const chunk of CHUNKS) if (!subscriber.closed) subscriber.next(chunk);
};

const playing =
  (...chunks: readonly LLMChunk[]): Use =>
  (counter) =>
    giving(counter, from(chunks));

/** One chunk a millisecond; a held answer stops after the first. */
const inTime: Use = (counter, plan, clock) =>
  giving(
    counter,
    concat(
      ...CHUNKS.slice(0, plan === 'held' ? 1 : CHUNKS.length).map((chunk) => timer(1, clock).pipe(map(() => chunk))),
      plan === 'held' ? NEVER : EMPTY,
    ),
  );

const sound: Readonly<Record<string, Use>> = {
  'that answers at once': playing(...CHUNKS),
  'that answers in time': inTime,
  'that starts anew': playing(text('x'), finish, { type: 'restart' }, text('a'), finish),
  'that begins otherwise each time and starts anew': (counter) =>
    giving(
      counter,
      defer(() => from<LLMChunk[]>([text(`x${counter.opened}`), { type: 'restart' }, text('a'), finish])),
    ),
  'that draws new ids for its calls': (counter) =>
    giving(
      counter,
      defer(() => from([text('a'), { ...call, id: `${counter.opened}` }])),
    ),
  'that says neither finish nor usage': playing(text('a'), text('b')),
  'that cuts its text otherwise each time': (counter) =>
    giving(
      counter,
      defer(() => from(counter.opened % 2 === 0 ? [text('a'), text('bc')] : [text('ab'), text('c')])),
    ),
};

/** What is wrong, how the transport is used, and the laws that it breaks. */
const faults: Readonly<Record<string, readonly [use: Use, broken: readonly string[]]>> = {
  'works before it is subscribed': [
    (counter) => {
      opening(counter);
      return from(CHUNKS).pipe(finalize(() => (counter.open -= 1)));
    },
    [COLD, EACH],
  ],
  'asks twice': [
    (counter) => giving(counter, from(CHUNKS)).pipe(tap({ subscribe: () => (counter.opened += 1) })),
    [ONE, EACH, ...CALLS, ...LEAVING],
  ],
  'shares one request between two subscriptions': [(counter, plan, clock) => inTime(counter, plan, clock).pipe(share()), [EACH]],
  'uses up what it shares': [
    (counter) => {
      const left = [...CHUNKS];
      return giving(
        counter,
        defer(() => from(left.splice(0))),
      );
    },
    [EACH, AT_ONCE, AGAIN],
  ],
  'adds up what it shares': [
    (counter) => {
      let said = '';
      return giving(counter, from([text('a'), text('b')]).pipe(map((chunk) => text((said += 'text' in chunk ? chunk.text : '')))));
    },
    [AT_ONCE, AGAIN],
  ],
  'adds up its usage': [
    (counter) =>
      giving(
        counter,
        defer(() => from<LLMChunk[]>([text('a'), { type: 'usage', usage: { inputTokens: counter.opened, outputTokens: 1 } }])),
      ),
    [AT_ONCE, AGAIN, ...CALLS],
  ],
  'reasons on where it was': [
    (counter) =>
      giving(
        counter,
        defer(() => from<LLMChunk[]>([{ type: 'reasoning', text: `${counter.opened}` }, text('a')])),
      ),
    [AT_ONCE, AGAIN, ...CALLS],
  ],
  'mixes what is under way at once': [
    (counter, plan, clock) => {
      let underWay = 0;
      const answer$ = inTime(counter, plan, clock).pipe(map((chunk) => (chunk.type === 'text' && underWay > 1 ? text('?') : chunk)));
      return defer(() => {
        underWay += 1;
        return answer$.pipe(finalize(() => (underWay -= 1)));
      });
    },
    [AT_ONCE],
  ],
  'has no teardown': [
    (counter) =>
      new Observable((subscriber) => {
        opening(counter);
        sayAll(subscriber);
        if (!subscriber.closed) counter.open -= 1;
        subscriber.complete();
      }),
    [TEARDOWN],
  ],
  'has no teardown while it waits': [
    (counter, plan, clock) =>
      new Observable((subscriber) => {
        inTime(counter, plan, clock).subscribe({ next: (chunk) => subscriber.next(chunk), complete: () => subscriber.complete() });
      }),
    [...LEAVING, BURST],
  ],
  'has no teardown before the first chunk': [
    (counter, plan, clock) =>
      new Observable((subscriber) => {
        const inner = new Subscription();
        let isWired = false;
        inner.add(
          inTime(counter, plan, clock).subscribe({
            next: (chunk) => {
              if (subscriber.closed) return;
              if (!isWired) subscriber.add(inner);
              isWired = true;
              subscriber.next(chunk);
            },
            complete: () => subscriber.complete(),
          }),
        );
      }),
    [EARLY],
  ],
  'asks anew some time after it was left': [
    (counter, plan, clock) =>
      inTime(counter, plan, clock).pipe(
        finalize(() => {
          if (counter.opened === 1 && plan === 'held') timer(8, clock).subscribe(() => opening(counter));
        }),
      ),
    LEAVING,
  ],
  'asks anew, and no longer, some time after it was left': [
    (counter, plan, clock) =>
      inTime(counter, plan, clock).pipe(
        finalize(() => {
          if (counter.opened === 1 && plan === 'held') timer(8, clock).subscribe(() => (counter.opened += 1));
        }),
      ),
    LEAVING,
  ],
  'completes once more later': [
    (counter, _plan, clock) =>
      speaking(counter, (subscriber) => {
        sayAll(subscriber);
        subscriber.complete();
        if (subscriber.closed) timer(5, clock).subscribe(() => subscriber.complete());
      }),
    [ONCE],
  ],
  'does not stop a burst': [
    (counter) =>
      speaking(counter, (subscriber) => {
        for (const chunk of CHUNKS) subscriber.next(chunk);
        subscriber.complete();
      }),
    [BURST],
  ],
  'ends a second time': [
    (counter) =>
      speaking(counter, (subscriber) => {
        sayAll(subscriber);
        subscriber.complete();
        subscriber.error(new Error('late'));
      }),
    [ONCE],
  ],
  'speaks after its end': [
    (counter, _plan, clock) =>
      speaking(counter, (subscriber) => {
        sayAll(subscriber);
        subscriber.complete();
        // Not after it was left.
        if (subscriber.closed) timer(5, clock).subscribe(() => subscriber.next(text('late')));
      }),
    [BURST, SILENCE],
  ],
  'reports its usage twice': [playing(text('a'), usage, usage, finish), [USAGE]],
  'speaks after its finish': [playing(text('a'), finish, text('b')), [FINISH]],
  'finishes twice': [playing(text('a'), finish, finish), [FINISH]],
  'gives chunks that nobody knows': [playing(text('a'), { type: 'txt', text: 'b' } as unknown as LLMChunk), [FORM]],
  'gives numbers that are none': [playing(text('a'), { type: 'usage', usage: { inputTokens: NaN, outputTokens: 1 } }), [FORM]],
  fails: [
    (counter) => giving(counter, concat([text('a'), text('b')], new Observable<never>((subscriber) => subscriber.error('no')))),
    WHOLE,
  ],
  'gives one chunk only': [playing(text('a')), WHOLE],
  'never ends': [(counter) => giving(counter, concat([text('a'), text('b')], NEVER)), WHOLE],
  'gives nothing': [(counter) => giving(counter, EMPTY), ALL.filter((law) => ![COLD, EARLY, HELD].includes(law))],
  'gives nothing, for ever': [(counter) => giving(counter, NEVER), ALL.filter((law) => law !== COLD && law !== EARLY)],
};

const HI: LLMRequest = { messages: [{ role: 'user', content: 'Hi' }] };

/** Answers in time, and with what it is asked. */
const echo = (counter: Counter, plan: TransportPlan, clock: SchedulerLike, request: () => LLMRequest): Observable<LLMChunk> =>
  defer(() => {
    const { messages } = request();
    return inTime(counter, plan, clock).pipe(
      map((chunk) => (chunk.type === 'text' ? text(messages.map(({ content }) => content).join()) : chunk)),
    );
  });

/** What is wrong with the calls of a backend, its `stream`, and the laws that it breaks where it is asked two things. */
const carelessCalls: Readonly<
  Record<
    string,
    readonly [make: (counter: Counter, plan: TransportPlan, clock: SchedulerLike) => LLMBackend['stream'], broken: readonly string[]]
  >
> = {
  'keeps the request where the next call overwrites it': [
    (counter, plan, clock) => {
      let asked: LLMRequest;
      return (request) => {
        asked = request;
        return echo(counter, plan, clock, () => asked);
      };
    },
    [BOTH_CALLS],
  ],
  'is done with the answer before when it is called anew': [
    (counter, plan, clock) => {
      const called$ = new Subject<void>();
      return (request) => {
        called$.next();
        return echo(counter, plan, clock, () => request).pipe(takeUntil(called$));
      };
    },
    [GOES_ON],
  ],
  'gives all calls one stream': [
    (counter, plan, clock) => {
      let answer$: Observable<LLMChunk> | undefined;
      return (request) => (answer$ ??= echo(counter, plan, clock, () => request));
    },
    CALLS,
  ],
  'writes into the request': [
    (counter, plan, clock) => (request) => {
      (request.messages as ChatMessage[]).push({ role: 'user', content: 'Be brief.' });
      return echo(counter, plan, clock, () => request);
    },
    [GIVEN],
  ],
  'writes into a message when it is subscribed': [
    (counter, plan, clock) => (request) =>
      echo(counter, plan, clock, () => {
        Object.assign(request.messages[0] ?? {}, { cache: true });
        return request;
      }),
    [GIVEN],
  ],
};

const testedOf = (use: Use, plan: TransportPlan, clock: SchedulerLike): TestedBackend => {
  const counter: Counter = { opened: 0, open: 0 };
  // What is wrong begins with the call, where the state of a careless backend would be.
  return { backend: { stream: () => use(counter, plan, clock) }, opened: () => counter.opened, open: () => counter.open };
};

/** Runs the laws in virtual time. */
const failuresOf = (make: (plan: TransportPlan, clock: SchedulerLike) => TestedBackend): Promise<Failures> => {
  const clock = new VirtualTimeScheduler();
  const runner = recordingRunner(() => clock.flush());
  itObeysTheBackendLaws(runner, { make: (plan) => make(plan, clock), otherRequest: HI, scheduler: clock });
  return runner.run();
};

/** Made anew for each: a backend of which the calls know of each other. */
const callsOf =
  (make: (counter: Counter, plan: TransportPlan, clock: SchedulerLike) => LLMBackend['stream']) =>
  (plan: TransportPlan, clock: SchedulerLike): TestedBackend => {
    const counter: Counter = { opened: 0, open: 0 };
    return { backend: { stream: make(counter, plan, clock) }, opened: () => counter.opened, open: () => counter.open };
  };

const messagesOf = async (what: string): Promise<readonly string[]> => {
  const failures = await failuresOf((plan, clock) => testedOf(faults[what]?.[0] ?? inTime, plan, clock));
  return Object.values(failures).map((error) => (error as Error).message);
};

describe('itObeysTheBackendLaws', () => {
  for (const [what, use] of Object.entries(sound)) {
    it(`finds a backend sound ${what}`, async () => {
      expect(await failuresOf((plan, clock) => testedOf(use, plan, clock))).to.deep.equal({});
    });
  }

  for (const [what, [use, broken]] of Object.entries(faults)) {
    it(`finds out a backend that ${what}`, async () => {
      const failures = await failuresOf((plan, clock) => testedOf(use, plan, clock));
      expect(Object.keys(failures)).to.have.members(broken);
      for (const error of Object.values(failures)) expect(error).to.be.instanceOf(ExpectationError);
    });
  }

  it('finds a backend sound that answers each request otherwise', async () => {
    const make = callsOf((counter, plan, clock) => (request) => echo(counter, plan, clock, () => request));
    expect(await failuresOf(make)).to.deep.equal({});
  });

  for (const [what, [make, broken]] of Object.entries(carelessCalls)) {
    it(`finds out a backend that ${what}`, async () => {
      const failures = await failuresOf(callsOf(make));
      expect(Object.keys(failures)).to.have.members(broken);
      for (const error of Object.values(failures)) expect(error).to.be.instanceOf(ExpectationError);
    });
  }

  it('says what became of a request that was written into', async () => {
    const failures = await failuresOf(callsOf(carelessCalls['writes into the request']?.[0] ?? (() => () => EMPTY)));
    expect((failures[GIVEN] as Error).message).to.match(
      /Expected: the request as it was\.\nSeen: .*"Be brief\.".*, with a difference at \/messages/,
    );
  });

  it('finds out a transport that says of itself that it is never open', async () => {
    const failures = await failuresOf((plan, clock) => ({ ...testedOf(inTime, plan, clock), open: () => 0 }));
    expect(Object.keys(failures)).to.deep.equal([HELD]);
    expect((failures[HELD] as Error).message).to.contain('Expected: open() to be above 0 while the answer is held back.\nSeen: 0.');
  });

  it('does not ask one that answers at once to be open', async () => {
    expect(await failuresOf((plan, clock) => ({ ...testedOf(playing(...CHUNKS), plan, clock), open: () => 0 }))).to.deep.equal({});
  });

  it('adds its laws, each broken by more than what breaks them all', () => {
    const runner = recordingRunner();
    itObeysTheBackendLaws(runner, { make: () => testedOf(inTime, 'whole', new VirtualTimeScheduler()) });
    expect(runner.cases.map(({ name }) => name)).to.deep.equal(ALL);
    const broken = [...Object.values(faults), ...Object.values(carelessCalls)].flatMap(([, laws]) =>
      laws.length < WHOLE.length ? laws : [],
    );
    expect(broken).to.include.members(ALL);
  });

  it('says which law is broken, what was expected and what was seen', async () => {
    expect((await messagesOf('has no teardown while it waits')).filter((_, index) => index % 2 === 1)).to.deep.equal([
      `The backend breaks the law that it ${TEARDOWN}.\nExpected: open() to become 0.\nSeen: 1.`,
      `The backend breaks the law that it ${BURST}.\nExpected: no chunk after the one at which its subscriber left.\n` +
        `Seen: ${CHUNKS.map((chunk) => `the value ${JSON.stringify(chunk)}`).join(', ')}, the end.`,
    ]);
    expect(await messagesOf('uses up what it shares')).to.include(
      `The backend breaks the law that it ${AGAIN}.\nExpected: at least two chunks and then the end.\nSeen: the end.`,
    );
    expect((await messagesOf('adds up what it shares'))[1]).to.match(/another one: \/text: expected "aab", got "abaabab?"/);
    expect((await messagesOf('never ends'))[0]).to.match(/Expected: an end within 1000 ms\.\nSeen: the value .*"a".*, the value .*"b"/);
    expect((await messagesOf('gives chunks that nobody knows'))[0]).to.match(/"txt".*: \/type: expected one of "text"/);
    expect((await messagesOf('fails'))[0]).to.contain('the error "no"');
  });

  it('lets go of what it made before the law is over, and of what broke it, too', async () => {
    for (const use of [inTime, playing(text('a'))]) {
      const made: boolean[] = [];
      const failures = await failuresOf((plan, clock) => {
        const index = made.push(false) - 1;
        const close = (): Observable<void> => timer(1, clock).pipe(map(() => void (made[index] = true)));
        return { ...testedOf(use, plan, clock), close };
      });
      expect(made)
        .to.have.length.above(ALL.length - 1)
        .and.to.not.include(false);
      expect(Object.keys(failures).length > 0).to.equal(use !== inTime);
    }
  });

  it('leaves an answer that takes longer than there is time', async () => {
    const closings: unknown[] = [];
    const clock = new VirtualTimeScheduler();
    const runner = recordingRunner(() => clock.flush());
    const make = (): TestedBackend => {
      const tested = testedOf((counter) => giving(counter, NEVER), 'whole', clock);
      return { ...tested, close: () => void closings.push({ at: clock.now(), open: tested.open() }) };
    };
    itObeysTheBackendLaws(runner, { make, within: 70, scheduler: clock });
    const outcome = runner.cases.find(({ name }) => name === ONE)?.body();
    clock.flush();
    const error: unknown = await Promise.resolve(outcome).catch((failure: unknown) => failure);
    expect(error).to.be.instanceOf(ExpectationError);
    expect(closings).to.deep.equal([{ at: 70, open: 0 }]);
  });

  it('says what broke the law where the closing fails, too', async () => {
    const failures = await failuresOf((plan, clock) => ({
      ...testedOf(playing(text('a')), plan, clock),
      close: () => {
        throw new Error('of the closing');
      },
    }));
    expect((failures[ONE] as Error).message).to.contain('at least two chunks');
    expect((failures[COLD] as Error).message).to.contain('of the closing');
  });

  it('asks what it is told to ask, and for a held answer where it leaves', async () => {
    const asked = new Set<unknown>();
    const plans: TransportPlan[] = [];
    const clock = new VirtualTimeScheduler();
    const runner = recordingRunner(() => clock.flush());
    const request = { messages: [{ role: 'user', content: 'Who?' }] } as const;
    const make = (plan: TransportPlan): TestedBackend => {
      plans.push(plan);
      const tested = testedOf(inTime, plan, clock);
      return { ...tested, backend: { stream: (each) => (asked.add(each), tested.backend.stream(each)) } };
    };
    itObeysTheBackendLaws(runner, { make, request, scheduler: clock });
    expect(await runner.run()).to.deep.equal({});
    expect([...asked]).to.not.include(request);
    for (const each of asked) expect(each).to.deep.equal(request);
    expect(asked).to.have.length.above(ALL.length);
    expect(plans.filter((plan) => plan === 'held')).to.have.length(LEAVING.length);
  });

  describe('run on scriptedBackend', () => {
    itObeysTheBackendLaws(
      { describe, it },
      {
        make: () => {
          const counter: Counter = { opened: 0, open: 0 };
          const scripted = scriptedBackend([
            ['a', 'b'],
            ['a', 'b'],
          ]);
          return {
            backend: { stream: (request) => giving(counter, scripted.stream(request)) },
            opened: () => counter.opened,
            open: () => counter.open,
          };
        },
      },
    );
  });

  describe('run on fromGenerate', () => {
    itObeysTheBackendLaws(
      { describe, it },
      {
        make: () => {
          const counter: Counter = { opened: 0, open: 0 };
          const answer$ = defer(() => {
            opening(counter);
            return of('an answer').pipe(finalize(() => (counter.open -= 1)));
          });
          return { backend: fromGenerate(() => answer$), opened: () => counter.opened, open: () => counter.open };
        },
      },
    );
  });

  for (const { name, make: makeClient } of CLIENT_MAJORS) {
    describe(`run on openAIBackend over HTTP, ${name}`, () => {
      const whole = [says('a'), says('b') + finishes('stop') + costs(1, 2) + DONE];
      itObeysTheBackendLaws(
        { describe, it },
        {
          make: async (plan) => {
            const server = await misbehavingServer();
            const body: readonly ReplyStep[] = plan === 'held' ? [says('a') + says('b'), STALL] : whole;
            server.reply({ body }, { body });
            const closed = new Set<unknown>();
            const open = (): number => {
              for (const request of server.requests) void request.closed.then(() => closed.add(request));
              return server.requests.length - closed.size;
            };
            return {
              backend: openAIBackend({ model: 'm', client: makeClient({ baseURL: server.url, apiKey: 'k' }) }),
              opened: () => server.requests.length,
              open,
              close: () => server.close(),
            };
          },
        },
      );
    });
  }

  it('finds out a backend whose socket stays open when it is left', async () => {
    const server = await misbehavingServer();
    const body: readonly ReplyStep[] = [says('a') + says('b'), STALL];
    server.reply({ body }, { body });
    const left = openAIBackend({ model: 'm', client: CLIENT_MAJORS[0]?.make({ baseURL: server.url, apiKey: 'k' }) as never });
    let closed = 0;
    const runner = recordingRunner();
    itObeysTheBackendLaws(runner, {
      make: () => ({
        backend: {
          stream: (request) =>
            new Observable((subscriber) => {
              left.stream(request).subscribe({ next: (chunk) => subscriber.next(chunk), error: () => undefined });
            }),
        },
        opened: () => server.requests.length,
        open: () => server.requests.length - closed,
        close: () => server.close().then(() => (closed += 1)),
      }),
      // The first request loads the code that speaks to the server.
      within: 1_500,
    });
    const law = runner.cases.find(({ name }) => name === TEARDOWN);
    const error = await Promise.resolve(law?.body()).catch((failure: unknown) => failure);
    expect(error).to.be.instanceOf(ExpectationError).with.property('message').that.contains('Seen: 1.');
  });
});
