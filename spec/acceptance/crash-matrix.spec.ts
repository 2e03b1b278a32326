import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { isRecord } from '../../lib/domain/is-record.js';
import { foldLedger } from '../../lib/domain/ledger.js';
import { foldRun, runTrajectory } from '../../lib/domain/run-state.js';
import type { StreamEvent } from '../../lib/domain/stream-event.js';
import { verifyOrder } from '../../lib/operators/verify-order.js';
import { readJournal } from '../../lib/policies/jsonl-file.js';
import { doneBy, JOURNAL, TOOLS, type Life, type LifeResult } from '../support/crash-agent.js';
import { buildCrashProcess, inProcess } from '../support/crash-processes.js';

type Policy = NonNullable<Life['inDoubt']>;

const POLICIES: readonly Policy[] = ['fail', 'retry', 'look'];

const UNKNOWN = 'the run broke off while it was at work, and whether it was done is not known';

/** The tool of each call of the run. */
const CALLS: ReadonlyMap<string, string> = new Map([
  ['1.1', 'note'],
  ['1.2', 'send'],
  ['2.1', 'send'],
]);

/** How much of a line is left: a byte, about half, and all but its end. */
const TEARS = [() => 1, (length: number) => Math.floor(length / 2), (length: number) => length - 1];

/** One of them after the other, and the first again. */
const inTurn = <T>(items: readonly T[], turn: number): T => items[turn % items.length] ?? expect.fail('there is nothing to take');

/** How many processes are alive at a time. */
const SIDE_BY_SIDE = 2;

/** How many runs one process resumes at most. */
const SHARE = 60;

const sideBySide = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> =>
  lastValueFrom(from(items).pipe(mergeMap(work, SIDE_BY_SIDE), toArray()));

/** The one run of a journal, as far as it got, and what is torn of it. */
const journalIn = (folder: string) => {
  const { runs, torn } = readJournal(join(folder, JOURNAL));
  expect(runs.size, 'runs').to.be.at.most(1);
  return { log: [...runs.values()].flat(), torn };
};

/** How often each call was done, by the files of the tools. */
const deedsIn = (folder: string): ReadonlyMap<string, number> => {
  const keys = TOOLS.flatMap((name) => doneBy(folder, name));
  return new Map([...CALLS.keys()].map((callId) => [callId, keys.filter((key) => key === `run-1:${callId}`).length]));
};

const idsOf = (events: readonly StreamEvent[], type: 'tool_start' | 'tool_end'): readonly string[] =>
  events.flatMap((event) => (event.type === type ? [event.data.callId] : []));

/** Tears the last line after so many of its bytes. */
const tear = (folder: string, bytesOf: (length: number) => number): string => {
  const path = join(folder, JOURNAL);
  const bytes = readFileSync(path);
  const start = bytes.lastIndexOf('\n', -2) + 1;
  truncateSync(path, start + bytesOf(bytes.length - start));
  return folder;
};

/** What is left of a run, as it was found, and how it is to be resumed. */
const found = (folder: string, inDoubt: Policy, at: string) => ({
  ...{ at, life: { folder, inDoubt } },
  ...{ ...journalIn(folder), deeds: deedsIn(folder) },
});

type Found = ReturnType<typeof found>;

/** What a resumed run has to make of the calls of one that was killed. */
const verdictsOn = (log: readonly StreamEvent[], deeds: ReadonlyMap<string, number>, policy: Policy) => {
  const failing = new Set<string>();
  const due = new Map<string, number>();
  for (const [callId, name] of CALLS) {
    const done = deeds.get(callId) ?? 0;
    const isBegun = idsOf(log, 'tool_start').includes(callId);
    const hasEnded = idsOf(log, 'tool_end').includes(callId);
    if (hasEnded) expect(done, `${callId}, ended`).to.equal(1);
    if (!isBegun) expect(done, `${callId}, not begun`).to.equal(0);
    const isInDoubt = isBegun && !hasEnded;
    const isAgain = (policy === 'retry' && name === 'note') || (policy === 'look' && done === 0);
    if (isInDoubt && !isAgain && policy !== 'look') failing.add(callId);
    due.set(callId, done + (!isBegun || (isInDoubt && isAgain) ? 1 : 0));
  }
  return { failing, due };
};

/** The same with these calls failed, for not being known. */
const withFailed = <T>(value: T, failing: ReadonlySet<string>): T =>
  JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    isRecord(part) && 'ok' in part && failing.has(String(part['callId']))
      ? { callId: part['callId'], name: part['name'], ok: false, error: UNKNOWN }
      : part,
  ) as T;

describe('a process that is killed in the middle of a journalled run, which another resumes', function () {
  this.timeout(60_000);
  let root: string;
  let undisturbed: LifeResult;
  let whole: readonly StreamEvent[];
  let folders = 0;

  const newFolder = (): string => {
    folders += 1;
    const folder = join(root, String(folders));
    mkdirSync(folder);
    return folder;
  };

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'purpose-rx-crash-'));
    await buildCrashProcess();
    const folder = newFolder();
    const { results } = await inProcess([{ folder }]);
    undisturbed = results[0] ?? expect.fail('nothing came of it');
    whole = journalIn(folder).log;
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  /** Begins the run and kills it; gives the folder that is left. */
  const killed = async (life: Omit<Life, 'folder'>): Promise<string> => {
    const folder = newFolder();
    const { signal } = await inProcess([{ ...life, folder }]);
    expect(signal).to.equal('SIGKILL');
    return folder;
  };

  const copyOf = (folder: string): string => {
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true });
    return copy;
  };

  const check = async ({ life: { folder, inDoubt }, log, deeds }: Found, result: LifeResult | undefined): Promise<void> => {
    const { failing, due } = verdictsOn(log, deeds, inDoubt);
    expect(deedsIn(folder), 'how often each was done').to.deep.equal(due);
    expect(result, 'what came of it').to.deep.equal(withFailed(undisturbed, failing));
    const { log: events, torn } = journalIn(folder);
    expect(torn, 'torn line').to.equal(null);
    expect(events.slice(0, log.length), 'the log so far').to.deep.equal(log);
    expect(runTrajectory(foldRun(events)), 'trajectory of the journal').to.deep.equal(result?.trajectory);
    expect([...idsOf(events, 'tool_start')].sort(), 'starts').to.deep.equal([...CALLS.keys()]);
    expect([...idsOf(events, 'tool_end')].sort(), 'ends').to.deep.equal([...CALLS.keys()]);
    const requests = foldLedger(events).entries.map(({ request }) => request);
    expect(new Set(requests).size, 'entries of the ledger').to.equal(requests.length);
    await lastValueFrom(from(events).pipe(verifyOrder()));
  };

  /** Resumes runs in other processes, each of which takes its share. */
  const resumeAll = async (runs: readonly Found[]): Promise<void> => {
    const share = Math.ceil(runs.length / Math.ceil(runs.length / SHARE));
    const shares = Array.from({ length: Math.ceil(runs.length / share) }, (_, index) => runs.slice(index * share, (index + 1) * share));
    await sideBySide(shares, async (some) => {
      const { results } = await inProcess(some.map(({ life }) => life));
      for (const [index, run] of some.entries()) {
        try {
          await check(run, results[index]);
        } catch (error) {
          throw new Error(`Killed ${run.at}, with ${run.life.inDoubt}: ${String(error)}`, { cause: error });
        }
      }
    });
  };

  it('comes to the same at every event, and at every torn one: what was finished is done once, the rest as the policy says', async () => {
    expect(whole.length).to.be.greaterThan(30);
    const runs = await sideBySide(whole, async ({ seq, type }) => {
      const folder = await killed({ keeps: seq + 1 });
      const at = `after ${type} (${seq})`;
      const kept = POLICIES.map((policy) => found(copyOf(folder), policy, at));
      const torn = found(tear(copyOf(folder), inTurn(TEARS, seq)), inTurn(POLICIES, Math.floor(seq / TEARS.length)), `${at}, torn`);
      const types = whole.slice(0, seq + 1).map((event) => event.type);
      for (const { log } of kept)
        expect(
          log.map((event) => event.type),
          at,
        ).to.deep.equal(types);
      expect([torn.log.length, torn.torn === null], at).to.deep.equal([seq, false]);
      return [...kept, torn];
    });
    await resumeAll(runs.flat());
  });

  it('has a call in doubt that was done and not told, and follows the policy', async () => {
    const runs = await sideBySide([...CALLS], async ([callId, name]) => {
      const folder = await killed({ diesIn: callId });
      expect(deedsIn(folder).get(callId)).to.equal(1);
      return POLICIES.map((policy) => {
        const run = found(copyOf(folder), policy, `in ${callId}`);
        const { failing, due } = verdictsOn(run.log, run.deeds, policy);
        expect(failing.has(callId), policy).to.equal(policy === 'fail' || (policy === 'retry' && name === 'send'));
        expect(due.get(callId), policy).to.equal(policy === 'retry' && name === 'note' ? 2 : 1);
        return run;
      });
    });
    await resumeAll(runs.flat());
  });

  it('comes to the same when it is killed again and again', async () => {
    const folder = newFolder();
    let lives = 0;
    for (;;) {
      const { signal, results } = await inProcess([{ folder, inDoubt: 'look', keeps: 9 }]);
      lives += 1;
      if (signal !== null && lives < 40) continue;
      expect(results[0]).to.deep.equal(undisturbed);
      break;
    }
    expect(lives).to.be.greaterThan(4);
    expect([...deedsIn(folder).values()]).to.deep.equal([1, 1, 1]);
    await lastValueFrom(from(journalIn(folder).log).pipe(verifyOrder()));
  });
});
