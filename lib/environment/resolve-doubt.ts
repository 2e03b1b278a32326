import { defer, of, type Observable } from 'rxjs';
import { isLeft } from '../domain/either.js';
import type { ToolCallRecord } from '../domain/history.js';
import { isRecord } from '../domain/is-record.js';
import type { JsonRecord } from '../domain/json.js';
import { errorText } from '../errors/describe-error.js';
import { andThen } from '../internal/and-then.js';
import { cappedJson, cappedText } from './capped-json.js';
import type { DoubtVerdict, ExecuteContext } from './environment.js';
import { toolEnded, type ToolSignal } from './tool-signal.js';

/** A call that had begun and not ended when its run broke off. */
export interface ResolveDoubtConfig {
  readonly begun: ToolCallRecord;
  /** As the action has them; those that it began with may have been edited. */
  readonly params: JsonRecord;
  readonly isIdempotent: boolean;
  readonly resolve: ExecuteContext['resolveDoubt'];
  /** UTF-16 code units of JSON. */
  readonly maxOutput: number;
  /** Runs it again; its start has been told. */
  readonly retry: (params: JsonRecord) => Observable<ToolSignal>;
}

const UNKNOWN = 'the run broke off while it was at work, and whether it was done is not known';

/**
 * Lets a call that is in doubt come to its one end: again, as failed, or as whoever is asked knows. Where nobody can be
 * asked it fails, unless it may be made twice. Its start is not told again. Never errors.
 *
 * ```text
 * resolve              ---v
 * resolveDoubt         ---(e|)     e: tool_end
 * ```
 *
 * @internal
 */
export const resolveDoubt = (config: ResolveDoubtConfig): Observable<ToolSignal> => {
  const { begun, isIdempotent, resolve } = config;
  // Every tool takes a record; it began with nothing else.
  const params = isRecord(begun.params) ? begun.params : config.params;
  const settle = (verdict: DoubtVerdict): Observable<ToolSignal> => settled(config, params, verdict);
  if (resolve === undefined) return settle(isIdempotent ? { type: 'retry' } : { type: 'fail', reason: UNKNOWN });
  return defer(() => resolve({ callId: begun.callId, name: begun.name, params, isIdempotent })).pipe(
    andThen({
      isFinal: (verdict): verdict is typeof verdict => verdict !== undefined,
      project: settle,
      missing: () => new Error('nobody decided'),
      recover: (error) => settle({ type: 'fail', reason: `${UNKNOWN}: ${errorText(error)}` }),
    }),
  );
};

const settled = ({ begun, maxOutput, retry }: ResolveDoubtConfig, params: JsonRecord, verdict: DoubtVerdict): Observable<ToolSignal> => {
  const failed = (reason: string): Observable<ToolSignal> =>
    of(toolEnded(begun, { ok: false, error: cappedText(errorText(reason), maxOutput) }));
  if (verdict.type === 'retry') return retry(params);
  if (verdict.type === 'fail') return failed(verdict.reason);
  const output = cappedJson(verdict.output, maxOutput);
  return isLeft(output)
    ? failed(`the output that it was settled with is not JSON: ${output.left}`)
    : of(toolEnded(begun, { ok: true, output: output.right }));
};
