/**
 * An agent that finds where a symbol is defined, in a real folder.
 *
 *     npm run demo -- "where is createOrchestrator defined?" lib
 *
 * Without a key it thinks with a stand-in for a model, and says so. With OPENAI_API_KEY (and OPENAI_BASE_URL, MODEL)
 * the same program thinks with a real one. Ctrl-C cancels the run and tells what was torn down.
 */
import { catchError, map, of } from 'rxjs';
import { createOrchestrator, llmActor, llmPurposeFunction, toolEnvironment } from 'purpose-rx';
import { isFound } from './find-symbol/evidence.js';
import { interruptionsOf } from './find-symbol/interruptions.js';
import { chooseModel } from './find-symbol/model.js';
import { purposeOf, readOptions, type Options } from './find-symbol/options.js';
import { countAborts, countRequests, type Activity } from './find-symbol/teardown.js';
import { toTerminal } from './find-symbol/terminal.js';
import { folderTools } from './find-symbol/tools.js';

const main = ({ question, folder }: Options): void => {
  const activity: Activity = { requests: 0, requestsAborted: 0, toolsAborted: 0 };
  const model = chooseModel(process.env);
  const backend = countRequests(model.backend, activity);
  const environment = toolEnvironment({ tools: folderTools(folder).map((tool) => countAborts(tool, activity)) });
  const orchestrator = createOrchestrator({
    actor: llmActor({ backend, tools: environment.tools }),
    purposeFunction: llmPurposeFunction({ backend }),
    environment,
  });
  // Early stop is off: a judge who is content is no answer yet, and the actor is to give one.
  const run = orchestrator.runTaskStream({ purpose: purposeOf(question), maxSteps: 8, earlyStopPhi: null });

  interruptionsOf(run).subscribe();
  // Two subscribers, one run: the screen, which starts it, and the exit code.
  toTerminal(run, { question, folder, label: model.label, isEstimate: model.isEstimate, activity, output: process.stdout }).subscribe(
    (text) => {
      process.stdout.write(text);
    },
  );
  run.result$
    .pipe(
      map((result) => (result.stopReason === 'cancelled' ? 130 : isFound(result) ? 0 : 1)),
      catchError(() => of(1)),
    )
    .subscribe((code) => {
      process.exitCode = code;
    });
};

const options = readOptions(process.argv.slice(2));
if ('message' in options) {
  (options.exitCode === 0 ? console.log : console.error)(options.message);
  process.exitCode = options.exitCode;
} else main(options);
