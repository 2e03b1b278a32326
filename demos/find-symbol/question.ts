/** A name as programs have it, perhaps as a part of another: `run`, `AgentRun.cancel`, `Foo::bar`, `events$`. */
const NAME = /[#@]?[\p{L}_$][\p{L}\p{N}_$]*(?:(?:\.|::|#|->)[\p{L}_$][\p{L}\p{N}_$]*)*/gu;

/** Only programs write names like these: an inner capital, an underscore, a digit, a `$`, a part of another. */
const isUnmistakable = (word: string): boolean => /[\p{Ll}\p{N}]\p{Lu}|[_$\p{N}.:#]/u.test(word);

/** What people write around the name. */
const ORDINARY = new Set(
  (
    'a an and are at be been being by can class code codebase const constant could declaration declare declared define defined defines ' +
    'definition do does enum exactly field file find folder for from function get give here how i implementation implemented implements in ' +
    'interface is it its line live locate located look made me member method module my name named of on or please property repo ' +
    'repository s show source struct symbol tell that the there this to trait type use used variable was what where which who with would you'
  ).split(' '),
);

const wordsOf = (question: string): readonly string[] => question.match(NAME) ?? [];

/** The symbol that a question asks for, and whose it is where the question says so. */
export interface SoughtSymbol {
  readonly name: string;
  readonly owner?: string;
}

const toSymbol = (word: string): SoughtSymbol => {
  const parts = word.replace(/^[#@]/, '').split(/\.|::|#|->/);
  const name = parts.at(-1) ?? word;
  const owner = parts.at(-2);
  return owner === undefined ? { name } : { name, owner };
};

/**
 * The symbol of a question: what stands in quotes, else a name that only a program would have, else the last word that
 * people would not say anyway. `undefined` where there is none.
 *
 * @example symbolOf('where is AgentRun.cancel defined?') // { name: 'cancel', owner: 'AgentRun' }
 */
export function symbolOf(question: string): SoughtSymbol | undefined {
  const [, quoted] = /[`"“'‘]([^`"”'’\s]+)[`"”'’]/u.exec(question) ?? [];
  const words = wordsOf(question);
  const word =
    wordsOf(quoted ?? '').at(0) ??
    words.find(isUnmistakable) ??
    words.findLast((candidate) => !ORDINARY.has(candidate.toLowerCase())) ??
    // `where is type defined?`, or `find` alone
    (words.length === 1 ? words[0] : /\bis\s+(\S+?)\s+(?:defined|declared|implemented)/iu.exec(question)?.[1]);
  return word === undefined ? undefined : toSymbol(word);
}
