import * as t from 'io-ts';
import { isLeft } from 'fp-ts/lib/Either.js';
import { decode, type Decoder } from '../../domain/decode.js';
import { objectCodec } from '../../domain/object-codec.js';
import { ContractError } from '../../errors/contract-error.js';
import type { Fault } from './fault.js';
import { LONGEST_DELAY } from '../../internal/longest-delay.js';

const whole = (least: number, most = Number.MAX_SAFE_INTEGER): t.Type<number> => {
  const is = (value: unknown): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return new t.Type<number>(
    'Whole',
    is,
    (value, context) =>
      is(value) ? t.success(value) : t.failure(value, context, `expected a whole number ${range}, got ${String(value)}`),
    t.identity,
  );
};

/** As `codec`, or one of `others`. A union would give a reason for each of its members. */
const orElse = <A, B>(codec: t.Type<A>, ...others: readonly B[]): t.Type<A | B> => {
  const isOther = (value: unknown): value is B => others.some((other) => other === value);
  return new t.Type<A | B>(
    codec.name,
    (value): value is A | B => isOther(value) || codec.is(value),
    (value, context) => (isOther(value) ? t.success(value) : codec.validate(value, context)),
    t.identity,
  );
};

const orLeftOut = <A>(codec: t.Type<A>): t.Type<A | undefined> => orElse(codec, undefined);

const request = orLeftOut(whole(1));
const at = orLeftOut(whole(0));
const time = whole(0, LONGEST_DELAY);

/** The faults as codecs, by name. */
const faults: { readonly [Name in Fault['fault']]: Decoder<Extract<Fault, { readonly fault: Name }>> } = {
  stall: objectCodec('Stall', { fault: t.literal('stall') }, { request, at, duration: orLeftOut(time) }),
  error: objectCodec('Error', { fault: t.literal('error') }, { request, at, error: t.unknown }),
  truncate: objectCodec('Truncate', { fault: t.literal('truncate') }, { request, at }),
  duplicate: objectCodec('Duplicate', { fault: t.literal('duplicate'), at: whole(1) }, { request }),
  malformed: objectCodec('Malformed', { fault: t.literal('malformed'), at: whole(1) }, { request, text: orLeftOut(t.string) }),
  rateLimit: objectCodec('RateLimit', { fault: t.literal('rateLimit') }, { request, retryAfter: orElse(time, null, undefined) }),
  drip: objectCodec('Drip', { fault: t.literal('drip'), interval: whole(1, LONGEST_DELAY) }, { request, at }),
  restart: objectCodec('Restart', { fault: t.literal('restart') }, { request, at }),
};

const codecs: ReadonlyMap<unknown, Decoder<Fault>> = new Map(Object.entries<Decoder<Fault>>(faults));

const nameOf = (planned: unknown): unknown => (typeof planned === 'object' && planned !== null ? Reflect.get(planned, 'fault') : undefined);

/** What a codec has left out: a name misspelt would otherwise be a fault in another place. */
const unknownKeys = (planned: unknown, fault: Fault): readonly string[] =>
  typeof planned === 'object' && planned !== null
    ? Object.keys(planned).filter((key) => Reflect.get(planned, key) !== undefined && !(key in fault))
    : [];

/**
 * A plan as it came from outside, once it makes sense.
 *
 * @internal
 * @throws `ContractError` at the first fault that makes none; it says which and why.
 */
export const readFaultPlan = (plan: readonly unknown[]): readonly Fault[] =>
  plan.map((planned, index) => {
    const codec = codecs.get(nameOf(planned));
    if (codec === undefined)
      throw new ContractError(
        `Fault ${index + 1} of the plan is none of ${[...codecs.keys()].join(', ')}: it says ${String(nameOf(planned))}.`,
      );
    const decoded = decode(codec, planned);
    if (isLeft(decoded))
      throw new ContractError(`Fault ${index + 1} of the plan, ${String(nameOf(planned))}, makes no sense: ${decoded.left.join('; ')}.`);
    const unknown = unknownKeys(planned, decoded.right);
    if (unknown.length > 0)
      throw new ContractError(`Fault ${index + 1} of the plan, ${String(nameOf(planned))}, has no ${unknown.join(' and no ')}.`);
    return decoded.right;
  });
