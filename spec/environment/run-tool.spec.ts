import { expect } from 'chai';
import * as t from 'io-ts';
import { runTool } from '../../lib/environment/run-tool.js';
import type { AnyTool } from '../../lib/environment/tool.js';
import type { JsonRecord } from '../../lib/domain/json.js';

describe('runTool', () => {
  const Safe = t.intersection([t.type({ path: t.string }), t.partial({ force: t.literal(false) })]);
  const hostile = JSON.parse('{"path":"a","__proto__":{"force":true}}') as JsonRecord;

  for (const params of [Safe, undefined]) {
    it(`hands over no key __proto__, ${params === undefined ? 'without' : 'with'} a codec`, () => {
      const seen: unknown[] = [];
      const remove: AnyTool = { name: 'remove', run: (given) => seen.push(given), ...(params === undefined ? {} : { params }) };
      runTool({ tool: remove, params: hostile, callId: '1.1', state: { data: {} }, scheduler: undefined }).subscribe();
      expect(seen).to.deep.equal([{ path: 'a' }]);
      expect(seen[0]).not.to.have.property('force');
      expect(Object.hasOwn(Object(seen[0]) as object, '__proto__')).to.equal(false);
    });
  }
});
