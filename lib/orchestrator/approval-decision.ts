import { decode } from '../domain/decode.js';
import { isLeft } from '../domain/either.js';
import { isRecord } from '../domain/is-record.js';
import { JsonRecord } from '../domain/json.js';
import type { StreamEventData } from '../domain/stream-event.js';
import type { Approval } from '../environment/environment.js';
import { errorText } from '../errors/describe-error.js';
import { dropProto } from '../internal/json-proto.js';

/** What was decided, as it is told but for the call. */
export type Decided = Omit<StreamEventData<'approval_decision'>, 'callId'>;

/** A denial for a reason that may be anything that was thrown. */
export const denial = (reason: unknown): Decided => ({ decision: 'deny', reason: errorText(reason) });

const edited = (params: unknown): Decided => {
  // A key that decoders would take for a prototype is of no use to anybody.
  const decoded = decode(JsonRecord, JsonRecord.is(params) ? dropProto(params) : params);
  if (isLeft(decoded)) return denial(`the edited parameters cannot be used: ${decoded.left.join('; ')}`);
  return { decision: 'edit', params: decoded.right };
};

/** What somebody decided, whatever it is: what is no decision denies, and says so. */
export const readDecision = (value: unknown): Decided => {
  const { decision, reason, params }: Readonly<Record<string, unknown>> = isRecord(value) ? value : {};
  switch (decision) {
    case 'approve':
      return { decision };
    case 'deny':
      return reason === undefined ? { decision } : denial(reason);
    case 'edit':
      return edited(params);
    default:
      return denial("what was decided is no decision: it has to be { decision: 'approve' }, 'deny' or 'edit'");
  }
};

/** What a decision means for a call. */
export const approvalOf = ({ decision, reason, params }: Decided, call: { readonly params: JsonRecord }): Approval => {
  if (decision === 'approve') return { isApproved: true, params: call.params };
  // A log that somebody else has written may tell of an edit and not of what.
  if (decision === 'edit' && JsonRecord.is(params)) return { isApproved: true, params };
  return { isApproved: false, reason: reason ?? 'no reason was given' };
};
