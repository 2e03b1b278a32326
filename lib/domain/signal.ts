import type { Action } from './action.js';
import type { Json, JsonRecord } from './json.js';
import { toPurposeScore, type PurposeScore, type PurposeScoreInit } from './purpose-score.js';
import type { Usage } from './usage.js';

/** A piece of text while an actor reasons or a purpose function weighs. */
export interface TokenSignal {
  readonly type: 'token';
  readonly token: string;
  /** What the text belongs to. Defaults to `thought` for an actor and to `evidence` for a purpose function. */
  readonly channel?: string | undefined;
  /** From 1, the default. A higher attempt replaces what was said before in the step. */
  readonly attempt?: number | undefined;
}

/** What a request to a model cost. */
export interface UsageSignal {
  readonly type: 'usage';
  readonly usage: Usage;
}

/** What was said in an attempt is void: the answer broke off, or it was no answer. */
export interface AttemptDroppedSignal {
  readonly type: 'attempt_dropped';
  /** The attempt that is void, from 1. */
  readonly attempt: number;
  /** Why, in words. */
  readonly reason: string;
}

/** The tokens of another attempt follow. */
export interface AttemptStartSignal {
  readonly type: 'attempt_start';
  /** From 2. */
  readonly attempt: number;
}

/** The actor has decided. */
export interface ActionSignal {
  readonly type: 'action';
  readonly action: Action;
}

/** The purpose function has judged. */
export interface ScoreSignal {
  readonly type: 'score';
  readonly score: PurposeScore;
}

/** What an environment reports on the way; it becomes an event of the same type and data. */
export interface Signal<Type extends string = string, Data extends Json = Json> {
  readonly type: Type;
  readonly data: Data;
}

/** What an action is made from; what is left out is empty. */
export type ActionInit = Pick<Action, 'name'> & { readonly [Key in Exclude<keyof Action, 'name'>]?: Action[Key] | undefined };

/** A {@link TokenSignal}: `token('Hm')`, `token('Hm', { channel: 'reasoning' })`. */
export const token = (text: string, options: Pick<TokenSignal, 'channel' | 'attempt'> = {}): TokenSignal => ({
  type: 'token',
  token: text,
  ...options,
});

/** An {@link ActionSignal}: `decided({ name: 'look', params: { at: 'door' } })`. */
export const decided = ({ name, params = {}, thought = '', expectedDelta = '' }: ActionInit): ActionSignal => ({
  type: 'action',
  action: { name, params, thought, expectedDelta },
});

/** A {@link ScoreSignal}: `scored({ phiBefore: 2, phiAfter: 5, evidence: 'the door is open' })`. */
export const scored = (init: PurposeScoreInit): ScoreSignal => ({ type: 'score', score: toPurposeScore(init) });

/** A {@link Signal} of an environment: `signal('page_loaded', { url })`. */
export const signal = <Type extends string, Data extends Json = JsonRecord>(type: Type, data: Data): Signal<Type, Data> => ({ type, data });
