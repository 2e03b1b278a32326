/** The bytes that the benchmark's server sends: chat completions as OpenAI streams them, and AG-UI's events. */

const WORDS = [
  ' the',
  ' door',
  ' is',
  ' open',
  ',',
  ' so',
  ' I',
  ' look',
  ' around',
  ' – ',
  'twice',
  '.\n',
  ' "Who',
  ' is',
  ' there',
  '?"',
];

/** The text of a token, by its number; some have characters that JSON escapes. */
export const tokenAt = (index: number): string => WORDS[index % WORDS.length] ?? '';

/** The text of an answer of so many tokens. */
export const textOf = (tokens: number): string => Array.from({ length: tokens }, (_, index) => tokenAt(index)).join('');

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

const base = { id: 'chatcmpl-BvXo3kF0sZ8eP1aQwT5nY7uI2cL4r', object: 'chat.completion.chunk', created: 1_763_800_000, model: 'bench' };
const common = { ...base, service_tier: 'default', system_fingerprint: 'fp_50cad350e4' };

const chunk = (delta: object, finish: string | null = null, answer: object = common): string =>
  event({ ...answer, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], usage: null });

/** A field as OpenAI pads its chunks with, of a length that says nothing of that of the token; the same in each run. */
const padding = (index: number): object => {
  const noise = ((index + 1) * 2_654_435_761) % 4_294_967_296;
  return {
    obfuscation: noise
      .toString(36)
      .repeat(2)
      .slice(0, 1 + (noise % 12)),
  };
};

/** One piece of text. */
export const contentChunk = (content: string): string => chunk({ content });

/** How the chunks of an answer are: alike but for their text, as most servers send them, or padded as OpenAI does. */
export type Chunks = 'plain' | 'padded';

const pieceOf = (content: string, index: number, chunks: Chunks): string =>
  chunks === 'plain' ? contentChunk(content) : chunk({ content }, null, { ...common, ...padding(index) });

/** What stands before the first piece of text, and after the last. */
export const OPENING = chunk({ role: 'assistant', content: '', refusal: null });
export const closing = (finish: 'stop' | 'tool_calls', tokens: number): readonly string[] => [
  chunk({}, finish),
  event({ ...common, choices: [], usage: { prompt_tokens: 20, completion_tokens: tokens, total_tokens: 20 + tokens } }),
  'data: [DONE]\n\n',
];

/** An answer of plain text. */
export const textAnswer = (tokens: number, chunks: Chunks = 'plain'): readonly string[] => [
  OPENING,
  ...Array.from({ length: tokens }, (_, index) => pieceOf(tokenAt(index), index, chunks)),
  ...closing('stop', tokens),
];

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);

/** An action as a JSON object, its thought in so many tokens. */
export const jsonAnswer = (tokens: number, name: string, chunks: Chunks = 'plain'): readonly string[] => [
  OPENING,
  contentChunk('{"thought":"'),
  ...Array.from({ length: tokens }, (_, index) => pieceOf(quoted(tokenAt(index)), index, chunks)),
  contentChunk(`","name":"${name}",`),
  contentChunk('"params":{"at":"door 17"},'),
  contentChunk('"expectedDelta":"I know more."}'),
  ...closing('stop', tokens + 4),
];

/** A few words and a native call of the tool `look`. Each has an id of its own: some take an answer with a known one for the same. */
export const toolAnswer = (step: number): readonly string[] => {
  const answer = { ...common, id: `${common.id}${step}` };
  const say = (delta: object): string => chunk(delta, null, answer);
  const call = (piece: object): string => say({ tool_calls: [{ index: 0, ...piece }] });
  return [
    say({ role: 'assistant', content: null, refusal: null }),
    ...Array.from({ length: 12 }, (_, index) => say({ content: tokenAt(index) })),
    call({ id: `call_${step}`, type: 'function', function: { name: 'look', arguments: '' } }),
    ...['{"at":', '"door', ' 17"}'].map((text) => call({ function: { arguments: text } })),
    chunk({}, 'tool_calls', answer),
    ...closing('tool_calls', 20).slice(1),
  ];
};

/** A run of one message as AG-UI's events. */
export const aguiRun = (tokens: number): readonly string[] => {
  const ids = { threadId: 'thread', runId: 'run' };
  const messageId = 'message';
  return [
    event({ type: 'RUN_STARTED', ...ids }),
    event({ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }),
    ...Array.from({ length: tokens }, (_, index) => event({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta: tokenAt(index) })),
    event({ type: 'TEXT_MESSAGE_END', messageId }),
    event({ type: 'RUN_FINISHED', ...ids }),
  ];
};
