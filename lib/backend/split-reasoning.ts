import type { LLMChunk } from './backend.js';
import { createTagFinder } from './tag-finder.js';

const OPENER = '<think>';
const CLOSER = '</think>';

/** How much white space before the answer is held back for the sake of a tag after it. Models that got stuck send it without end. */
const WIDEST_MARGIN = 64;

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

/**
 * Tells reasoning from text in an answer whose reasoning stands between `<think>` and `</think>`, wherever the pieces
 * are cut. The opening tag counts only at the very start of the answer. Where just the closing one was sent, everything
 * before it was reasoning: the chunks so far are taken back by a `restart`. That is the first one, but for those that
 * stand in code or in JSON, after an opening one, or in an answer whose reasoning the server tells apart by itself:
 * they are text.
 *
 * At most the length of a tag is held back, and a little white space before the answer.
 *
 * @internal
 */
export function splitReasoning(emit: (chunk: LLMChunk) => void): ReasoningSplitter {
  let mode: Mode = 'start';
  let said = '';
  let held = '';
  let margin = '';
  let isMarginWide = false;
  let hasOwnReasoning = false;
  const tags = createTagFinder();

  const say = (text: string): void => {
    if (text === '') return;
    said += text;
    emit({ type: 'text', text });
  };
  const think = (text: string): void => {
    if (text !== '') emit({ type: 'reasoning', text });
  };

  const sayMargin = (): void => {
    say(margin);
    margin = '';
  };

  const readStart = (text: string): string => {
    const begun = text.trimStart();
    margin += text.slice(0, text.length - begun.length);
    isMarginWide ||= margin.length > WIDEST_MARGIN;
    if (isMarginWide) sayMargin();
    if (begun.startsWith(OPENER)) {
      mode = 'thinking';
      margin = '';
      return begun.slice(OPENER.length);
    }
    if (OPENER.startsWith(begun)) {
      held = begun;
      return '';
    }
    mode = hasOwnReasoning ? 'plain' : 'open';
    const rest = margin + begun;
    margin = '';
    return rest;
  };

  /** Text is said; what comes after a closing tag is returned. */
  const readOpen = (text: string): string => {
    const { found, at } = tags.find(text);
    if (found === 'closer') {
      const thought = said + text.slice(0, at);
      if (said !== '') emit({ type: 'restart' });
      said = '';
      mode = 'gap';
      if (thought.trim() !== '') think(thought);
      return text.slice(at + CLOSER.length);
    }
    if (found === 'opener') mode = 'plain';
    const end = found === 'part' ? at : text.length;
    held = text.slice(end);
    say(text.slice(0, end));
    return '';
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
    let rest = held + text;
    held = '';
    while (rest !== '') {
      if (mode === 'start') rest = readStart(rest);
      else if (mode === 'thinking') rest = readThought(rest);
      else if (mode === 'gap') rest = readGap(rest);
      else if (mode === 'open') rest = readOpen(rest);
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
      if (mode === 'thinking') {
        think(rest);
      } else {
        sayMargin();
        say(rest);
      }
    },
  };
}
