import type { LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import type { JsonRecord } from '../../lib/domain/json.js';
import type { AnswerBody, AnswerPlan } from './fault-scenario.js';

/** Who asks: an actor that takes JSON, one that takes native calls, a judge, a tool. */
export type Asker = 'json' | 'tools' | 'score' | 'consult';

export const askerOf = ({ responseFormat, tools }: LLMRequest): Asker => {
  if (responseFormat !== undefined) return responseFormat.name === 'score' ? 'score' : 'json';
  return tools === undefined ? 'consult' : 'tools';
};

/** One text of an answer: an answer that begins anew has several. Each character of it that is a mark is of it alone. */
export interface Take {
  readonly mark: string;
  readonly asker: Asker;
  readonly body: AnswerBody;
  /** All of its content has been said. */
  isWhole: boolean;
  /** Something else came in its place. */
  isVoid: boolean;
  finish: string | undefined;
}

const FIRST_MARK = 0x4e00;

/** A character that nothing else in a run has in it. */
export const markOf = (number: number): string => String.fromCharCode(FIRST_MARK + number);

/** The marks in a text, each once. */
export const marksIn = (text: string): readonly string[] => [...new Set(text.match(/[\u4e00-\u9fff]/g) ?? [])];

const textOf = (mark: string): string => `${mark}😀`.repeat(4) + mark;

const actionText = (mark: string, name: unknown, params: JsonRecord): string =>
  JSON.stringify({ thought: textOf(mark), name, params, expectedDelta: mark });

const callsWith = (mark: string) => [
  { name: 'look', params: { mark } },
  { name: 'alone', params: { mark } },
];

const actionTexts: Readonly<Record<AnswerBody, (mark: string) => string>> = {
  good: (mark) => actionText(mark, 'look', { mark }),
  parallel: (mark) => actionText(mark, 'parallel', { calls: [...callsWith(mark), { name: 'fly', params: { mark } }] }),
  done: (mark) => actionText(mark, 'done', { answer: textOf(mark) }),
  unknown: (mark) => actionText(mark, 'fly', { mark }),
  bad: (mark) => actionText(mark, 'look', { mark: 5 }),
  undecodable: (mark) => actionText(mark, 5, { mark }),
  broken: (mark) => actionText(mark, 'look', { mark }).replace('"name":', '"name"'),
  prose: (mark) => `So ${textOf(mark)}:\n\`\`\`json\n${actionText(mark, 'look', { mark })}`,
  twice: (mark) => actionText(mark, 5, { mark }) + actionText(mark, 'look', { mark }),
  think: (mark) => `<think>${actionText(mark, 'look', { mark })}</think>${actionText(mark, 'look', { mark })}`,
  empty: () => '',
};

const scoreText = (mark: string, phiAfter: unknown, evidence = textOf(mark)): string =>
  JSON.stringify({ evidence, phiBefore: 0, phiAfter, confidence: 1 });

const scoreTexts: Readonly<Record<AnswerBody, (mark: string) => string>> = {
  good: (mark) => scoreText(mark, 4),
  parallel: (mark) => scoreText(mark, 0),
  done: (mark) => scoreText(mark, 9.5),
  unknown: (mark) => scoreText(mark, 5.5, ' '),
  bad: (mark) => scoreText(mark, 11),
  undecodable: (mark) => scoreText(mark, 'high'),
  broken: (mark) => scoreText(mark, 4).replace('"phiAfter":', '"phiAfter"'),
  prose: (mark) => `So ${textOf(mark)}: ${scoreText(mark, 6)}`,
  twice: (mark) => scoreText(mark, 'high') + scoreText(mark, 2),
  think: (mark) => `<think>${scoreText(mark, 9)}</think>${scoreText(mark, 3)}`,
  empty: () => '',
};

/** Which bodies make no action or no score, however they end. */
const useless: Readonly<Record<Asker, readonly AnswerBody[]>> = {
  json: ['undecodable', 'broken', 'empty'],
  tools: ['undecodable', 'empty'],
  score: ['unknown', 'bad', 'undecodable', 'broken', 'empty'],
  consult: [],
};

/** Those in which nothing is called. */
const spokenBodies: ReadonlySet<AnswerBody> = new Set(['done', 'prose', 'think', 'broken']);

/** Whether something may be made of a take: it was whole, valid, and ended in good order. */
export const isSound = ({ asker, body, isWhole, isVoid, finish }: Take): boolean => {
  if (!isWhole || isVoid || useless[asker].includes(body)) return false;
  if (asker === 'consult') return true;
  if (asker === 'tools' && spokenBodies.has(body)) return finish === 'stop';
  return finish === undefined || finish === 'stop' || finish === 'tool_calls';
};

const call = (name: string, params: JsonRecord, id: string): LLMChunk => ({ type: 'tool_call', id, name, params });

const callsOf = (body: AnswerBody, mark: string): readonly LLMChunk[] => {
  switch (body) {
    case 'good':
    case 'twice':
      return [call('look', { mark }, `${mark}1`)];
    case 'parallel':
      return callsWith(mark).map(({ name, params }, index) => call(name, params, `${mark}${index}`));
    case 'unknown':
      return [call('fly', { mark }, `${mark}1`)];
    case 'bad':
      return [call('look', { mark: 5, of: mark }, `${mark}1`)];
    default:
      return [];
  }
};

const inPieces = (text: string, size: number): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));

const wholeText = (asker: Asker, body: AnswerBody, mark: string): string => {
  if (asker === 'json') return actionTexts[body](mark);
  if (asker === 'score') return scoreTexts[body](mark);
  return body === 'empty' ? '' : textOf(mark);
};

/** What a take says from its beginning to its end: its content, and its native calls. */
export interface Content {
  readonly texts: readonly LLMChunk[];
  readonly calls: readonly LLMChunk[];
  /** Why it would end. */
  readonly reason: string;
}

export const contentOf = (asker: Asker, { body, size, isThinking }: AnswerPlan, mark: string): Content => {
  const thoughts = isThinking ? inPieces(textOf(mark), size).map((text): LLMChunk => ({ type: 'reasoning', text })) : [];
  const texts = inPieces(wholeText(asker, body, mark), size).map((text): LLMChunk => ({ type: 'text', text }));
  const calls = asker === 'tools' ? callsOf(body, mark) : [];
  const isCalling = calls.length > 0 || (asker === 'tools' && body === 'undecodable');
  return { texts: [...thoughts, ...texts], calls, reason: isCalling ? 'tool_calls' : 'stop' };
};
