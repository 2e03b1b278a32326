import { expect } from 'chai';
import * as fc from 'fast-check';
import { hideSecrets } from '../../lib/errors/hide-secrets.js';

const SECRET = 'odd/T0K3N&C0R3 "q"<z>\\~=ü👋-é';

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const writings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in JSON': inJson,
  'in JSON within JSON': (text) => inJson(inJson(text)),
  'in JSON whose slashes are escaped': (text) => inJson(text).replaceAll('/', String.raw`\/`),
  'in JSON of ASCII alone': (text) =>
    inJson(text).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'in JSON that is inert': (text) => inJson(text).replaceAll('<', String.raw`\u003C`),
  'in an address': encodeURIComponent,
  'in an address, in small letters': (text) => encodeURIComponent(text).replaceAll(/%../g, (escape) => escape.toLowerCase()),
  'in a form': (text) => new URLSearchParams({ a: text }).toString().slice(2),
  'in a page': (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'in a page, by numbers': (text) => text.replaceAll(/[&<>"/]/g, (character) => `&#${character.charCodeAt(0)};`),
  'in a page, by hexadecimal numbers': (text) => text.replaceAll(/[&<>"/]/g, (character) => `&#x${character.charCodeAt(0).toString(16)};`),
};

describe('hideSecrets', () => {
  for (const [where, write] of Object.entries(writings)) {
    it(`hides a secret ${where}`, () => {
      expect(hideSecrets(`a ${write(SECRET)} b ${write(SECRET)} c`, [SECRET])).to.equal('a [redacted] b [redacted] c');
    });

    it(`hides any secret ${where}`, () => {
      fc.assert(
        fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), (secret) => {
          fc.pre(!/\p{Surrogate}/u.test(secret));
          expect(hideSecrets(`a${write(secret)}b`, [secret])).to.equal('a[redacted]b');
        }),
      );
    });
  }

  it('hides the longest first', () => {
    expect(hideSecrets('a hunter2 and hunter22 b', ['hunter2', 'hunter22'])).to.equal('a [redacted] and [redacted] b');
  });

  it('leaves the texts alone that a secret is too short for', () => {
    expect(hideSecrets('a cat', ['', 'a', 'cat'])).to.equal('a cat');
  });

  it('hides the beginning of a secret that a text breaks off in', () => {
    const secret = 'abcd/efgh"ijkl';
    for (let length = 8; length < secret.length; length += 1) {
      for (const close of ['', '"', '"}', '\\"]}', '…', '.\n']) {
        for (const write of [(text: string) => text, inJson])
          expect(hideSecrets(`not ${write(secret.slice(0, length))}${close}`, [secret])).to.match(/^not \[redacted\][^a-z]*$/);
      }
    }
    expect(hideSecrets('not abcd/ef', [secret])).to.equal('not abcd/ef');
    expect(hideSecrets('abcd/efgh is no end', [secret])).to.equal('abcd/efgh is no end');
  });

  it('takes no longer for texts and secrets that nearly match', () => {
    const long = 200_000;
    for (const unit of ['\\', ' ', '"', 'a', '%5c', '&#', '\\u00', '}']) {
      const text = unit.repeat(long / unit.length);
      for (const secret of ['\\'.repeat(100), `${'a'.repeat(50)}b`, '"'.repeat(60), `${' '.repeat(60)}x`, '&'.repeat(50)])
        expect(hideSecrets(`${text}x`, [secret])).to.be.a('string');
    }
  }).timeout(5000);
});
