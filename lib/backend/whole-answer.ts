import { BackendError } from '../errors/backend-error.js';
import type { LLMChunk } from './backend.js';
import { splitReasoning } from './split-reasoning.js';

/**
 * An answer that came in one piece, as chunks: its reasoning, if it stands in `<think>…</think>` at its start, and its
 * text. What a user's function gave is not known to be a text.
 */
export const wholeAnswer = (answer: unknown, giver: string): readonly LLMChunk[] => {
  if (typeof answer !== 'string') throw new BackendError(`${giver} gave ${answer === null ? 'null' : typeof answer} instead of a text.`);
  let text = '';
  let reasoning = '';
  const parts = splitReasoning((chunk) => {
    if (chunk.type === 'restart') text = '';
    else if (chunk.type === 'text') text += chunk.text;
    else if (chunk.type === 'reasoning') reasoning += chunk.text;
  });
  parts.pushText(answer);
  parts.end();
  return [
    ...(reasoning === '' ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
    { type: 'text', text },
    { type: 'finish', reason: 'stop' },
  ];
};
