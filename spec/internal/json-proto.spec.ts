import { expect } from 'chai';
import * as fc from 'fast-check';
import { dropProto, parseForeignJson } from '../../lib/internal/json-proto.js';

const parse = (text: string): unknown => JSON.parse(text);

describe('dropProto', () => {
  it('drops the key at any depth, and changes nothing else', () => {
    const value = parse('{"a":[{"__proto__":{"x":1},"b":2}],"__proto__":3,"c":null}');
    expect(JSON.stringify(dropProto(value))).to.equal('{"a":[{"b":2}],"c":null}');
    expect(JSON.stringify(value)).to.include('__proto__');
  });

  it('returns a value without the key as it is', () => {
    for (const value of [{ a: [1, { b: 'x' }] }, [], 'x', 5, null]) expect(dropProto(value)).to.equal(value);
  });
});

describe('parseForeignJson', () => {
  it('drops the key however it is written', () => {
    for (const key of ['__proto__', String.raw`\u005f_proto__`, String.raw`__pr\u006Fto__`]) {
      expect(JSON.stringify(parseForeignJson(`{"${key}":{"x":1},"a":[{"${key}":1}]}`))).to.equal('{"a":[{}]}');
    }
  });

  it('gives what JSON.parse gives where there is no such key, and throws where it throws', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(parseForeignJson(text)).to.deep.equal(parse(text));
      }),
    );
    expect(() => parseForeignJson('{')).to.throw(SyntaxError);
  });
});
