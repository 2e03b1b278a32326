import type { ChatMessage } from '../domain/chat-message.js';
import { addNote, inertText } from '../domain/prompt.js';
import { truncate } from '../domain/text.js';

/** The most of a refused answer that a model is shown again, in UTF-16 code units. */
const EXCERPT = 8000;

/** The most faults that are told at once: a union of many branches has many for one mistake. */
export const MOST_ISSUES = 12;

/** The conversation with the refused answer, where it has a text, and what was wrong with it. */
export function repairMessages(
  messages: readonly ChatMessage[],
  { issues, received }: { readonly issues: readonly string[]; readonly received: string },
): readonly ChatMessage[] {
  // They quote the answer.
  const told = issues.slice(0, MOST_ISSUES).map((issue) => `- ${inertText(issue)}`);
  const untold = issues.length - told.length;
  const content = [
    'Your answer could not be used:',
    ...told,
    ...(untold > 0 ? [`- and ${untold} more`] : []),
    'Answer again with one corrected JSON object and nothing else. If the answer was cut off, be briefer.',
  ].join('\n');
  // Some servers refuse an assistant's message without a text.
  return addNote(received === '' ? messages : [...messages, { role: 'assistant', content: truncate(received, EXCERPT) }], content);
}
