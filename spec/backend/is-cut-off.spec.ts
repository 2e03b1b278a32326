import { expect } from 'chai';
import { isCutOff } from '../../lib/backend/is-cut-off.js';

describe('isCutOff', () => {
  for (const reason of ['length', 'content_filter', 'CONTENT_FILTER', 'salvaged']) {
    it(`holds for ${reason}`, () => {
      expect(isCutOff(reason)).to.equal(true);
    });
  }
  for (const reason of ['stop', 'tool_calls', 'lengthy', '', undefined]) {
    it(`does not hold for ${JSON.stringify(reason) ?? 'nothing'}`, () => {
      expect(isCutOff(reason)).to.equal(false);
    });
  }
});
