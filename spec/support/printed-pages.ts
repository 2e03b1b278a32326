const LINE = '\n';

/** The longest beginning that is white space in each of these lines, those left out that are nothing but white space. */
const indentOf = (lines: readonly string[]): string => {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)?.[0] ?? '');
  const [shortest = ''] = indents.toSorted((one, other) => one.length - other.length);
  return indents.every((indent) => indent.startsWith(shortest)) ? shortest : '';
};

/**
 * The pages of failed expectations in what a test runner printed, without the indent that it gave them: from both
 * diagrams, the first line being behind the name of the error, to the legend of the letters.
 */
export const printedPages = (printed: string): readonly string[] => {
  const lines = printed.split(LINE);
  const starts = lines.flatMap((line, index) => (line.includes('is not what was expected.') ? [index] : []));
  return starts.map((start) => {
    const end = lines.findIndex((line, index) => index > start && line.trimStart().startsWith('Letters: '));
    const page = lines.slice(start + 1, end + 1);
    const indent = indentOf(page);
    return page.map((line) => line.slice(indent.length)).join(LINE);
  });
};
