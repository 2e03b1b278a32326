import type { ChatCompletionBody, Concessions } from './openai-request.js';

/** A thing that some servers refuse: how a refusal names it, and what to do about it, if anything is left to be done. */
interface Retreat {
  readonly names: RegExp;
  readonly retreat: (body: ChatCompletionBody, conceded: Concessions) => Concessions | undefined;
}

const RETREATS: readonly Retreat[] = [
  {
    names: /stream_options|include_usage/,
    retreat: (body, { streamOptions }) => ('stream_options' in body && streamOptions === undefined ? { streamOptions: 'none' } : undefined),
  },
  {
    names: /max_tokens|max_completion_tokens/,
    retreat: (body, { maxTokens }) =>
      'max_tokens' in body && maxTokens === undefined ? { maxTokens: 'max_completion_tokens' } : undefined,
  },
  {
    names: /temperature/,
    retreat: (body, { temperature }) => ('temperature' in body && temperature === undefined ? { temperature: 'none' } : undefined),
  },
  {
    names: /response_format|json_schema|json_object|guided_json/,
    retreat: (body, { responseFormat }) => {
      if (!('response_format' in body) || responseFormat === 'none') return undefined;
      return { responseFormat: responseFormat === undefined ? 'json_object' : 'none' };
    },
  },
];

/** What a refusal says, as one text: its parameter first, since that names the culprit. */
function refusalText(error: unknown): string {
  if (!(error instanceof Error) || !('status' in error) || (error.status !== 400 && error.status !== 422)) return '';
  const param = 'param' in error && typeof error.param === 'string' ? error.param : '';
  const body: unknown = 'error' in error ? error.error : undefined;
  return `${param}\n${JSON.stringify(body) ?? ''}\n${error.message}`;
}

/**
 * What to give up after a refusal (400, 422): the first thing that it names, that the body has and that can be done
 * without. `undefined` where that is nothing. Servers that quote the request name the culprit before it.
 *
 * @internal
 */
export function concede(error: unknown, body: ChatCompletionBody, conceded: Concessions): Concessions | undefined {
  const text = refusalText(error);
  const [first] = RETREATS.map(({ names, retreat }) => ({ at: text.search(names), concession: retreat(body, conceded) }))
    .filter(({ at, concession }) => at >= 0 && concession !== undefined)
    .sort((one, other) => one.at - other.at);
  return first?.concession;
}
