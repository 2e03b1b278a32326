import { createGrowingText, type GrowingText } from '../internal/growing-text.js';
import type { LLMChunk } from './backend.js';
import { createTagFinder, type TagFinder } from './tag-finder.js';

const OPENER = '<think>';
const CLOSER = '</think>';

/** How much white space before the answer is held back for the sake of a tag after it. Models that got stuck send it without end. */
const WIDEST_MARGIN = 64;

/** Separates what a model thinks from what it says. */
export interface ReasoningSplitter {
  /** What has been said on the text channel and is still valid. */
  readonly said: string;
  /** Takes reasoning that the server told apart by itself. */
  pushReasoning(text: string): void;
  /** Takes text that may have reasoning in it. */
  pushText(text: string): void;
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

class TagSplitter implements ReasoningSplitter {
  readonly #emit: (chunk: LLMChunk) => void;
  #mode: Mode = 'start';
  #said: GrowingText | undefined;
  #held = '';
  #margin = '';
  #isMarginWide = false;
  #hasOwnReasoning = false;
  /** Only while a closing tag may yet come. */
  #tags: TagFinder | undefined;

  constructor(emit: (chunk: LLMChunk) => void) {
    this.#emit = emit;
  }

  get said(): string {
    return this.#said?.whole() ?? '';
  }

  pushReasoning(text: string): void {
    this.#hasOwnReasoning = true;
    if (this.#mode === 'open') {
      const rest = this.#held;
      this.#held = '';
      this.#mode = 'plain';
      this.#say(rest);
    }
    this.#think(text);
  }

  pushText(text: string): void {
    let rest = this.#held + text;
    this.#held = '';
    while (rest !== '') {
      if (this.#mode === 'open') rest = this.#readOpen(rest);
      else if (this.#mode === 'thinking') rest = this.#readThought(rest);
      else if (this.#mode === 'start') rest = this.#readStart(rest);
      else if (this.#mode === 'gap') rest = this.#readGap(rest);
      else {
        this.#say(rest);
        rest = '';
      }
    }
  }

  end(): void {
    const rest = this.#held;
    this.#held = '';
    if (this.#mode === 'thinking') {
      this.#think(rest);
    } else {
      this.#sayMargin();
      this.#say(rest);
    }
  }

  #say(text: string): void {
    if (text === '') return;
    this.#said ??= createGrowingText();
    this.#said.add(text);
    this.#emit({ type: 'text', text });
  }

  #think(text: string): void {
    if (text !== '') this.#emit({ type: 'reasoning', text });
  }

  #sayMargin(): void {
    this.#say(this.#margin);
    this.#margin = '';
  }

  #readStart(text: string): string {
    const begun = text.trimStart();
    this.#margin += text.slice(0, text.length - begun.length);
    this.#isMarginWide ||= this.#margin.length > WIDEST_MARGIN;
    if (this.#isMarginWide) this.#sayMargin();
    if (begun.startsWith(OPENER)) {
      this.#mode = 'thinking';
      this.#margin = '';
      return begun.slice(OPENER.length);
    }
    if (OPENER.startsWith(begun)) {
      this.#held = begun;
      return '';
    }
    this.#mode = this.#hasOwnReasoning ? 'plain' : 'open';
    const rest = this.#margin + begun;
    this.#margin = '';
    return rest;
  }

  /** Text is said; what comes after a closing tag is returned. */
  #readOpen(text: string): string {
    this.#tags ??= createTagFinder();
    const { found, at } = this.#tags.find(text);
    if (found === 'closer') {
      const thought = this.said + text.slice(0, at);
      if (this.#said !== undefined) this.#emit({ type: 'restart' });
      this.#said = undefined;
      this.#mode = 'gap';
      if (thought.trim() !== '') this.#think(thought);
      return text.slice(at + CLOSER.length);
    }
    if (found === 'opener') this.#mode = 'plain';
    const end = found === 'part' ? at : text.length;
    this.#held = text.slice(end);
    this.#say(text.slice(0, end));
    return '';
  }

  #readThought(text: string): string {
    const closer = text.indexOf(CLOSER);
    if (closer < 0) {
      const end = possibleCloser(text);
      this.#held = text.slice(end);
      this.#think(text.slice(0, end));
      return '';
    }
    this.#mode = 'gap';
    this.#think(text.slice(0, closer));
    return text.slice(closer + CLOSER.length);
  }

  #readGap(text: string): string {
    const begun = text.trimStart();
    if (begun !== '') this.#mode = 'plain';
    return begun;
  }
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
export const splitReasoning = (emit: (chunk: LLMChunk) => void): ReasoningSplitter => new TagSplitter(emit);
