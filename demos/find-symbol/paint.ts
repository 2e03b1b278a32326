import { styleText } from 'node:util';

/** Colours a text, or leaves it as it is. */
export type Paint = (style: 'bold' | 'dim' | 'cyan' | 'green' | 'red' | 'yellow' | 'magenta', text: string) => string;

export const noPaint: Paint = (_style, text) => text;
export const paint: Paint = (style, text) => styleText(style, text);

const COLOURS: Readonly<Record<string, Parameters<Paint>[0]>> = {
  thinks: 'cyan',
  judges: 'magenta',
  does: 'yellow',
  Φ: 'green',
  '✓': 'green',
  '✗': 'red',
  error: 'red',
  failed: 'red',
  answer: 'bold',
};

/** The width of the column of labels. */
export const LABEL = 14;

/** A label in its colour, as wide as the column. */
export const labelText = (label: string, paint: Paint): string =>
  `  ${paint(COLOURS[label.split(' ')[0] ?? ''] ?? 'dim', label.padEnd(LABEL - 2))}`;

/** Text from models and files without what could steer a terminal, on one line. */
export const toHarmless = (text: string): string => text.replace(/\r?\n|\t/g, ' ').replace(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '·');
