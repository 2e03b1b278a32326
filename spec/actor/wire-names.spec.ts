import { expect } from 'chai';
import * as fc from 'fast-check';
import { createWireNames } from '../../lib/actor/wire-names.js';

describe('createWireNames', () => {
  it('leaves names that servers take as they are, whatever stands beside them', () => {
    const { toWire, fromWire } = createWireNames(['fs.read', 'fs_read', 'fs/read']);
    expect(['fs_read', 'fs.read', 'fs/read'].map(toWire)).to.deep.equal(['fs_read', 'fs_read_2', 'fs_read_3']);
    expect(['fs_read', 'fs_read_2', 'fs_read_3'].map(fromWire)).to.deep.equal(['fs_read', 'fs.read', 'fs/read']);
  });

  it('gives no tool the name parallel, which is no tool', () => {
    const name = `parallel${'!'.repeat(3)}`;
    expect(createWireNames([name]).toWire(name)).to.equal('parallel___');
  });

  it('makes a sound name of one that is none of the tools, and leaves a foreign wire name alone', () => {
    const { toWire, fromWire } = createWireNames([]);
    expect(toWire('no such tool!')).to.equal('no_such_tool_');
    expect(toWire('')).to.equal('_');
    expect(fromWire('look')).to.equal('look');
  });

  it('is reversible and legal for any tools', () => {
    const name = fc.oneof(fc.string({ minLength: 1, unit: fc.constantFrom('a', '.', '_', ' ', 'é', '😀') }), fc.constant('.'.repeat(80)));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), (names) => {
        const { toWire, fromWire } = createWireNames(names);
        for (const one of names) {
          expect(toWire(one)).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
          expect(fromWire(toWire(one))).to.equal(one);
        }
      }),
    );
  });
});
