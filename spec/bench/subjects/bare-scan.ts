import { createParser } from 'eventsource-parser';
import type { Subject } from '../subject.js';

/** What there is to be gained: `fetch`, an SSE parser, `JSON.parse` and nothing else. */
const scan = async (baseURL: string, onText: (text: string) => void): Promise<void> => {
  const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', body: '{}' });
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data) as { readonly choices: readonly { readonly delta: { readonly content?: string } }[] };
      const text = chunk.choices[0]?.delta.content;
      if (text !== undefined && text !== '') onText(text);
    },
  });
  for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }));
};

export const subject: Subject = {
  readText: async (baseURL) => {
    let heard = 0;
    await scan(baseURL, (text) => {
      heard += text.length;
    });
    return heard;
  },
  readPaced: scan,
};
