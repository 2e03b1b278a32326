import type { Family } from './source-text.js';

/** What tells the definition of a name from its other mentions, for one name and one family of languages. */
export interface DefinitionPatterns {
  /** What stands before the keyword, the keyword, what follows the name. */
  readonly keyword: RegExp;
  /** Whole lines that define without a keyword. */
  readonly forms: readonly RegExp[];
  /** A line that defines where it stands in the right kind of block. */
  readonly member: RegExp;
}

const KEYWORDS = [
  String.raw`def|defp|defmodule|defmacro|function\s*\*?|func|fun|fn|sub|proc|procedure|macro_rules!`,
  String.raw`class|struct|interface|trait|protocol|enum\s+class|enum|union|record|object|type|typealias|newtype|module|namespace|mod`,
  String.raw`const|constexpr|let\s+mut|let|var|val|static\s+mut|static|local|using`,
  String.raw`(?:create|CREATE)\s(?:[\w\s]+\s)?(?:table|view|function|procedure|TABLE|VIEW|FUNCTION|PROCEDURE)`,
].join('|');

/** A type before a name: `static final Map<String, int[]>`. */
const TYPE = String.raw`^\s*(?:[\w<>\[\],.:*&?@~]+\s+)+[*&]*`;

const forms: Readonly<Record<Family, readonly string[]>> = {
  script: [
    String.raw`^\s*(?:module\.)?exports\.NAME\s*=(?!=)`,
    String.raw`^\s*[\w.$]+\.prototype\.NAME\s*=(?!=)`,
    String.raw`^\s*(?:export\s+)?(?:const|let|var)\s*[{[](?:[^=}]*[\s,:{[.])?NAME(?!\s*:)[^=}]*[}\]]\s*=(?!=)`,
    String.raw`[(,\s](?:public|private|protected|readonly)\s+NAME\s*\??:`,
  ],
  native: [
    String.raw`^\s*#\s*define\s+NAME`,
    String.raw`^\s*(?:typedef\b.*\W|\}\s*)NAME\s*(?:\[.*\])?;`,
    String.raw`${TYPE}(?:\w+::)*~?NAME\s*\([^;]*$`,
    String.raw`^(?:\w+::)*NAME\s*\([^;]*$`,
    String.raw`${TYPE}NAME\s*(?:\[[^\]]*\]\s*)*(?:=(?!=)|;\s*$)`,
  ],
  go: [String.raw`^func\s+\([^)]*\)\s*NAME`, String.raw`^\s*(?:\w+,\s*)*NAME(?:,\s*\w+)*\s*:=`],
  python: [String.raw`^NAME\s*(?::[^=]+)?=(?!=)`, String.raw`^\s+self\.NAME\s*(?::[^=]+)?=(?!=)`],
  hash: [
    String.raw`^NAME\s*\??=(?!=)`,
    String.raw`^\s*(?:export|declare|readonly|local)\s+(?:-\w+\s+)*NAME=`,
    String.raw`^\s*NAME\s*\(\)\s*\{?\s*$`,
    String.raw`^\s*attr_\w+\s.*:NAME`,
  ],
  dash: [String.raw`^[\w.]*NAME\s*=(?!=)`, String.raw`^NAME\s*::`],
};

/** Members may have words before them; parameters, a type or a value after them. Only Go has the type there bare. */
const members: Readonly<Record<Family, string>> = {
  script: String.raw`^\s+(?:\w+\s+)*[#*]?\s*NAME\s*(?:<.*>)?\s*(?:[?!]?\s*[(:=,;{]|$)`,
  native: String.raw`^\s+(?:[\w()<>[\],.]+\s+)*[*&]*NAME\s*(?:[(:=,;{[]|$)`,
  go: String.raw`^\s+NAME\s*(?:,.*|[(=].*|[\w*[].*|$)`,
  python: String.raw`^\s+NAME\s*(?::|=(?!=))`,
  hash: String.raw`^\s+@{0,2}NAME\s*=(?!=)`,
  dash: String.raw`^\s+NAME\s*(?:=|\w|::)`,
};

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** The patterns of a name, which is not a part of a longer one. */
export function definitionPatterns(name: string, family: Family): DefinitionPatterns {
  const whole = String.raw`(?<![\p{L}\p{N}_])${escape(name)}(?![\p{L}\p{N}_$])`;
  const compile = (pattern: string): RegExp =>
    new RegExp(
      pattern.replace('NAME', () => whole),
      'u',
    );
  return {
    keyword: compile(String.raw`^(\s*(?:[\w@().:[\]]+\s+)*?)@?(?<![\w.])(${KEYWORDS})\s+(?:[\w.:]+[.:])?\$?NAME(.*)$`),
    forms: forms[family].map(compile),
    member: compile(members[family]),
  };
}
