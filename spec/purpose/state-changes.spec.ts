import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Json, JsonRecord } from '../../lib/domain/json.js';
import { stateChanges } from '../../lib/purpose/state-changes.js';

const between = (before: JsonRecord, after: JsonRecord) => stateChanges({ data: before }, { data: after }).changes;

describe('stateChanges', () => {
  it('tells what was added, changed and removed, with its path and values', () => {
    expect(between({ a: 1, gone: [1], same: { x: 1 } }, { a: 2, fresh: null, same: { x: 1 } })).to.deep.equal([
      { path: '/data/a', change: 'changed', before: 1, after: 2 },
      { path: '/data/fresh', change: 'added', after: null },
      { path: '/data/gone', change: 'removed', before: [1] },
    ]);
  });

  it('goes into objects and arrays and writes keys as JSON pointers do', () => {
    expect(between({ list: [{ 'a/b': 1 }, 2] }, { list: [{ 'a/b': 5 }, 2] })).to.deep.equal([
      { path: '/data/list/0/a~1b', change: 'changed', before: 1, after: 5 },
    ]);
  });

  it('tells a value of another kind as one change', () => {
    expect(between({ a: { b: 1 } }, { a: [1] })).to.deep.equal([{ path: '/data/a', change: 'changed', before: { b: 1 }, after: [1] }]);
  });

  it('tells what was appended to a list that dropped its oldest entries, and not that all of it moved', () => {
    const seen = Array.from({ length: 50 }, (_, index) => ({ callId: `${index}` }));
    const after = [...seen.slice(2), { callId: 'x' }, { callId: 'y' }];
    expect(between({ seen }, { seen: after })).to.deep.equal([
      { path: '/data/seen/0', change: 'removed', before: { callId: '0' } },
      { path: '/data/seen/1', change: 'removed', before: { callId: '1' } },
      { path: '/data/seen/48', change: 'added', after: { callId: 'x' } },
      { path: '/data/seen/49', change: 'added', after: { callId: 'y' } },
    ]);
  });

  it('tells a changed summary', () => {
    const { changes } = stateChanges({ data: {}, summary: 'shut' }, { data: {}, summary: 'open' });
    expect(changes).to.deep.equal([{ path: '/summary', change: 'changed', before: 'shut', after: 'open' }]);
  });

  it('cuts long values and counts the changes that it leaves out', () => {
    const after = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, '😀'.repeat(5000)]));
    const { changes, omitted } = stateChanges({ data: {} }, { data: after });
    expect(changes).to.have.length(60);
    expect(omitted).to.equal(40);
    expect(changes[0]?.after).to.equal(`${'😀'.repeat(200)}…`);
  });

  it('takes no own key for one that every object inherits', () => {
    const after: JsonRecord = JSON.parse('{"__proto__":{"a":1},"constructor":1}');
    expect(between({}, after).map(({ path }) => path)).to.deep.equal(['/data/__proto__', '/data/constructor']);
  });

  it('finds nothing between a state and its copy, and something between any two that differ', () => {
    const record = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
    fc.assert(
      fc.property(record, record, (one, other) => {
        const [before, after] = [one, other].map((value): JsonRecord => JSON.parse(JSON.stringify(value)));
        const differs = canonical(before ?? {}) !== canonical(after ?? {});
        expect(between(before ?? {}, structuredClone(before ?? {}))).to.deep.equal([]);
        expect(between(before ?? {}, after ?? {}).length > 0).to.equal(differs);
      }),
    );
  });
});

/** JSON with the keys of its objects in order. */
const canonical = (value: Json): string =>
  JSON.stringify(value, (_key, item: Json) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1))
      : item,
  );
