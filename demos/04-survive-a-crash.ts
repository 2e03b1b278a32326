/**
 * An agent that survives its process. Stop it in the middle, by Ctrl-C or by kill -9, and start it again: it goes on where
 * it was, and what was delivered is not delivered again.
 *
 *     npx tsx demos/04-survive-a-crash.ts [journal]
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as t from 'io-ts';
import { concat, defer, finalize, map, merge, of, timer, type Observable } from 'rxjs';
import { createOrchestrator, decided, ofType, rulePurposeFunction, tool, toolEnvironment } from 'purpose-rx';
import { jsonlFile, readJournal } from 'purpose-rx/node';
import { journalTo } from 'purpose-rx/resilience';
import { printWhenRun } from './when-run.js';

const people = ['Ada', 'Grace', 'Alan', 'Barbara'];
const personOf = (step: number): string => people[step - 1] ?? 'nobody';

/** How long a delivery takes, in milliseconds. */
const PACE = Number(process.env['DEMO_PACE'] ?? 1000);

/** Who knows the key of a delivery makes it once, however often it is asked for: so it may be retried. */
const deliver = tool({
  name: 'deliver',
  params: t.strict({ to: t.string }),
  isIdempotent: true,
  run: ({ to }, { idempotencyKey }) => timer(PACE).pipe(map(() => `${to} has signed for ${idempotencyKey}`)),
});

/** The lines of the demo. Cold: each subscription goes on where the journal ends. */
export const survive = (path: string): Observable<string> =>
  defer(() => {
    const [resumeFrom = []] = readJournal(path).runs.values();
    const file = jsonlFile(path);
    const run = createOrchestrator({
      actor: { decide: ({ step }) => decided({ name: step > people.length ? 'DONE' : 'deliver', params: { to: personOf(step) } }) },
      purposeFunction: rulePurposeFunction(({ data }) => (Array.isArray(data['observations']) ? data['observations'].length : 0)),
      environment: toolEnvironment({ tools: [deliver] }),
      journal: journalTo(file),
    }).runTaskStream({ purpose: 'Deliver the parcels.', resumeFrom, inDoubt: 'retry' });

    const lines$ = run.pipe(
      ofType('run_resumed', 'tool_start', 'tool_end'),
      map(({ type, step, data }) => {
        if (type === 'run_resumed') return `It goes on in step ${step}, after ${resumeFrom.length} events.`;
        return type === 'tool_start' ? `  ${step}. for ${personOf(step)} …` : `     ${JSON.stringify(data.ok ? data.output : data.error)}`;
      }),
    );
    const result$ = run.result$.pipe(map(({ trajectory }) => `${trajectory.steps.length} parcels are delivered, once each.`));
    return merge(lines$, result$).pipe(
      finalize(() => {
        file.close();
      }),
    );
  });

const [, , journal = join(tmpdir(), 'purpose-rx-parcels.jsonl')] = process.argv;
const deleted$ = defer(() => of(rmSync(journal)).pipe(map(() => 'The journal is deleted.')));
printWhenRun(import.meta.url, concat(survive(journal), deleted$));
