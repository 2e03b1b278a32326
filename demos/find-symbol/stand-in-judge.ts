import type { PurposeScoreInit } from 'purpose-rx';
import { findingsOf, isSure } from './findings.js';
import { dataOf, questionOf } from './prompt-data.js';
import { symbolOf, type SoughtSymbol } from './question.js';

interface Judgement {
  readonly phi: number;
  readonly evidence: string;
  readonly confidence: number;
}

const judge = (state: unknown, symbol: SoughtSymbol): Judgement => {
  const { definitions, unread, mentions, searches } = findingsOf(dataOf(state), symbol);
  const [found] = definitions;
  // A name alone in a list is a mention like any other until its list was read.
  const candidate = unread.find(({ kind }) => kind !== 'name');
  const [mention] = mentions;
  if (found !== undefined)
    return {
      phi: 10,
      evidence: `${found.path}:${found.line} was read and says "${found.text.trim()}", which defines ${symbol.name}.`,
      confidence: 0.95,
    };
  if (candidate !== undefined)
    return {
      // A member is told from a call only by the block around it.
      phi: isSure(candidate) ? 4 : 2,
      evidence: `${candidate.path}:${candidate.line} says "${candidate.text.trim()}", which may be the definition, but has not been read in its place.`,
      confidence: 0.7,
    };
  if (mention !== undefined)
    return {
      phi: 1,
      evidence: `${symbol.name} is mentioned, first in ${mention.path}:${mention.line}, but no line is shown that defines it.`,
      confidence: 0.8,
    };
  const files = searches[0]?.filesSearched ?? 0;
  return { phi: 0, evidence: `No line of the ${files} files that were searched has ${symbol.name}.`, confidence: 0.9 };
};

/** Judges by rules what a model would judge: what the state shows, file and line, and nothing that was only hoped for. */
export function judgeByRules(data: ReadonlyMap<string, unknown>): Required<PurposeScoreInit> {
  const symbol = symbolOf(questionOf(data));
  if (symbol === undefined) return { evidence: 'The purpose names no symbol.', phiBefore: 0, phiAfter: 0, confidence: 0.9 };
  const { phi, evidence, confidence } = judge(data.get('state_after'), symbol);
  return { evidence, phiBefore: judge(data.get('state_before'), symbol).phi, phiAfter: phi, confidence };
}
