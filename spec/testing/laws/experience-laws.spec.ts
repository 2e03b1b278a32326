import { expect } from 'chai';
import {
  EMPTY,
  finalize,
  interval,
  map,
  NEVER,
  Observable,
  of,
  tap,
  throwError,
  timer,
  VirtualTimeScheduler,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import type { Trajectory } from '../../../lib/domain/trajectory.js';
import { ExpectationError } from '../../../lib/errors/expectation-error.js';
import type { Experience, RecallQuery } from '../../../lib/experience/experience.js';
import { inMemoryExperience } from '../../../lib/experience/in-memory-experience.js';
import { itObeysTheExperienceLaws } from '../../../lib/testing/laws/experience-laws.js';
import { recordingRunner, type Failures } from '../../support/recording-runner.js';

const AT_FIRST = 'is empty at first';
const WHOLE = 'recalls what was recorded for the same purpose, whole';
const AGAIN = 'recalls it again';
const UNKNOWN = 'does not fail at a purpose that it knows nothing of';
const LEFT = 'takes no harm from a recall that is left';
const TIMER = 'leaves no timer behind when a recall is left';
const FROZEN = 'takes a trajectory that is frozen';
const GIVEN = 'does not change the trajectory that it is given';
const LIST = 'does not change a list that it gave when more is recorded';
const APART = 'shares nothing with another one';
const MANY = 'loses nothing of what is recorded at once';

const ALL = [AT_FIRST, WHOLE, AGAIN, UNKNOWN, LEFT, TIMER, FROZEN, GIVEN, LIST, APART, MANY];

type Make = (clock: SchedulerLike) => Experience;

/** An experience of plain functions. */
interface Simple {
  readonly recall: (query: RecallQuery) => readonly Trajectory[];
  readonly record: (trajectory: Trajectory) => void;
}

/** The simplest that is sound: the newest three of the same purpose. */
const simple = (kept: Trajectory[] = []): Simple => ({
  recall: ({ purpose }) => kept.filter((each) => each.purpose === purpose).slice(-3),
  record: (trajectory) => void kept.push(trajectory),
});

const sound: Readonly<Record<string, Make>> = {
  'that is synchronous': () => simple(),
  'that recalls one only': () => inMemoryExperience({ limit: 1 }),
  'that takes its time': (clock) => {
    const kept: Trajectory[] = [];
    const { recall } = simple(kept);
    return {
      recall: (query) => timer(2, clock).pipe(map(() => recall(query))),
      record: (trajectory) => timer(3, clock).pipe(map(() => kept.push(trajectory))),
    };
  },
};

/** Begins with its first recall what it goes on with until it is closed. */
const refreshing = (): Experience & { readonly isOpen: () => boolean; readonly close: () => void } => {
  const { recall, record } = simple();
  let refresh: Subscription | undefined;
  return {
    record,
    recall: (query) => {
      refresh ??= interval(50).subscribe();
      return timer(1).pipe(map(() => recall(query)));
    },
    isOpen: () => refresh?.closed === false,
    close: () => refresh?.unsubscribe(),
  };
};

const promising = (): Experience => {
  const { recall, record } = simple();
  return {
    recall: (query) => Promise.resolve(recall(query)),
    record: (trajectory) => Promise.resolve().then(() => record(trajectory)),
  };
};

const everywhere: Trajectory[] = [];

/** What is wrong, the experience, and the laws that it breaks. */
const faults: Readonly<Record<string, readonly [make: Make, broken: readonly string[]]>> = {
  'loses everything': [() => ({ recall: () => [], record: () => undefined }), [WHOLE, AGAIN, LEFT, MANY]],
  'loses a part': [
    () => {
      const kept: Trajectory[] = [];
      return { ...simple(kept), record: (trajectory) => void kept.push({ ...trajectory, steps: trajectory.steps.slice(1) }) };
    },
    [WHOLE, AGAIN, LEFT, MANY],
  ],
  'loses what is recorded at once': [
    (clock) => {
      let kept: readonly Trajectory[] = [];
      return {
        recall: (query) => simple([...kept]).recall(query),
        record: (trajectory) => {
          const before = kept;
          return timer(1, clock).pipe(map(() => (kept = [...before, trajectory])));
        },
      };
    },
    [MANY],
  ],
  'forgets what it recalled': [
    () => {
      const kept: Trajectory[] = [];
      return { ...simple(kept), recall: ({ purpose }) => (kept.some((each) => each.purpose === purpose) ? kept.splice(0) : []) };
    },
    [AGAIN, LEFT, MANY],
  ],
  'writes into what it is given': [
    () => {
      const kept: Trajectory[] = [];
      return {
        ...simple(kept),
        record: (trajectory) => {
          kept.push(structuredClone(trajectory));
          Object.assign(trajectory, { recorded: true });
        },
      };
    },
    [FROZEN, GIVEN],
  ],
  'keeps what all of them recorded': [() => simple(everywhere), [AGAIN, LEFT, APART]],
  'gives a list that grows': [
    () => {
      const kept: Trajectory[] = [];
      return { ...simple(kept), recall: () => kept };
    },
    [LIST],
  ],
  'fails at a purpose that it does not know': [
    () => {
      const experience = simple();
      return {
        ...experience,
        recall: (query) => {
          const found = experience.recall(query);
          if (found.length === 0) throw new Error('unknown');
          return found;
        },
      };
    },
    [AT_FIRST, UNKNOWN, APART],
  ],
  'fails at a purpose that shares nothing with what it knows': [
    () => {
      const kept: Trajectory[] = [];
      const { recall, record } = simple(kept);
      const isKnown = (purpose: string): boolean => kept.length === 0 || kept.some((each) => each.purpose === purpose);
      return { record, recall: (query) => (isKnown(query.purpose) ? recall(query) : throwError(() => new Error('unknown'))) };
    },
    [UNKNOWN],
  ],
  'breaks when a recall is left': [
    (clock) => {
      const { recall, record } = simple();
      let isBroken = false;
      return {
        record,
        recall: (query) => {
          if (isBroken) return [];
          let isAnswered = false;
          return timer(1, clock).pipe(
            map(() => recall(query)),
            tap(() => (isAnswered = true)),
            finalize(() => (isBroken = !isAnswered)),
          );
        },
      };
    },
    [LEFT],
  ],
  'keeps the timer of a recall that is left': [
    () => {
      const { recall, record } = simple();
      return {
        record,
        recall: (query) =>
          new Observable((subscriber) => {
            timer(1).subscribe();
            subscriber.next(recall(query));
            subscriber.complete();
          }),
      };
    },
    [TIMER],
  ],
  'ends a recall without a list': [() => ({ ...simple(), recall: () => EMPTY }), ALL],
  'recalls no list': [
    () => ({ ...simple(), recall: () => ({ 0: 'it' }) as unknown as readonly Trajectory[] }),
    [AT_FIRST, WHOLE, AGAIN, UNKNOWN, LEFT, TIMER, FROZEN, GIVEN, LIST, APART, MANY],
  ],
  'never recalls': [() => ({ ...simple(), recall: () => NEVER }), ALL],
  'never ends a recording': [() => ({ ...simple(), record: () => NEVER }), ALL.filter((law) => law !== AT_FIRST)],
  'fails to record': [() => ({ ...simple(), record: () => throwError(() => new Error('full')) }), ALL.filter((law) => law !== AT_FIRST)],
};

/** Runs the laws in virtual time. */
const failuresOf = (make: Make): Promise<Failures> => {
  const clock = new VirtualTimeScheduler();
  const runner = recordingRunner(() => clock.flush());
  itObeysTheExperienceLaws(runner, { make: () => of(make(clock)), scheduler: clock });
  return runner.run();
};

const messageOf = async (what: string, law: string): Promise<string> =>
  ((await failuresOf(faults[what]?.[0] ?? (() => simple())))[law] as Error).message;

describe('itObeysTheExperienceLaws', () => {
  for (const [what, make] of Object.entries(sound)) {
    it(`finds an experience sound ${what}`, async () => {
      expect(await failuresOf(make)).to.deep.equal({});
    });
  }

  for (const [what, [make, broken]] of Object.entries(faults)) {
    it(`finds out an experience that ${what}`, async () => {
      const failures = await failuresOf(make);
      expect(Object.keys(failures)).to.have.members(broken);
      for (const error of Object.values(failures)) expect(error).to.be.instanceOf(ExpectationError);
    });
  }

  it('adds its laws, each broken by more than what breaks them all', () => {
    const runner = recordingRunner();
    itObeysTheExperienceLaws(runner, { make: () => simple() });
    expect(runner.cases.map(({ name }) => name)).to.deep.equal(ALL);
    const broken = Object.values(faults).flatMap(([, laws]) => (laws.length < ALL.length - 1 ? laws : []));
    expect(broken).to.include.members(ALL);
  });

  it('says which law is broken, what was expected and what was seen', async () => {
    expect(await messageOf('loses everything', AGAIN)).to.match(
      /^The experience breaks the law that it recalls it again\.\nExpected: \[\{"purpose":"find the parser".* recalled\.\nSeen: \[\], with a difference at \/0: /,
    );
    expect(await messageOf('writes into what it is given', GIVEN)).to.match(/Expected: the trajectory as it was\.\nSeen: .*\/recorded: /);
    expect(await messageOf('fails to record', WHOLE)).to.match(/Expected: no failure\.\nSeen: the failure Error: full\.$/);
    expect(await messageOf('never recalls', AT_FIRST)).to.match(/Expected: a list within 1000 ms\.\nSeen: none\.$/);
    expect(await messageOf('never ends a recording', WHOLE)).to.match(/Expected: the end of a recording within 1000 ms\.\nSeen: none\.$/);
    expect(await messageOf('recalls no list', AT_FIRST)).to.match(/Expected: a list of trajectories\.\nSeen: .*expected/);
  });

  it('lets go of what it made when the law is over, and of what broke it, too', async () => {
    for (const isSound of [true, false]) {
      const clock = new VirtualTimeScheduler();
      const [made, closed] = [[] as Experience[], [] as Experience[]];
      const runner = recordingRunner(() => clock.flush());
      const make = (): Experience => {
        const experience = isSound ? simple() : { recall: () => EMPTY, record: () => EMPTY };
        made.push(experience);
        return experience;
      };
      const close = (experience: Experience) => timer(1, clock).pipe(map(() => closed.push(experience)));
      itObeysTheExperienceLaws(runner, { make, close, scheduler: clock });
      expect(Object.keys(await runner.run())).to.have.length(isSound ? 0 : ALL.length);
      expect(made).to.have.length.above(ALL.length - 1);
      expect(made.filter((each) => !closed.includes(each))).to.deep.equal([]);
      expect(closed).to.have.length(made.length);
    }
  });

  describe('run on an experience that refreshes itself until it is closed', () => {
    const made: ReturnType<typeof refreshing>[] = [];
    const make = () => {
      const experience = refreshing();
      made.push(experience);
      return experience;
    };
    itObeysTheExperienceLaws({ describe, it }, { make, close: (experience) => made.find((each) => each === experience)?.close() });

    after(() => {
      expect(made.some(({ isOpen }) => isOpen())).to.equal(false);
    });
  });

  describe('run on inMemoryExperience', () => {
    itObeysTheExperienceLaws({ describe, it }, { make: () => inMemoryExperience() });
  });

  describe('run on an experience that gives Promises and comes later as one', () => {
    itObeysTheExperienceLaws({ describe, it }, { make: () => Promise.resolve(promising()) });
  });
});
