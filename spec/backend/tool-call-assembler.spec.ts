import { expect } from 'chai';
import * as fc from 'fast-check';
import { assembleToolCalls } from '../../lib/backend/tool-call-assembler.js';
import type { ToolCall } from '../../lib/domain/chat-message.js';
import { ToolCallError } from '../../lib/errors/tool-call-error.js';

const assemble = (...pieces: readonly unknown[]): readonly ToolCall[] => {
  const assembler = assembleToolCalls();
  for (const piece of pieces) assembler.push(piece);
  return assembler.finish();
};

const piece = (fields: object, name?: string, text?: unknown): unknown => ({ ...fields, function: { name, arguments: text } });

const look: ToolCall = { id: 'a', name: 'look', params: { at: 'door' } };
const open: ToolCall = { id: 'b', name: 'open', params: { it: 'box' } };
const TWO = [look, open];

describe('assembleToolCalls', () => {
  it('puts calls together by their index', () => {
    const calls = assemble(
      piece({ index: 0, id: 'a' }, 'look', '{"at"'),
      piece({ index: 1, id: 'b' }, 'open', '{"it":'),
      piece({ index: 0 }, undefined, ':"door"}'),
      piece({ index: 1 }, undefined, '"box"}'),
    );
    expect(calls).to.deep.equal(TWO);
  });

  it('puts calls together by their id where the index is 0 for all', () => {
    const calls = assemble(
      piece({ index: 0, id: 'a' }, 'look', '{"at"'),
      piece({ index: 0, id: 'a' }, '', ':"door"}'),
      piece({ index: 0, id: 'b' }, 'open', '{"it":'),
      piece({ index: 0, id: '' }, '', '"box"}'),
    );
    expect(calls).to.deep.equal(TWO);
  });

  it('puts calls together without an index', () => {
    const calls = assemble(
      piece({ id: 'a' }, 'look', '{"at"'),
      piece({}, undefined, ':"door"}'),
      piece({ id: 'b' }, 'open', '{"it":'),
      piece({}, undefined, '"box"}'),
    );
    expect(calls).to.deep.equal(TWO);
  });

  it('takes id and name that are repeated with every piece', () => {
    const calls = assemble(
      piece({ index: 0, id: 'a' }, 'look', '{"at"'),
      piece({ index: 0, id: 'a' }, 'look', ':"door"}'),
      piece({ index: 1, id: 'b' }, 'open', '{"it":'),
      piece({ index: 1, id: 'b' }, 'open', '"box"}'),
    );
    expect(calls).to.deep.equal(TWO);
  });

  it('takes a name that is repeated where there are no ids', () => {
    const calls = assemble(piece({ index: 0 }, 'look', '{"at"'), piece({ index: 0 }, 'look', ':"door"}'));
    expect(calls).to.deep.equal([{ ...look, id: 'call_1' }]);
  });

  it('tells whole calls apart where the index is 0 for all and no id is given', () => {
    const calls = assemble(
      piece({ index: 0, id: '' }, 'look', '{"at":"door"}'),
      piece({ index: 0, id: '' }, 'look', '{"at":"wall"}'),
      piece({ index: 0, id: '' }, 'open', '{}'),
    );
    expect(calls).to.deep.equal([
      { id: 'call_1', name: 'look', params: { at: 'door' } },
      { id: 'call_2', name: 'look', params: { at: 'wall' } },
      { id: 'call_3', name: 'open', params: {} },
    ]);
  });

  it('tells calls apart that begin with a name alone', () => {
    const calls = assemble(
      piece({ index: 0 }, 'read', ''),
      piece({ index: 0 }, undefined, '{"a":1}'),
      piece({ index: 0 }, 'read', ''),
      piece({ index: 0 }, undefined, '{"a":2}'),
    );
    expect(calls.map(({ params }) => params)).to.deep.equal([{ a: 1 }, { a: 2 }]);
  });

  it('takes a name that is repeated once more at the end for no other call', () => {
    const calls = assemble(piece({ index: 0 }, 'look', '{"at"'), piece({ index: 0 }, 'look', ':"door"}'), piece({ index: 0 }, 'look', ''));
    expect(calls).to.deep.equal([{ ...look, id: 'call_1' }]);
  });

  it('tells what has come of the newest call', () => {
    const assembler = assembleToolCalls();
    expect(assembler.received).to.equal('');
    assembler.push(piece({ id: 'a' }, 'look', '{}'));
    assembler.push(piece({ id: 'b' }, 'open', '{"it'));
    expect(assembler.received).to.equal('{"it');
  });

  it('puts 50,000 calls together', () => {
    const assembler = assembleToolCalls();
    const COUNT = 50_000;
    for (let index = 0; index < COUNT; index += 1) assembler.push(piece({ index, id: `id${index}` }, 'look', '{"at"'));
    for (let index = 0; index < COUNT; index += 1)
      assembler.push(piece(index % 2 === 0 ? { index } : { id: `id${index}` }, undefined, `:${index}}`));
    expect(assembler.finish().map(({ params }) => params['at'])).to.deep.equal(Array.from({ length: COUNT }, (_, index) => index));
  });

  it('tells calls apart that share an id', () => {
    const calls = assemble(piece({ index: 0, id: 'a' }, 'look', '{}'), piece({ index: 1, id: 'a' }, 'open', '{}'));
    expect(calls.map(({ id, name }) => ({ id, name }))).to.deep.equal([
      { id: 'a', name: 'look' },
      { id: 'call_2', name: 'open' },
    ]);
  });

  it('takes arguments as an object', () => {
    expect(assemble(piece({ id: 'a' }, 'look', { at: 'door' }), piece({ id: 'b' }, 'open', { it: 'box' }))).to.deep.equal(TWO);
    expect(assemble(piece({}, 'look', { at: 1 }), piece({}, 'look', { at: 2 })).map(({ params }) => params)).to.deep.equal([
      { at: 1 },
      { at: 2 },
    ]);
  });

  it('takes empty arguments, none and null for no parameters', () => {
    for (const nothing of ['', '  ', 'null', null, undefined]) {
      expect(assemble(piece({ id: 'a' }, 'look', nothing))).to.deep.equal([{ id: 'a', name: 'look', params: {} }]);
    }
  });

  it('takes arguments that are sent twice once', () => {
    const whole = '{"at":"door"}';
    expect(assemble(piece({ id: 'a' }, 'look', whole), piece({ id: 'a' }, 'look', whole))).to.deep.equal([look]);
    expect(
      assemble(piece({ index: 0, id: 'a' }, 'look', '{"at"'), piece({ index: 0 }, '', ':"door"}'), piece({ index: 0 }, '', whole)),
    ).to.deep.equal([look]);
    expect(assemble(piece({}, 'look', { at: 'door' }), piece({}, 'look', { at: 'door' }))).to.deep.equal([{ ...look, id: 'call_1' }]);
  });

  it('takes arguments that are JSON within JSON', () => {
    expect(assemble(piece({ id: 'a' }, 'look', JSON.stringify('{"at":"door"}')))).to.deep.equal([look]);
  });

  it('ignores entries that say nothing', () => {
    expect(assemble({}, null, 'x', { index: 0 }, piece({ index: 0 }, '', ''), piece({ id: 'a' }, 'look', '{"at":"door"}'))).to.deep.equal([
      look,
    ]);
  });

  it('refuses arguments that are no JSON object, and tells them', () => {
    for (const text of ['{"at":"do', '[1]', '3', '"x"', '{"at":1}}', '{"at":1e999}']) {
      const failure = expect(() => assemble(piece({ id: 'a' }, 'look', text))).to.throw(ToolCallError, /look/);
      failure.with.property('received', text);
    }
  });

  it('refuses a call without a name', () => {
    expect(() => assemble(piece({ id: 'a' }, '', '{}'))).to.throw(ToolCallError, /without a name/);
  });

  it('gives any calls back, wherever their arguments are cut', () => {
    const key = fc.string().filter((name) => name !== '__proto__');
    const params = fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.boolean()), { noNullPrototype: true });
    const call = fc.record({ name: fc.constantFrom('look', 'open'), params, size: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 4 }), fc.constantFrom('index', 'id', 'both'), (calls, by) => {
        const pieces = calls.flatMap(({ name, params, size }, position) => {
          const text = JSON.stringify(params);
          const parts = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
          return parts.map((part, at) => {
            const isHead = at === 0 || by === 'id';
            const index = by === 'id' ? {} : { index: position };
            return piece({ ...index, ...(isHead && { id: `id${position}` }) }, isHead ? name : undefined, part);
          });
        });
        expect(assemble(...pieces)).to.deep.equal(calls.map(({ name, params }, position) => ({ id: `id${position}`, name, params })));
      }),
    );
  });

  it('puts 200 KB of arguments together from pieces of four characters', () => {
    const assembler = assembleToolCalls();
    const params = { text: 'x'.repeat(200_000) };
    const text = JSON.stringify(params);
    for (let at = 0; at < text.length; at += 4) assembler.push(piece({ index: 0 }, 'write', text.slice(at, at + 4)));
    expect(assembler.finish()[0]?.params).to.deep.equal(params);
  });

  it('tells of each piece that says something', () => {
    let told = 0;
    const assembler = assembleToolCalls([], () => {
      told += 1;
    });
    for (const each of [piece({ index: 0, id: 'a' }, 'look', ''), piece({ index: 0 }, '', '{}'), piece({ index: 0 }, '', ''), 'x', {}]) {
      assembler.push(each);
    }
    expect(told).to.equal(2);
  });

  it('leaves out keys that would set a prototype', () => {
    const [call] = assemble(piece({ id: 'a' }, 'look', '{"at":"door","__proto__":{"isAdmin":true},"of":{"__proto__":1}}'));
    expect(call?.params).to.deep.equal({ at: 'door', of: {} });
    expect(Object.keys(call?.params ?? {})).to.deep.equal(['at', 'of']);
  });

  it('refuses arguments that are nested too deep, also as JSON within JSON', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    for (const text of [deep, JSON.stringify(deep)]) {
      expect(() => assemble(piece({ id: 'a' }, 'look', text))).to.throw(ToolCallError);
    }
  });

  it('takes no longer for many ids that are taken', () => {
    const count = 20_000;
    const pieces = Array.from({ length: count }, (_, at) =>
      // The second half has no ids, and all that they might get first are taken.
      piece(at < count / 2 ? { index: at, id: `call_${at + count / 2 + 1}` } : { index: at }, 'look', '{}'),
    );
    const began = performance.now();
    const calls = assemble(...pieces);
    expect(new Set(calls.map(({ id }) => id)).size).to.equal(count);
    expect(performance.now() - began).to.be.below(2000);
  });
});
