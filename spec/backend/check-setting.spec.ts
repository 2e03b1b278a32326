import { expect } from 'chai';
import { checkBackends, checkCount, checkTime } from '../../lib/backend/check-setting.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import type { LLMBackend } from '../../lib/backend/backend.js';

describe('the settings of a backend', () => {
  it('take times that a timer can hold', () => {
    for (const time of [0, 0.5, 2 ** 31 - 1]) expect(() => checkTime('delay', time)).not.to.throw();
    for (const time of [-1, Number.NaN, 2 ** 31, Infinity])
      expect(() => checkTime('delay', time)).to.throw(ContractError, `delay has to be milliseconds`);
  });

  it('take whole numbers of things', () => {
    for (const count of [1, 7]) expect(() => checkCount('attempts', count)).not.to.throw();
    for (const count of [0, 1.5, Number.NaN, Infinity]) expect(() => checkCount('attempts', count)).to.throw(ContractError, /from 1/);
    expect(() => checkCount('attempts', 1, 2)).to.throw(ContractError, 'attempts has to be a whole number from 2, not 1.');
  });

  it('take backends that can be asked', () => {
    expect(() => checkBackends([scriptedBackend([])])).not.to.throw();
    for (const backends of [[], undefined, 'x', [null], [{}]])
      expect(() => checkBackends(backends as unknown as readonly LLMBackend[])).to.throw(ContractError, /^backends/);
  });
});
