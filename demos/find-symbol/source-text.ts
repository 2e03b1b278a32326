import { extname } from 'node:path/posix';

/** How a language writes comments and strings, and blocks. */
export type Family = 'script' | 'native' | 'go' | 'python' | 'hash' | 'dash';

const families: Readonly<Record<Family, string>> = {
  script: 'ts tsx mts cts js jsx mjs cjs vue svelte php dart groovy gradle',
  native: 'rs c h cc cpp cxx hpp hh m mm java kt kts scala cs swift zig v sol proto glsl d',
  go: 'go',
  python: 'py pyi pyx',
  hash: 'rb sh bash zsh fish pl pm r ex exs nim jl tcl cr gd mk cmake nix',
  dash: 'lua sql hs elm ada adb ads vhd',
};

const familyOfExtension = new Map(
  Object.entries(families).flatMap(([family, extensions]) =>
    extensions.split(' ').map((extension) => [extension, family as Family] as const),
  ),
);

/** The family of a source file by its name; `undefined` for prose and data, which define nothing. */
export const familyOf = (path: string): Family | undefined => familyOfExtension.get(extname(path).slice(1).toLowerCase());

const DOUBLE = String.raw`"(?:\\.|[^"\\\n])*"?`;
const SINGLE = String.raw`'(?:\\.|[^'\\\n])*'?`;
const BACKTICKS = String.raw`\`(?:\\[^]|[^\`\\])*(?:\`|$(?![^]))`;
const SLASHES = String.raw`\/\/.*|\/\*[^]*?(?:\*\/|$(?![^]))`;

/** A regular expression stands where a value may begin; the quotes in it open no string. */
const EXPRESSION = String.raw`(?<=(?:[(,=:[!&|?{};>]|\breturn|^)\s*)\/(?![*\/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^\/\\\n[])+\/`;

const CHARACTER = String.raw`'(?:\\[^'\n]*|[^'\\\n])'`;

/** Comments and strings. A lone `'` is no string in languages where it marks a character or a lifetime. */
const notCode: Readonly<Record<Family, RegExp>> = {
  script: new RegExp([SLASHES, EXPRESSION, DOUBLE, SINGLE, BACKTICKS].join('|'), 'gm'),
  native: new RegExp([SLASHES, DOUBLE, CHARACTER].join('|'), 'g'),
  go: new RegExp([SLASHES, DOUBLE, CHARACTER, BACKTICKS].join('|'), 'g'),
  python: new RegExp([String.raw`#.*|"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)`, DOUBLE, SINGLE].join('|'), 'g'),
  hash: new RegExp([String.raw`(?<![$\w])#.*|^=begin[^]*?(?:^=end|$(?![^]))`, DOUBLE, SINGLE].join('|'), 'gm'),
  dash: new RegExp([String.raw`--.*|\{-[^]*?-\}|--\[\[[^]*?(?:\]\]|$)`, DOUBLE, SINGLE].join('|'), 'g'),
};

/** An excerpt that begins inside a block comment: it is closed before any is opened. */
const OPEN_COMMENT = /^(?:(?!\/\*)[^])*?\*\/[ \t]*(?:\n|$)/;

/** A line of a block comment that is seen alone. */
const COMMENT_LINE = /^\s*\*+(?:\s.*|\/.*)?$/gm;

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** The lines of an excerpt with its comments and strings blanked out, so that what is left is code. */
export function codeOf(lines: readonly string[], family: Family): readonly string[] {
  const text = lines.join('\n');
  const isSlashed = family === 'script' || family === 'native' || family === 'go';
  const opened = isSlashed ? text.replace(OPEN_COMMENT, blank) : text;
  const masked = opened.replace(notCode[family], blank);
  return (isSlashed ? masked.replace(COMMENT_LINE, blank) : masked).split('\n');
}
