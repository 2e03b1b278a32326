import { OpenAI } from 'openai';
import { once } from '../once.js';
import { RULES } from '../rules.js';
import type { Subject } from '../subject.js';

const question = { model: 'bench', stream: true, stream_options: { include_usage: true } } as const;
const messages = [{ role: 'user' as const, content: 'Who is there?' }];

const clientOf = once((baseURL: string): OpenAI => new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 }));

const read = async (baseURL: string, onText: (text: string) => void): Promise<void> => {
  for await (const chunk of await clientOf(baseURL).chat.completions.create({ ...question, messages })) {
    const text = chunk.choices[0]?.delta.content;
    if (text !== undefined && text !== null && text !== '') onText(text);
  }
};

const look = (text: string): string => `it is open at ${(JSON.parse(text) as { readonly at: string }).at}`;

/** The tool loop that one writes by hand: each answer is read as it comes, its calls are put together and answered. */
const loopTools = async (baseURL: string, steps: number): Promise<number> => {
  const client = clientOf(baseURL);
  const parameters = { type: 'object', properties: { at: { type: 'string' } }, required: ['at'], additionalProperties: false };
  const tools = [{ type: 'function' as const, function: { name: 'look', description: 'Looks at a place.', parameters } }];
  const conversation: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: RULES }, ...messages];
  for (let step = 0; step <= steps; step += 1) {
    let content = '';
    const calls: { id: string; name: string; text: string }[] = [];
    for await (const { choices } of await client.chat.completions.create({ ...question, messages: conversation, tools })) {
      const delta = choices[0]?.delta;
      content += delta?.content ?? '';
      for (const { index, id = '', function: called } of delta?.tool_calls ?? []) {
        const call = (calls[index] ??= { id, name: '', text: '' });
        call.name += called?.name ?? '';
        call.text += called?.arguments ?? '';
      }
    }
    if (calls.length === 0) return step;
    conversation.push({
      role: 'assistant',
      content,
      tool_calls: calls.map(({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } })),
    });
    for (const { id, text } of calls) conversation.push({ role: 'tool', tool_call_id: id, content: look(text) });
  }
  throw new Error(`The loop was not done after ${steps} steps.`);
};

export const subject: Subject = {
  readText: async (baseURL) => {
    let heard = 0;
    await read(baseURL, (text) => {
      heard += text.length;
    });
    return heard;
  },
  readPaced: read,
  loopTools,
  cancel: {
    break: async (baseURL) => {
      let at = 0n;
      for await (const chunk of await clientOf(baseURL).chat.completions.create({ ...question, messages })) {
        if (chunk.choices[0]?.delta.content !== '.') continue;
        at = process.hrtime.bigint();
        break;
      }
      return at;
    },
    abort: async (baseURL) => {
      const controller = new AbortController();
      let at = 0n;
      const stream = await clientOf(baseURL).chat.completions.create({ ...question, messages }, { signal: controller.signal });
      for await (const chunk of stream) {
        if (chunk.choices[0]?.delta.content !== '.') continue;
        setTimeout(() => {
          at = process.hrtime.bigint();
          controller.abort();
        }, 20);
      }
      return at;
    },
  },
};
