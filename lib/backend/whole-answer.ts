import { BackendError } from '../errors/backend-error.js';
import type { LLMChunk } from './backend.js';

/** An answer that came in one piece, as chunks. What a user's function gave is not known to be a text. */
export const wholeAnswer = (text: unknown, giver: string): readonly LLMChunk[] => {
  if (typeof text !== 'string') throw new BackendError(`${giver} gave ${text === null ? 'null' : typeof text} instead of a text.`);
  return [
    { type: 'text', text },
    { type: 'finish', reason: 'stop' },
  ];
};
