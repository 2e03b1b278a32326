import type { ChatMessage } from './chat-message.js';
import type { Json } from './json.js';

/**
 * A prompt as data: plain texts with `{{placeholders}}`, so that it can be replaced, stored and compared.
 *
 * Which placeholders there are is said where a prompt is used. A pair of braces around anything but a name is text.
 */
export interface PromptTemplate {
  /** The system message: the role, the rules, the form of the answer. */
  readonly system: string;
  /** The user message: the case at hand. */
  readonly user: string;
}

/** What stands for the placeholders, by name. */
export type PromptValues<Name extends string = string> = Readonly<Record<Name, string>>;

const PLACEHOLDER = /\{\{\s*([\w-]+)\s*\}\}/g;

/** What is wrong with some templates, as a sentence; `undefined` where they ask for nothing but `names`. */
export function promptFault(templates: Readonly<Record<string, string>>, names: readonly string[]): string | undefined {
  for (const [part, template] of Object.entries(templates)) {
    if (typeof template !== 'string') return `The prompt's ${part} is no text.`;
    for (const [placeholder, name = ''] of template.matchAll(PLACEHOLDER)) {
      if (!names.includes(name)) return `The prompt's ${part} has ${placeholder}, which is none of ${names.join(', ')}.`;
    }
  }
  return undefined;
}

/** Whether some templates ask for a value by its name. */
export const asksFor = (templates: Readonly<Record<string, string>>, name: string): boolean =>
  Object.values(templates).some((template) => Array.from(template.matchAll(PLACEHOLDER)).some(([, asked]) => asked === name));

/**
 * Puts values in place of the placeholders. One pass: what a value brings along is never looked through for
 * placeholders, so no text from outside can pull in another value. A placeholder without a value becomes nothing.
 */
export const renderText = (template: string, values: PromptValues): string =>
  template.replaceAll(PLACEHOLDER, (_placeholder, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? '') : ''));

/** A template as the messages of a request: see {@link renderText}. An empty system text gives no system message. */
export const renderPrompt = ({ system, user }: PromptTemplate, values: PromptValues): readonly ChatMessage[] => {
  const rules = renderText(system, values);
  const question: ChatMessage = { role: 'user', content: renderText(user, values) };
  return rules === '' ? [question] : [{ role: 'system', content: rules }, question];
};

/**
 * Adds a note to the question of a conversation: to its last user message where that, or the results of tools, came
 * last, since not every server takes two messages of the user in a row, or one after results. Otherwise the note is a
 * user message of its own.
 *
 * @internal
 */
export const addNote = (messages: readonly ChatMessage[], note: string): readonly ChatMessage[] => {
  const end = messages.at(-1)?.role;
  const question = messages.findLastIndex(({ role }) => role === 'user');
  if ((end !== 'user' && end !== 'tool') || question < 0) return [...messages, { role: 'user', content: note }];
  return messages.map((message, index) => (index === question ? { ...message, content: `${message.content}\n\n${note}` } : message));
};

/** What begins a tag, and what a reader may take for it. */
const OPENINGS = /[<＜﹤]/g;

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * A text in which every `<` is written as an escape of JSON, so that it can open or close no tag.
 *
 * @internal
 */
export const inertText = (text: string): string => text.replaceAll(OPENINGS, escapeUnit);

/** JSON text in which every `<` is written as an escape: it reads the same and can open or close no tag. */
export const inertJson = (value: Json): string => inertText(JSON.stringify(value));

/** A name between the quotes of an attribute. */
const inertName = (name: string): string =>
  inertJson(name)
    .slice(1, -1)
    .replaceAll(/\\"|>/g, (part) => escapeUnit(part.slice(-1)));

/**
 * Quotes a value as data: `<data name="state">…</data>` around its JSON. What comes from states and tools stands in
 * prompts in this form alone, since nothing in it, nor in the name, can end its own quotation.
 */
export const quote = (name: string, value: Json): string => `<data name="${inertName(name)}">${inertJson(value)}</data>`;
