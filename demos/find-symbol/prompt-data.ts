import type { LLMRequest } from 'purpose-rx';

const SECTION = /<data name="([\w-]+)">(.*?)<\/data>/gs;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The quoted data of a request's prompt, by name: all that a stand-in for a model reads of it. */
export const promptData = ({ messages }: LLMRequest): ReadonlyMap<string, unknown> =>
  new Map(
    messages
      .filter(({ role }) => role === 'user')
      .flatMap(({ content }) => [...content.matchAll(SECTION)].map(([, name = '', json = '']) => [name, parse(json)] as const)),
  );

/** The question that an agent's purpose begins with. */
export const questionOf = (data: ReadonlyMap<string, unknown>): string => {
  const purpose = data.get('purpose');
  return typeof purpose === 'string' ? (purpose.split('\n')[0] ?? '') : '';
};

/** The data of a quoted state. */
export const dataOf = (state: unknown): unknown =>
  typeof state === 'object' && state !== null && 'data' in state ? state.data : undefined;
