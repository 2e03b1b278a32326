import type { ErrorContext } from './openai-error.js';
import { createPayloadReader, type ContentSinks } from './payload-reader.js';
import type { ReasoningSplitter } from './split-reasoning.js';

/** What the chunks of an answer have in common, so that those that only say another text need no parsing. */
export interface ChunkPattern {
  /** Takes the data of a chunk if it is like the one that was learned; whether it is. */
  push(data: string): boolean;
  /** Learns from the data of a chunk that said something, in place of what was learned before. */
  learn(data: string): void;
}

type Channel = 'pushText' | 'pushReasoning';

/** A chunk without its text. */
interface Shape {
  readonly before: string;
  readonly after: string;
  readonly channel: Channel;
}

/** Where a chunk may have its text, between quotes. */
const TEXT = /"(?:content|reasoning_content|reasoning)"\s*:\s*"((?:[^"\\]|\\.)+)"/d;

/** Characters of JSON that do not stand for themselves in a string. */
const UNUSUAL = /["\\\p{Cc}]/u;

/** A text that no chunk has by chance. */
const PROBE = '\uE000probe\uE001';

/** A longer chunk is not learned from: few are alike, and all of it would be kept. */
const LONGEST = 4096;

/** From this length on a slice keeps all of the text that it was cut from; engines copy shorter ones. */
const SHARED = 13;

/** Servers that send something new in every chunk are learned from so often and no more. */
const LESSONS = 8;
/** How many chunks a lesson has to save to be worth it. */
const WORTH = 4;

/** What a string of JSON says, from between its quotes; `undefined` where it is none. */
function unquote(raw: string): string | undefined {
  if (raw.length < SHARED && !UNUSUAL.test(raw)) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return undefined;
  }
}

/** The channel that a payload says the probe on, where that is all that it does. */
function channelOf(payload: unknown, context: ErrorContext): Channel | undefined {
  let said: Channel | undefined;
  let isMore = false;
  const hear =
    (channel: Channel) =>
    (text: string): void => {
      said = channel;
      isMore ||= text !== PROBE;
    };
  const channels: ReasoningSplitter = { said: '', pushText: hear('pushText'), pushReasoning: hear('pushReasoning'), end: () => undefined };
  const calls: ContentSinks['calls'] = {
    size: 0,
    received: '',
    push: () => {
      isMore = true;
    },
    finish: () => [],
  };
  const reader = createPayloadReader({ channels, calls }, context);
  reader.read(payload);
  return isMore || reader.reason !== undefined ? undefined : said;
}

/** A copy with nothing behind it: a slice of a chunk keeps alive all that was read of the body with it. */
const copy = (text: string): string => String(JSON.parse(JSON.stringify(text)));

function findShape(data: string, [start, end]: readonly [start: number, end: number], context: ErrorContext): Shape | undefined {
  const before = data.slice(0, start);
  const after = data.slice(end);
  const channel = channelOf(JSON.parse(before + PROBE + after), context);
  return channel && { before: copy(before), after: copy(after), channel };
}

class LearnedPattern implements ChunkPattern {
  readonly #channels: ReasoningSplitter;
  readonly #context: ErrorContext;
  #shape: Shape | undefined;
  #lessons = 0;
  #saved = 0;

  constructor(channels: ReasoningSplitter, context: ErrorContext) {
    this.#channels = channels;
    this.#context = context;
  }

  push(data: string): boolean {
    if (this.#shape === undefined) return false;
    const { before, after, channel } = this.#shape;
    const end = data.length - after.length;
    if (end <= before.length) return false;
    // Slices compare faster than startsWith and endsWith look: 0.4 µs a chunk.
    if (data.slice(0, before.length) !== before || data.slice(end) !== after) return false;
    const text = unquote(data.slice(before.length, end));
    if (text === undefined) return false;
    this.#saved += 1;
    this.#channels[channel](text);
    return true;
  }

  learn(data: string): void {
    this.#shape = undefined;
    if (!data.startsWith('{') || data.length > LONGEST) return;
    if (this.#lessons >= LESSONS && this.#saved < this.#lessons * WORTH) return;
    const place = TEXT.exec(data)?.indices?.[1];
    // One of a tool call, say, teaches nothing and is no lesson.
    if (place === undefined) return;
    this.#lessons += 1;
    this.#shape = findShape(data, place, this.#context);
  }
}

/**
 * Knows the chunks of an answer that differ from the one before in nothing but their text, as nearly all do that most
 * servers send, and reads them without parsing: 2 µs in place of 7 for a chunk of 300 characters, all of its reading
 * included. Where each chunk has something new, as OpenAI's own padding, it gives up and costs nothing more.
 *
 * What a chunk does is found out by the general reader alone: it is given the chunk with another text, and has to say
 * this and do nothing else. Until another chunk says something, one more of the kind then does nothing but say its text.
 *
 * @internal
 */
export const createChunkPattern = (channels: ReasoningSplitter, context: ErrorContext): ChunkPattern =>
  new LearnedPattern(channels, context);
