import { isRight } from 'fp-ts/lib/Either.js';
import type { OperatorFunction } from 'rxjs';
import { decode, type Decoder } from '../domain/decode.js';
import { dropOptionalNulls } from '../domain/optional-nulls.js';
import type { Usage } from '../domain/usage.js';
import { createJsonFieldScanner, type JsonFieldScanner, type ScanEvent } from '../internal/json-field-scanner.js';
import { parseForeignJson } from '../internal/json-proto.js';
import { operate } from '../internal/operate.js';
import type { LLMChunk } from './backend.js';
import { splitReasoning } from './split-reasoning.js';
import { createStructuredTokens, type Heard, type StructuredToken, type StructuredTokensConfig } from './structured-tokens.js';

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
export type AnswerSignal<A> =
  | StructuredToken
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'value'; readonly value: A };

/** Configuration of {@link readStructuredAnswer}. */
export interface AnswerConfig<A> extends StructuredTokensConfig {
  readonly codec: Decoder<A>;
  /** Named where the answer was cut off at it. */
  readonly maxTokens: number;
  /** Called where the answer completes without an object that decodes, before the completion goes on. */
  readonly onFault: (fault: AnswerFault) => void;
}

/** An answer as far as it has come. */
interface Answer<A> {
  readonly scanner: JsonFieldScanner;
  readonly texts: string[];
  found?: { readonly value: A };
  /** What was wrong with the last object that was whole. */
  undecoded?: readonly string[];
  /** What was wrong with the last false start that looked like an object. */
  misfit?: string;
  finish?: string;
}

const beginAnswer = <A>(): Answer<A> => ({ scanner: createJsonFieldScanner(), texts: [] });

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

/**
 * Reads one answer: its top-level text fields as they form, then the first JSON object in it that decodes, when the
 * source completes. Where there is none it completes after `onFault`.
 *
 * @internal
 */
export const readStructuredAnswer = <A>(config: AnswerConfig<A>): OperatorFunction<LLMChunk, AnswerSignal<A>> =>
  operate((subscriber) => {
    let answer = beginAnswer<A>();
    const tokens = createStructuredTokens(config, (token) => {
      subscriber.next(token);
    });

    const handle = (event: ScanEvent): void => {
      if (event.type === 'delta') return tokens.sayField(event.field, event.text);
      if (event.type === 'duplicate') return tokens.voidField(event.field);
      if (event.type === 'root') weighRoot(answer, config.codec, event.text);
      else if (event.hasKey) answer.misfit = event.reason;
      if (answer.found === undefined) tokens.voidFields();
    };

    const readText = (text: string): void => {
      answer.texts.push(text);
      if (answer.found !== undefined) return;
      for (const event of answer.scanner.push(text)) {
        handle(event);
        if (answer.found !== undefined) return;
      }
    };

    const readPart = (chunk: LLMChunk): void => {
      if (chunk.type === 'text') readText(chunk.text);
      else if (chunk.type === 'reasoning') tokens.sayReasoning(chunk.text);
      else if (chunk.type === 'restart') {
        answer = beginAnswer();
        tokens.restart();
      }
    };
    // Not every backend tells apart what stands in <think>, and a JSON object in there is no answer.
    let parts = splitReasoning(readPart);

    return {
      next: (chunk) => {
        if (chunk.type === 'text') parts.pushText(chunk.text);
        else if (chunk.type === 'reasoning') parts.pushReasoning(chunk.text);
        else if (chunk.type === 'usage') subscriber.next(chunk);
        else if (chunk.type === 'finish') answer.finish = chunk.reason;
        else if (chunk.type === 'restart') {
          parts = splitReasoning(readPart);
          readPart(chunk);
        }
      },
      complete: () => {
        const { finish } = answer;
        parts.end();
        const { found, texts } = answer;
        if (found === undefined) {
          const issues = [...endIssues(finish, config.maxTokens), ...objectIssues(answer)];
          config.onFault({ issues, received: texts.join(''), attempt: tokens.attempt(), heard: tokens.heard() });
          return;
        }
        tokens.settle();
        subscriber.next({ type: 'value', value: found.value });
      },
    };
  });
