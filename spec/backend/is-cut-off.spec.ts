import { expect } from 'chai';
import { isCutOff } from '../../lib/backend/is-cut-off.js';

describe('isCutOff', () => {
  for (const reason of ['length', 'content_filter', 'Length', 'salvaged'])
    it(`is true of ${reason}`, () => {
      expect(isCutOff(reason)).to.equal(true);
    });

  for (const reason of ['stop', 'tool_calls', '', 'lengthy', undefined])
    it(`is false of ${String(reason)}`, () => {
      expect(isCutOff(reason)).to.equal(false);
    });
});
