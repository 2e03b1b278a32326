import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import * as t from 'io-ts';
import type { JsonRecord } from '../../lib/domain/json.js';
import { isToolProgress, tool, toolProgress, type AnyTool, type Tool } from '../../lib/environment/tool.js';

describe('tool', () => {
  it('takes the parameter type from its codec', () => {
    const add = tool({
      name: 'add',
      params: t.strict({ a: t.number, b: t.number }),
      run: (params) => {
        expectTypeOf(params).toEqualTypeOf<{ a: number; b: number }>();
        return params.a + params.b;
      },
    });
    expectTypeOf(add).toEqualTypeOf<Tool<{ a: number; b: number }>>();
    expect(add.name).to.equal('add');
  });

  it('gives the raw record to a tool without a codec', () => {
    const raw = tool({
      name: 'raw',
      run: (params, { signal }) => {
        expectTypeOf(params).toEqualTypeOf<JsonRecord>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      },
    });
    expectTypeOf(raw).toEqualTypeOf<Tool>();
  });

  it('fits a list with tools of other parameters', () => {
    const one = tool({ name: 'one', params: t.strict({ a: t.number }), run: ({ a }) => a });
    const other = tool({ name: 'other', params: t.strict({ b: t.string }), run: ({ b }) => b });
    const list: readonly AnyTool[] = [one, other, { name: 'third', run: () => 3 }];
    expect(list.map(({ name }) => name)).to.deep.equal(['one', 'other', 'third']);
  });
});

describe('toolProgress', () => {
  it('is told from every other value', () => {
    expect(isToolProgress(toolProgress({ done: 1 }))).to.equal(true);
    for (const value of [undefined, null, 1, 'a', [], {}, { value: 1 }]) expect(isToolProgress(value)).to.equal(false);
  });

  it('keeps its value', () => {
    expect(toolProgress({ done: 1 }).value).to.deep.equal({ done: 1 });
  });
});
