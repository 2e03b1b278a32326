import { catchError, defaultIfEmpty, defer, map, of, take, type Observable } from 'rxjs';
import { isRecord } from '../domain/is-record.js';
import type { JsonRecord } from '../domain/json.js';
import type { DoubtVerdict } from '../environment/environment.js';
import { errorText } from '../errors/describe-error.js';
import { fromOne } from '../internal/from-input.js';
import { denialOf, type DoubtfulCall, type Resumption } from './resume.js';

const UNKNOWN = 'the run broke off while it was at work, and whether it was done is not known';

const unknown = (why?: string): DoubtVerdict => ({ type: 'fail', reason: why === undefined ? UNKNOWN : `${UNKNOWN}: ${why}` });

/** What somebody said, whatever it is: what is no verdict settles nothing. */
const readVerdict = (value: unknown): DoubtVerdict => {
  const { type, reason }: Readonly<Record<string, unknown>> = isRecord(value) ? value : {};
  if (type === 'fail') return reason === undefined ? unknown() : { type, reason: errorText(reason) };
  if (type === 'retry') return { type };
  // Whether its output is any good, whoever takes it has to tell.
  return type === 'settled'
    ? (value as DoubtVerdict)
    : unknown("what was said of it is no verdict: it has to be { type: 'retry' }, 'fail' or 'settled'");
};

/**
 * What becomes of a call that had begun and not ended when the run broke off. Cold; emits once and never errors: where
 * nobody can say, the call fails.
 *
 * ```text
 * inDoubt          --v
 * verdictOn        --(v|)
 * inDoubt fails    --#
 * verdictOn        --(f|)     f: it is not known
 * ```
 */
export const verdictOn = ({ inDoubt, run }: Resumption<JsonRecord>, call: DoubtfulCall): Observable<DoubtVerdict> =>
  defer((): Observable<DoubtVerdict> => {
    // One that was denied was never at work: its end is all that was lost.
    const denial = denialOf(run, call.callId);
    if (denial !== undefined) return of({ type: 'fail', reason: `denied: ${denial}` });
    if (typeof inDoubt !== 'function') return of(inDoubt === 'retry' && call.isIdempotent ? { type: 'retry' } : unknown());
    return fromOne<unknown>(inDoubt(call)).pipe(take(1), map(readVerdict), defaultIfEmpty(unknown('nobody decided')));
  }).pipe(catchError((error: unknown) => of(unknown(errorText(error)))));
