import type { Actor, ActorSignal, DecideContext } from '../../actor/actor.js';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../backend/backend.js';
import { playStep } from '../../backend/script-step.js';
import type { Json, JsonRecord } from '../../domain/json.js';
import type { State } from '../../domain/state.js';
import type { Environment } from '../../environment/environment.js';
import { toolProgress, type Tool, type ToolProgress } from '../../environment/tool.js';
import { playMarbles } from '../../internal/play-marbles.js';
import type { EvaluateContext, PurposeFunction, PurposeSignal } from '../../purpose/purpose-function.js';
import { playActorMarbles, type ActorPiece } from '../scripts/actor-script.js';
import { playEnvironmentMarbles, type EnvironmentPiece } from '../scripts/environment-script.js';
import { playCalls } from './marble-part.js';
import { playPurposeMarbles, type PurposePiece } from '../scripts/purpose-script.js';
import type { ExecuteCall } from '../scripts/scripted-environment.js';
import type { Session } from './session.js';

/** One diagram, played for every call; or a list, one for each call, all of which have to be used. */
export type Diagrams = string | readonly string[];

/** What the letters of a diagram stand for. */
type Values<T> = Readonly<Record<string, T>>;

/** An actor made of marbles. */
export interface MarbleActor extends Actor {
  /** What it was asked so far, oldest first: frozen copies. The list grows. */
  readonly calls: readonly DecideContext[];
}

/** A purpose function made of marbles. */
export interface MarblePurposeFunction extends PurposeFunction {
  /** What it was asked so far, oldest first: frozen copies. The list grows. */
  readonly calls: readonly EvaluateContext[];
}

/** An environment made of marbles. */
export interface MarbleEnvironment<Data extends JsonRecord = JsonRecord> extends Environment<Data> {
  /** What it was asked to execute so far, oldest first: frozen copies. The list grows. */
  readonly calls: readonly ExecuteCall<Data>[];
}

/** A backend made of marbles. */
export interface MarbleBackend extends LLMBackend {
  /** What it was asked so far, oldest first: frozen copies. The list grows. */
  readonly requests: readonly LLMRequest[];
}

/** A tool made of marbles. */
export interface MarbleTool extends Tool {
  /** The parameters of its calls so far, oldest first: frozen copies. The list grows. */
  readonly calls: readonly JsonRecord[];
}

/** @internal */
export const marbleActor = (session: Session, marbles: Diagrams, values: Values<ActorPiece> = {}, error?: unknown): MarbleActor => {
  const { calls, play } = playCalls<DecideContext, ActorSignal>(session, {
    marbles,
    read: (drawn) => playActorMarbles({ marbles: drawn, values, error }),
    whose: 'actor',
    call: 'decision',
  });
  return { calls, decide: play };
};

/** @internal */
export const marblePurposeFunction = (
  session: Session,
  marbles: Diagrams,
  values: Values<PurposePiece> = {},
  error?: unknown,
): MarblePurposeFunction => {
  const { calls, play } = playCalls<EvaluateContext, PurposeSignal>(session, {
    marbles,
    read: (drawn) => playPurposeMarbles({ marbles: drawn, values, error }),
    whose: 'purpose function',
    call: 'evaluation',
  });
  return { calls, evaluate: play };
};

/** @internal */
export const marbleEnvironment = <Data extends JsonRecord>(
  session: Session,
  marbles: Diagrams,
  values: Values<EnvironmentPiece<Data>> = {},
  error: unknown,
  initialState: State<Data>,
): MarbleEnvironment<Data> => {
  const { calls, play } = playCalls<ExecuteCall<Data>, EnvironmentPiece<Data>>(session, {
    marbles,
    read: (drawn) => playEnvironmentMarbles<Data>({ marbles: drawn, values, error }),
    whose: 'environment',
    call: 'execution',
  });
  return { calls, reset: () => initialState, execute: (action, state) => play({ action, state }), isTerminal: () => false };
};

/** @internal */
export const marbleBackend = (
  session: Session,
  marbles: Diagrams,
  values: Values<string | LLMChunk> = {},
  error?: unknown,
): MarbleBackend => {
  const { calls, play } = playCalls<LLMRequest, LLMChunk>(session, {
    marbles,
    read: (drawn) => {
      const answer$ = playStep({ marbles: drawn, values, error });
      return () => answer$;
    },
    whose: 'backend',
    call: 'request',
  });
  return { requests: calls, stream: play };
};

const PROGRESS = 'p';

/** What a letter of a tool's diagram is: `p` is progress where it has no value. */
const given =
  (values: Values<Json | ToolProgress>) =>
  (letter: string): Json | ToolProgress => {
    const value = values[letter];
    return value === undefined && letter === PROGRESS ? toolProgress(letter) : (value ?? (Object.hasOwn(values, letter) ? null : letter));
  };

/** @internal */
export const marbleTool = (
  session: Session,
  name: string,
  marbles: Diagrams,
  values: Values<Json | ToolProgress> = {},
  error?: unknown,
): MarbleTool => {
  const { calls, play } = playCalls<JsonRecord, Json | ToolProgress>(session, {
    marbles,
    read: (drawn) => {
      const result$ = playMarbles(drawn, {
        valueOf: given(values),
        errorOf: () => error ?? new Error(`The tool ${name} fails, as its marbles say.`),
      });
      return () => result$;
    },
    whose: `tool ${name}`,
    call: 'call',
  });
  return { calls, name, run: play };
};
