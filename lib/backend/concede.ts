import type { ChatCompletionBody, Concessions } from './openai-request.js';

/** A thing that some servers refuse: how a refusal names it, and what to do about it, if anything is left to be done. */
interface Retreat {
  readonly names: RegExp;
  /** How a refusal says that it is this thing that the server does not take, and not just its value. */
  readonly refusal?: RegExp;
  /** How it says that it is the value. */
  readonly value?: RegExp;
  readonly retreat: (body: ChatCompletionBody, conceded: Concessions) => Concessions | undefined;
}

const REFUSAL =
  /unsupported|not supported|unknown|unrecogni[sz]ed|unexpected|extra inputs|extra.forbidden|not permitted|not allowed|not available|unavailable|(?:does not|doesn't|cannot) (?:support|accept)|only the default|use \W*max_completion_tokens/i;

const VALUE =
  /too (?:large|long|high|low|small|many)|at (?:most|least)|(?:maximum|minimum) (?:value|of|is)|(?:above|below).(?:max|min)|less than|greater than|[<>]=|between|out of range|exceeds/i;

/** A format is refused by its value, too: the type is not among those that the server knows. */
const FORMAT_REFUSAL = new RegExp(`${REFUSAL.source}|supported values|input should be|must be (?:one of|text)|invalid value`, 'i');

/** A schema that is refused for what stands in it, which says nothing of others. Those of tools are another matter. */
const SCHEMA_FAULT =
  /invalid_json_schema|invalid (?:json )?schema(?! for function)|json schema (?:conversion|contains|is invalid|is not valid)|in context=|response_schema|\bgrammar\b|\.strict\b|['"]strict['"]|strict mode/gi;

const NEVER = /(?!)/;

const RETREATS: readonly Retreat[] = [
  {
    names: /stream_options|include_usage/g,
    retreat: (body, { streamOptions }) => ('stream_options' in body && streamOptions === undefined ? { streamOptions: 'none' } : undefined),
  },
  {
    names: /max_tokens|max_completion_tokens/g,
    retreat: (body, { maxTokens }) =>
      'max_tokens' in body && maxTokens === undefined ? { maxTokens: 'max_completion_tokens' } : undefined,
  },
  {
    names: /temperature/g,
    retreat: (body, { temperature }) => ('temperature' in body && temperature === undefined ? { temperature: 'none' } : undefined),
  },
  {
    names: SCHEMA_FAULT,
    refusal: /(?:)/,
    value: NEVER,
    retreat: (body, { schema }) => {
      const format = body.response_format;
      if (format?.type !== 'json_schema') return undefined;
      return { schema: schema === undefined && format.json_schema.strict ? 'not strict' : 'json_object' };
    },
  },
  {
    names: /response_format|json_schema|json_object|guided_json/g,
    refusal: FORMAT_REFUSAL,
    value: NEVER,
    retreat: (body, { responseFormat }) => {
      if (!('response_format' in body) || responseFormat === 'none') return undefined;
      return { responseFormat: body.response_format?.type === 'json_object' ? 'none' : 'json_object' };
    },
  },
];

/** How far from the name of a thing its refusal stands, in characters. What stands further away is about something else. */
const NEAR = 80;

/** Where a text refuses a thing; `undefined` where it only mentions it. */
function refusedAt(text: string, { names, refusal = REFUSAL, value = VALUE }: Retreat): number | undefined {
  for (const { index, 0: name } of text.matchAll(names)) {
    const near = text.slice(Math.max(0, index - NEAR), index + name.length + NEAR);
    if (refusal.test(near) && !value.test(near)) return index;
  }
  return undefined;
}

const textIn = (error: Error, key: string): string => {
  const value: unknown = Object.entries(error).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : '';
};

/** What a refusal says, as one text: its parameter first, since that names the culprit. */
function refusalText(error: unknown): string {
  if (!(error instanceof Error) || !('status' in error) || (error.status !== 400 && error.status !== 422)) return '';
  const body: unknown = 'error' in error ? error.error : undefined;
  return `${textIn(error, 'param')} ${textIn(error, 'code')}\n${JSON.stringify(body) ?? ''}\n${error.message}`;
}

/**
 * What to give up after a refusal (400, 422): the first thing that it says it does not take, that the body has and that
 * can be done without. `undefined` where that is nothing, or where only a value is refused. Servers that quote the
 * request name the culprit before it.
 *
 * @internal
 */
export function concede(error: unknown, body: ChatCompletionBody, conceded: Concessions): Concessions | undefined {
  const text = refusalText(error);
  const [first] = RETREATS.flatMap((thing) => {
    const at = refusedAt(text, thing);
    const concession = at === undefined ? undefined : thing.retreat(body, conceded);
    return at === undefined || concession === undefined ? [] : [{ at, concession }];
  }).sort((one, other) => one.at - other.at);
  return first?.concession;
}
