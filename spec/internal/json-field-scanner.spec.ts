import { JSONParser } from '@streamparser/json';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { createJsonFieldScanner, type JsonFieldScanner, type ScanEvent } from '../../lib/internal/json-field-scanner.js';

const lone = /\p{Surrogate}/gu;
const wellFormed = (text: string): string => text.replace(lone, '\ufffd');

/** The text cut at some of its positions. */
const cut = (text: string, positions: readonly number[]): readonly string[] => {
  const stops = [...new Set(positions.map((position) => position % (text.length + 1)))].sort((one, other) => one - other);
  return [0, ...stops].map((start, index) => text.slice(start, stops[index] ?? text.length));
};

const scan = (pieces: readonly string[], scanner: JsonFieldScanner = createJsonFieldScanner()): readonly ScanEvent[] =>
  pieces.flatMap((piece) => [...scanner.push(piece)]);

/** What the events of one object say of its fields, joined. */
const joined = (events: readonly ScanEvent[]): Record<string, string> => {
  const fields = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'duplicate') fields.delete(event.field);
    if (event.type === 'delta') fields.set(event.field, (fields.get(event.field) ?? '') + event.text);
  }
  return Object.fromEntries(fields);
};

/** The events with neighbouring deltas of a field joined, so that only what was found counts, not how it was cut. */
const found = (events: readonly ScanEvent[]): readonly ScanEvent[] => {
  const seen: ScanEvent[] = [];
  for (const event of events) {
    const last = seen.at(-1);
    if (event.type === 'delta' && last?.type === 'delta' && last.field === event.field) {
      seen[seen.length - 1] = { ...event, text: last.text + event.text };
    } else seen.push(event);
  }
  return seen;
};

const textFields = (value: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (typeof item === 'string' && item !== '' ? [[key, wellFormed(item)]] : [])),
  );

const string = fc.string({
  unit: fc.constantFrom('a', ' ', '"', '\\', '/', '\n', '\t', '{', '}', 'é', '😀', '\ud83d', '\ude00', '\u2028'),
});
const key = fc.oneof(fc.constantFrom('thought', 'name', '', '__proto__', 'ключ'), string);
const root = fc.dictionary(key, fc.oneof({ weight: 3, arbitrary: string }, { weight: 1, arbitrary: fc.jsonValue() }), { maxKeys: 6 });
const positions = fc.array(fc.nat(), { maxLength: 30 });
const spacing = fc.constantFrom<number | string | undefined>(undefined, 1, '\t');
/** Any unit may stand as an escape, each half of a pair as its own. */
const escapeSome = (json: string): string =>
  Array.from({ length: json.length }, (_, index) => json.charCodeAt(index))
    .map((code) => (code > 127 ? `\\u${code.toString(16).padStart(4, '0')}` : String.fromCharCode(code)))
    .join('');
const jsonText = fc
  .tuple(root, spacing, fc.boolean())
  .map(([value, space, isEscaped]) => (isEscaped ? escapeSome : String)(JSON.stringify(value, null, space)));

describe('createJsonFieldScanner', () => {
  it('gives the text fields of the root and the exact text of the root, whatever stands around it', () => {
    const text = '{"thought":"Say \\"hi\\"","n":-1.5e3,"deep":{"name":"not me"},"name":"look"}';
    expect(found(scan([`Sure: \`\`\`json\n${text}\n\`\`\``]))).to.deep.equal([
      { type: 'delta', field: 'thought', text: 'Say "hi"' },
      { type: 'delta', field: 'name', text: 'look' },
      { type: 'root', text },
    ]);
  });

  it('equals JSON.parse for every object, however it is written and cut', () => {
    fc.assert(
      fc.property(jsonText, positions, (text, stops) => {
        const events = scan(cut(text, stops));
        expect(events.at(-1)).to.deep.equal({ type: 'root', text });
        expect(joined(events)).to.deep.equal(textFields(JSON.parse(text) as object));
        expect(events.some(({ type }) => type === 'failure')).to.equal(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('never ends a delta in half a surrogate pair', () => {
    fc.assert(
      fc.property(jsonText, positions, (text, stops) => {
        for (const event of scan(cut(text, stops))) {
          if (event.type === 'delta') expect(event.text).to.equal(wellFormed(event.text)).and.not.equal('');
        }
      }),
    );
  });

  it('gives at most one delta a field and piece', () => {
    expect(scan(['{"a":"x\\n\\u00e9y😀\\ud83d\\ude00z"}']).filter(({ type }) => type === 'delta')).to.have.length(1);
  });

  it('finds the same in every text, sound or not, at every cut', () => {
    const scraps = fc.constantFrom(
      '{',
      '}',
      '"',
      ':',
      ',',
      '[',
      ']',
      '\\',
      'u00',
      'e9',
      '"a"',
      '{"a":',
      'true',
      '-1',
      'x',
      ' ',
      '😀',
      '{"b":"c"}',
    );
    const scrappy = fc.array(scraps, { maxLength: 25 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(scrappy, fc.string({ unit: 'binary' }), jsonText), positions, (text, stops) => {
        const whole = found(scan([text]));
        const one = createJsonFieldScanner();
        const pieces = createJsonFieldScanner();
        expect(found(scan(cut(text, stops), pieces)).filter(({ type }) => type !== 'delta')).to.deep.equal(
          whole.filter(({ type }) => type !== 'delta'),
        );
        scan([text], one);
        expect(pieces.isOpen()).to.equal(one.isOpen());
      }),
      { numRuns: 1000 },
    );
  });

  it('says at every push what @streamparser/json holds of the field then', () => {
    const plain = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), plain), fc.boolean(), positions, (value, isEscaped, stops) => {
        const text = (isEscaped ? escapeSome : String)(JSON.stringify(value));
        const held: Record<string, string> = {};
        const parser = new JSONParser({ emitPartialTokens: true, emitPartialValues: true, keepStack: true });
        parser.onValue = ({ key: at, value: partial, stack }) => {
          if (stack.length === 1 && typeof at === 'string' && typeof partial === 'string' && partial !== '') held[at] = partial;
        };
        const scanner = createJsonFieldScanner();
        const said: Record<string, string> = {};
        let read = '';
        // The parser goes by bytes, so it cannot take half a pair.
        const isWhole = (stop: number): boolean => !/[\ud800-\udbff]$/.test(text.slice(0, stop % (text.length + 1)));
        for (const piece of cut(text, stops.filter(isWhole))) {
          read += piece;
          parser.write(piece);
          for (const event of scanner.push(piece)) {
            if (event.type === 'delta') said[event.field] = (said[event.field] ?? '') + event.text;
          }
          // Inside an escape or a pair the parser says nothing new, or half of it; before and after it they agree.
          const isInside = /(?:\\u?[\da-f]{0,4})$/.test(read);
          if (!isInside) expect(said).to.deep.equal(held);
        }
        expect(said).to.deep.equal(textFields(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('goes on after a false start from the character that did not fit', () => {
    const events = scan(['Fill {this} or { {"a":"b"} in']);
    expect(events).to.deep.equal([
      { type: 'failure', reason: 'expected a key in quotes, got "t"', hasKey: false },
      { type: 'failure', reason: 'expected a key in quotes, got "{"', hasKey: false },
      { type: 'delta', field: 'a', text: 'b' },
      { type: 'root', text: '{"a":"b"}' },
    ]);
  });

  for (const [text, reason] of [
    ['{"a" 1}', 'expected a colon after a key, got "1"'],
    ['{"a":"b" "c"}', 'expected a comma or the end of the object, got "\\""'],
    ['{"a":1,}', 'expected a key in quotes, got "}"'],
    ['{"a":NaN}', 'expected a value, got "N"'],
    ['{"a":01}', '01 is no JSON value'],
    ['{"a":tru }', 'tru is no JSON value'],
    ['{"a":"\\x"}', 'a text has an escape that JSON does not know'],
    ['{"a":"\\u12g4"}', 'a text has an escape that JSON does not know'],
    ['{"\\q":1}', 'a key has an escape that JSON does not know'],
    ['{"a":[}]}', 'brackets do not match'],
    [`{"a":${'['.repeat(200)}`, 'the object is nested deeper than 200 levels'],
  ] as const) {
    it(`refuses ${text.slice(0, 20)} as ${reason}`, () => {
      expect(scan([text]).find(({ type }) => type === 'failure')).to.have.property('reason', reason);
    });
  }

  it('takes 200 levels', () => {
    const text = `{"a":${'['.repeat(199)}${']'.repeat(199)}}`;
    expect(scan([text])).to.deep.equal([{ type: 'root', text }]);
  });

  it('knows nothing of a false start in the object after it', () => {
    expect(found(scan(['{"a":"x","b":[[} {"c" ', '{ {"a":"y","b":[[1]]}'])).slice(1)).to.deep.equal([
      { type: 'failure', reason: 'brackets do not match', hasKey: true },
      { type: 'failure', reason: 'expected a colon after a key, got "{"', hasKey: true },
      { type: 'failure', reason: 'expected a key in quotes, got "{"', hasKey: false },
      { type: 'delta', field: 'a', text: 'y' },
      { type: 'root', text: '{"a":"y","b":[[1]]}' },
    ]);
  });

  it('tells of a key that comes again, however it is written', () => {
    expect(scan(['{"a":"x","\\u0061":"y"}'])).to.deep.equal([
      { type: 'delta', field: 'a', text: 'x' },
      { type: 'duplicate', field: 'a' },
      { type: 'delta', field: 'a', text: 'y' },
      { type: 'root', text: '{"a":"x","\\u0061":"y"}' },
    ]);
  });

  it('lets control characters in texts through', () => {
    expect(scan(['{"a":"one\ntwo"}'])[0]).to.deep.equal({ type: 'delta', field: 'a', text: 'one\ntwo' });
  });

  it('says whether an object is open', () => {
    const scanner = createJsonFieldScanner();
    const seen = ['no', '{"a"', ':{}', '}'].map((piece) => {
      scanner.push(piece);
      return scanner.isOpen();
    });
    expect(seen).to.deep.equal([false, true, true, false]);
  });
});
