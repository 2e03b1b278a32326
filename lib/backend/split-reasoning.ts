import type { LLMChunk } from './backend.js';

const OPENER = '<think>';
const CLOSER = '</think>';
const FENCE = '```';

/** Separates what a model thinks from what it says. */
export interface ReasoningSplitter {
  /** What has been said on the text channel and is still valid. */
  readonly said: string;
  /** Takes reasoning that the server told apart by itself. */
  readonly pushReasoning: (text: string) => void;
  /** Takes text that may have reasoning in it. */
  readonly pushText: (text: string) => void;
  /** No more comes: gives out what was held back. */
  end(): void;
}

/**
 * Where in the answer we are. `start`: nothing but white space yet. `thinking`: inside the tags. `gap`: in the white
 * space after them. `open`: text that may yet turn out to be reasoning. `plain`: text for good.
 */
type Mode = 'start' | 'thinking' | 'gap' | 'open' | 'plain';

/** The end of `text` that may be the beginning of a closing tag, by its index; the length of `text` where there is none. */
function possibleCloser(text: string): number {
  const at = text.lastIndexOf('<');
  return at >= 0 && CLOSER.startsWith(text.slice(at)) ? at : text.length;
}

/** Whether a closing tag stands alone on the line that begins at `from`: its end if so, `null` if that cannot be told yet. */
function loneCloser(text: string, from: number, isWhole: boolean): number | null | undefined {
  const head = text.slice(from, from + CLOSER.length);
  if (head !== CLOSER) return !isWhole && from + head.length === text.length && CLOSER.startsWith(head) ? null : undefined;
  let at = from + CLOSER.length;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at += 1;
  if (at < text.length) return text[at] === '\n' ? at : undefined;
  return isWhole ? at : null;
}

/** Inside a code block a tag is an example. */
const isInCodeBlock = (text: string): boolean => text.split(FENCE).length % 2 === 0;

/**
 * Tells reasoning from text in an answer whose reasoning stands between `<think>` and `</think>`, wherever the pieces
 * are cut. The tags count only at the very start of the answer. Where just the closing one was sent, alone on its line,
 * everything before it was reasoning: the chunks so far are taken back by a `restart`. Tags that stand elsewhere, in a
 * string of JSON for example, are text.
 *
 * @internal
 */
export function splitReasoning(emit: (chunk: LLMChunk) => void): ReasoningSplitter {
  let mode: Mode = 'start';
  let said = '';
  let held = '';
  let isLineStart = true;
  let hasOwnReasoning = false;

  const say = (text: string): void => {
    if (text === '') return;
    said += text;
    emit({ type: 'text', text });
  };
  const think = (text: string): void => {
    if (text !== '') emit({ type: 'reasoning', text });
  };

  /** Text before the first line in question is said, what comes after a lone closing tag is returned. */
  const readLines = (text: string, isWhole: boolean): string => {
    let line = isLineStart ? 0 : text.indexOf('\n') + 1;
    while (isLineStart || line > 0) {
      isLineStart = false;
      const closer = loneCloser(text, line, isWhole);
      if (closer === null) {
        held = text.slice(line);
        isLineStart = true;
        say(text.slice(0, line));
        return '';
      }
      if (closer !== undefined && !isInCodeBlock(said + text.slice(0, line))) {
        const thought = said + text.slice(0, line);
        if (said !== '') emit({ type: 'restart' });
        said = '';
        mode = 'gap';
        if (thought.trim() !== '') think(thought);
        return text.slice(closer);
      }
      line = text.indexOf('\n', line) + 1;
    }
    say(text);
    return '';
  };

  const readStart = (text: string): string => {
    const begun = text.trimStart();
    if (begun.startsWith(OPENER)) {
      mode = 'thinking';
      return begun.slice(OPENER.length);
    }
    if (OPENER.startsWith(begun)) {
      held = text;
      return '';
    }
    mode = hasOwnReasoning ? 'plain' : 'open';
    return text;
  };

  const readThought = (text: string): string => {
    const closer = text.indexOf(CLOSER);
    if (closer < 0) {
      const end = possibleCloser(text);
      held = text.slice(end);
      think(text.slice(0, end));
      return '';
    }
    mode = 'gap';
    think(text.slice(0, closer));
    return text.slice(closer + CLOSER.length);
  };

  const readGap = (text: string): string => {
    const begun = text.trimStart();
    if (begun !== '') mode = 'plain';
    return begun;
  };

  const pushText = (text: string): void => {
    // The way of nearly every token: nothing held back, no line begins, nothing to look for.
    if (mode === 'plain' || (mode === 'open' && !isLineStart && !text.includes('\n'))) {
      say(text);
      return;
    }
    let rest = held + text;
    held = '';
    while (rest !== '') {
      if (mode === 'start') rest = readStart(rest);
      else if (mode === 'thinking') rest = readThought(rest);
      else if (mode === 'gap') rest = readGap(rest);
      else if (mode === 'open') rest = readLines(rest, false);
      else {
        say(rest);
        rest = '';
      }
    }
  };

  return {
    get said() {
      return said;
    },
    pushReasoning: (text) => {
      hasOwnReasoning = true;
      if (mode === 'open') {
        const rest = held;
        held = '';
        mode = 'plain';
        say(rest);
      }
      think(text);
    },
    pushText,
    end: () => {
      const rest = held;
      held = '';
      if (mode === 'thinking') think(rest);
      else if (mode === 'open') readLines(rest, true);
      else say(rest);
    },
  };
}
