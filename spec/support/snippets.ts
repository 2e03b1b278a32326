/** One ```` ```ts ```` block of a Markdown file. */
export interface Snippet {
  /** The file it stands in, from the repository's root. */
  readonly file: string;
  /** The line of its opening fence, from 1. */
  readonly line: number;
  readonly code: string;
  /** False for a block marked `ts no-run`, one that needs a key or a server: it is type-checked all the same. */
  readonly isRun: boolean;
  /** What it says that it prints, line by line: `// → value` comments in their order, or the `text` block right after it. */
  readonly output?: readonly string[];
}

interface Block {
  readonly line: number;
  readonly info: string;
  readonly body: string;
  /** What stands between this block and the one before. */
  readonly gap: string;
}

const FENCED = /^```([^\n]*)\n(.*?)^```[ \t]*$/gms;
const ANY_CODE_FENCE = /^[ \t>]*(?:`{3,}|~{3,})[ \t]*(?:ts|tsx|typescript|js|jsx|javascript)\b/gim;
const OUTPUT_COMMENT = /\/\/ → ?(.*)$/gm;

const countLines = (text: string): number => text.split('\n').length;

const blocksOf = (markdown: string): readonly Block[] => {
  let end = 0;
  return [...markdown.matchAll(FENCED)].map((match) => {
    const gap = markdown.slice(end, match.index);
    end = match.index + match[0].length;
    return { line: countLines(markdown.slice(0, match.index)), info: (match[1] ?? '').trim(), body: match[2] ?? '', gap };
  });
};

const linesOf = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());

function outputOf(code: string, next: Block | undefined, place: string): readonly string[] | undefined {
  const comments = [...code.matchAll(OUTPUT_COMMENT)].map((match) => (match[1] ?? '').trimEnd());
  const block = next?.info === 'text' && next.gap.trim() === '' ? linesOf(next.body) : undefined;
  if (comments.length > 0 && block !== undefined) throw new Error(`${place}: output stands in comments and in a text block; keep one.`);
  return comments.length > 0 ? comments : block;
}

/**
 * The snippets of a Markdown file, in order.
 *
 * What looks like code but would escape the check (indented, another language name, an unknown mark) is an error, so that
 * no example goes unchecked without saying so.
 */
export function extractSnippets(markdown: string, file: string): readonly Snippet[] {
  const blocks = blocksOf(markdown);
  const snippets = blocks.flatMap(({ line, info, body }, index): readonly Snippet[] => {
    if (info !== 'ts' && info !== 'ts no-run') return [];
    const output = outputOf(body, blocks[index + 1], `${file}:${line}`);
    return [{ file, line, code: body, isRun: info === 'ts', ...(output === undefined ? {} : { output }) }];
  });
  const count = [...markdown.matchAll(ANY_CODE_FENCE)].length;
  if (count !== snippets.length) {
    throw new Error(`${file}: ${count} code blocks, but only ${snippets.length} begin with \`\`\`ts or \`\`\`ts no-run at the margin.`);
  }
  return snippets;
}

/** Whether what was printed is what was promised. A promised line `…` stands for any lines, or none. */
export function isPromised(printed: readonly string[], promised: readonly string[]): boolean {
  const [first, ...rest] = promised;
  if (first === undefined) return printed.length === 0;
  if (first === '…')
    return Array.from({ length: printed.length + 1 }, (_, skip) => skip).some((skip) => isPromised(printed.slice(skip), rest));
  return printed.length > 0 && printed[0] === first && isPromised(printed.slice(1), rest);
}

/** What a program wrote, as lines to hold against {@link Snippet.output}. */
export const printedLines = (stdout: string): readonly string[] => (stdout === '' ? [] : linesOf(stdout));
