import type { Observable, OperatorFunction, Subscriber } from 'rxjs';
import { BEGUN_ANEW, nextAttempt, type AttemptSignal } from '../domain/attempt.js';
import { decode, type Decoder } from '../domain/decode.js';
import { isRight } from '../domain/either.js';
import { dropOptionalNulls } from '../domain/optional-nulls.js';
import type { Usage } from '../domain/usage.js';
import { createJsonFieldScanner, type JsonFieldScanner, type ScanEvent } from '../internal/json-field-scanner.js';
import { parseForeignJson } from '../internal/json-proto.js';
import { link } from '../internal/link.js';
import type { LLMChunk } from './backend.js';
import { isCutOff } from './is-cut-off.js';
import { splitReasoning } from './split-reasoning.js';
import {
  createStructuredTokens,
  type Heard,
  type StructuredToken,
  type StructuredTokens,
  type StructuredTokensConfig,
} from './structured-tokens.js';

/** What was wrong with an answer. */
export interface AnswerFault {
  /** One entry a fault. */
  readonly issues: readonly string[];
  /** The answer as text. */
  readonly received: string;
  /** The attempt of its last tokens. */
  readonly attempt: number;
  /** What was last said, of it or of an answer before it. */
  readonly heard: Heard | undefined;
}

/** What {@link readStructuredAnswer} emits. */
export type AnswerSignal<R> = StructuredToken | { readonly type: 'usage'; readonly usage: Usage } | R;

/** Configuration of {@link readStructuredAnswer}. */
export interface AnswerConfig<A, R> extends StructuredTokensConfig {
  readonly codec: Decoder<A>;
  /** Named where the answer was cut off at it. */
  readonly maxTokens: number;
  /** What goes on where the answer completes without an object that decodes, or was cut off. */
  readonly repair: (fault: AnswerFault) => Observable<AnswerSignal<R>>;
  /** What is said of the value in the end. */
  readonly conclude: (value: A) => R;
  /** What is said of an attempt that is void and of the one after it. Defaults to nothing. */
  readonly tellAttempt?: ((signal: AttemptSignal) => R) | undefined;
}

/** An answer as far as it has come. */
interface Answer<A> {
  readonly scanner: JsonFieldScanner;
  found: { readonly value: A } | undefined;
  /** What was wrong with the last object that was whole. */
  undecoded: readonly string[] | undefined;
  /** What was wrong with the last false start that looked like an object. */
  misfit: string | undefined;
  finish: string | undefined;
}

const beginAnswer = <A>(): Answer<A> => ({
  scanner: createJsonFieldScanner(),
  found: undefined,
  undecoded: undefined,
  misfit: undefined,
  finish: undefined,
});

const parseJson = (text: string): { readonly value: unknown } | { readonly fault: string } => {
  try {
    return { value: parseForeignJson(text) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
};

const endIssues = (finish: string | undefined, maxTokens: number): readonly string[] => {
  if (finish === 'length') return [`the answer was cut off at its limit of ${maxTokens} tokens (maxTokens)`];
  return finish === undefined || finish === 'stop' ? [] : [`the answer ended for the reason ${JSON.stringify(finish)}`];
};

const objectIssues = ({ scanner, undecoded, misfit }: Answer<unknown>): readonly string[] => {
  if (undecoded !== undefined) return undecoded;
  if (scanner.isOpen()) return ['the JSON object is not complete'];
  return [misfit === undefined ? 'there is no JSON object in the answer' : `the JSON object is not sound: ${misfit}`];
};

/** Takes a whole object for the value if it decodes, and notes what is wrong with it if not. */
const weighRoot = <A>(answer: Answer<A>, codec: Decoder<A>, text: string): void => {
  const parsed = parseJson(text);
  if ('fault' in parsed) {
    answer.undecoded = [`the JSON object is not sound: ${parsed.fault}`];
    return;
  }
  const decoded = decode(codec, dropOptionalNulls(codec, parsed.value));
  if (isRight(decoded)) answer.found = { value: decoded.right };
  else answer.undecoded = decoded.left;
};

class AnswerReader<A, R> {
  readonly #subscriber: Subscriber<AnswerSignal<R>>;
  readonly #config: AnswerConfig<A, R>;
  readonly #tokens: StructuredTokens;
  readonly #readPart = (chunk: LLMChunk): void => {
    if (chunk.type === 'text') this.#readText(chunk.text);
    else if (chunk.type === 'reasoning') this.#tokens.sayReasoning(chunk.text);
    else if (chunk.type === 'restart') this.#restart('what was said as the answer was reasoning');
  };
  #answer: Answer<A> = beginAnswer();
  /** Not every backend tells apart what stands in <think>, and a JSON object in there is no answer. */
  #parts = splitReasoning(this.#readPart);

  constructor(subscriber: Subscriber<AnswerSignal<R>>, config: AnswerConfig<A, R>) {
    this.#subscriber = subscriber;
    this.#config = config;
    const { tellAttempt } = config;
    this.#tokens = createStructuredTokens(
      config,
      (token) => {
        subscriber.next(token);
      },
      tellAttempt === undefined
        ? undefined
        : (dropped, reason) => {
            for (const signal of nextAttempt(dropped, reason)) subscriber.next(tellAttempt(signal));
          },
    );
  }

  next(chunk: LLMChunk): void {
    if (chunk.type === 'text') this.#parts.pushText(chunk.text);
    else if (chunk.type === 'reasoning') this.#parts.pushReasoning(chunk.text);
    else if (chunk.type === 'usage') this.#subscriber.next(chunk);
    else if (chunk.type === 'finish') this.#answer.finish = chunk.reason;
    else if (chunk.type === 'restart') {
      this.#parts = splitReasoning(this.#readPart);
      this.#restart(chunk.reason ?? BEGUN_ANEW);
    }
  }

  complete(): void {
    const { finish } = this.#answer;
    this.#parts.end();
    // What was held back may have been the last that was wanted.
    if (this.#subscriber.closed) return;
    const { found } = this.#answer;
    if (found === undefined || isCutOff(finish)) {
      const issues = [...endIssues(finish, this.#config.maxTokens), ...(found === undefined ? objectIssues(this.#answer) : [])];
      const fault = { issues, received: this.#parts.said, attempt: this.#tokens.attempt(), heard: this.#tokens.heard() };
      this.#config.repair(fault).subscribe(this.#subscriber);
      return;
    }
    this.#tokens.settle();
    this.#subscriber.next(this.#config.conclude(found.value));
    this.#subscriber.complete();
  }

  #restart(reason: string): void {
    this.#answer = beginAnswer();
    this.#tokens.restart(reason);
  }

  #readText(text: string): void {
    const answer = this.#answer;
    // What comes after the value is nobody's.
    if (answer.found !== undefined) return;
    for (const event of answer.scanner.push(text)) {
      this.#handle(event);
      if (answer.found !== undefined) return;
    }
  }

  #handle(event: ScanEvent): void {
    const answer = this.#answer;
    if (event.type === 'delta') return this.#tokens.sayField(event.field, event.text);
    if (event.type === 'duplicate') return this.#tokens.voidField(event.field);
    if (event.type === 'root') weighRoot(answer, this.#config.codec, event.text);
    else if (event.hasKey) answer.misfit = event.reason;
    if (answer.found === undefined) this.#tokens.voidFields();
  }
}

/**
 * Reads one answer: its top-level text fields as they form, then what is concluded from the first JSON object in it that
 * decodes, when the source completes. Where there is none, or the answer was cut off, it goes on with the repair.
 *
 * @internal
 */
export const readStructuredAnswer = <A, R>(config: AnswerConfig<A, R>): OperatorFunction<LLMChunk, AnswerSignal<R>> =>
  link((subscriber) => new AnswerReader(subscriber, config));
