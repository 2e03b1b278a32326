import { definitionPatterns, type DefinitionPatterns } from './definition-patterns.js';
import { codeOf, familyOf, type Family } from './source-text.js';

/**
 * How a line defines a name: by a keyword (`class Name`), by its form (`int name(…) {`), as a member, or as a name alone
 * in a list; of the latter two only the block around the line can tell.
 */
export type Kind = 'keyword' | 'form' | 'member' | 'name';

/** Words that a definition does not have before its name. */
const ELSEWHERE =
  /\b(?:import|from|require|return|new|throw|await|yield|case|goto|delete|typeof|instanceof|else|package|extends|implements|impl|use)\b/;

/** A use of a type (`struct name *p`), a forward declaration (`class Name;`), a name in a list of imports (`type Name,`). */
const NO_DEFINITION: ReadonlyMap<string, RegExp> = new Map([
  ['type', /^\s*(?:[,}]|from\b|as\b|$)/],
  ['struct', /^(?:\s*[;*&,)>]|\s+[\w*&]+\s*[;=,)([])/],
  ['enum', /^(?:\s*[;*&,)>]|\s+[\w*&]+\s*[;=,)([])/],
  ['union', /^(?:\s*[;*&,)>]|\s+[\w*&]+\s*[;=,)([])/],
  ['class', /^\s*[;*&,)>]/],
  ['using', /^(?!\s*=)/],
]);

const isByKeyword = (code: string, { keyword }: DefinitionPatterns): boolean => {
  const [, before = '', word = '', after = ''] = keyword.exec(code) ?? [];
  return word !== '' && !ELSEWHERE.test(before) && NO_DEFINITION.get(/^\w+/.exec(word)?.[0] ?? '')?.test(after) !== true;
};

/** A name alone on its line, as in a list. */
const BARE = /^\s*[\w$]+\s*,?\s*$/;

const kindOf = (code: string, name: string, family: Family): Kind | undefined => {
  const patterns = definitionPatterns(name, family);
  if (isByKeyword(code, patterns)) return 'keyword';
  if (ELSEWHERE.test(code.slice(0, Math.max(0, code.indexOf(name))))) return undefined;
  if (patterns.forms.some((form) => form.test(code))) return 'form';
  if (!patterns.member.test(code)) return undefined;
  return BARE.test(code) ? 'name' : 'member';
};

const indentOf = (line: string): number => line.search(/\S|$/);

/** The nearest line above that is less indented: what opens the block that a line stands in. */
const openerOf = (code: readonly string[], index: number): string =>
  code.slice(0, index).findLast((line) => line.trim() !== '' && indentOf(line) < indentOf(code[index] ?? '')) ?? '';

/** What opens a block of members. A class that is named among parameters opens none. */
const HOLDS_MEMBERS: Readonly<Record<Family, RegExp>> = {
  script: /^[^(=]*\b(?:class|interface|enum|trait)\b|\btype\s+\w+.*=\s*\{\s*$|=\s*(?:\w+(?:\.\w+)*\()?\{\s*$|\bexport default \{\s*$/,
  native:
    /^(?:\s*pub\s*\([^)]*\))?[^(=]*\b(?:class|interface|enum|struct|union|trait|record|object|protocol|extension)\b(?!\s+\w+[\s*]+\w+\s*\()/,
  go: /^type\b.*\{\s*$|^(?:const|var|type)\s*\(/,
  python: /^\s*(?:class|def|async|if|elif|else|try|except|with|for|while)\b.*:\s*$/,
  hash: /^\s*(?:class|module|def)\b/,
  dash: /=\s*\{\s*$|\b(?:data|create|CREATE)\b/,
};

/** What opens a list of names that it defines: elsewhere, a name alone is only mentioned. */
const HOLDS_NAMES = /\benum\b|^(?:const|var)\s*\(/;

/** How a line of a file may define a name, as far as the line alone can tell; `undefined` where it does not. */
export function looksLikeDefinition(path: string, line: string, name: string): Kind | undefined {
  const family = familyOf(path);
  return family === undefined ? undefined : kindOf(codeOf([line], family)[0] ?? '', name, family);
}

/**
 * How a line of an excerpt of a file defines a name; `undefined` where it does not. Unlike the line alone, the lines
 * above it show the comment, the string or the block that it stands in.
 */
export function definitionAt(path: string, lines: readonly string[], index: number, name: string): Kind | undefined {
  const family = familyOf(path);
  if (family === undefined) return undefined;
  const code = codeOf(lines, family);
  const kind = kindOf(code[index] ?? '', name, family);
  if (kind === 'member') return HOLDS_MEMBERS[family].test(openerOf(code, index)) ? kind : undefined;
  if (kind === 'name') return HOLDS_NAMES.test(openerOf(code, index)) ? kind : undefined;
  return kind;
}
