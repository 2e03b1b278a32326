import { expect } from 'chai';
import type { Trajectory } from '../../lib/domain/trajectory.js';
import { ContractError } from '../../lib/errors/contract-error.js';
import { inMemoryExperience, type InMemoryExperienceConfig } from '../../lib/experience/in-memory-experience.js';

const trajectory = (purpose: string, finalPhi = 5): Trajectory => ({ purpose, steps: [], cumulativeReward: 0, successRate: 0, finalPhi });

/** What an experience of some trajectories, recorded in their order, recalls for a purpose. */
const recalled = (kept: readonly Trajectory[], purpose: string, config?: InMemoryExperienceConfig): unknown => {
  const experience = inMemoryExperience(config);
  for (const each of kept) experience.record(each);
  return experience.recall({ purpose, state: { data: {} }, step: 1 });
};

describe('inMemoryExperience', () => {
  it('recalls first what shares most words with the purpose', () => {
    const one = trajectory('find the parser', 9);
    const two = trajectory('find the lexer of the parser', 1);
    expect(recalled([one, two], 'find the lexer')).to.deep.equal([two, one]);
  });

  it('counts a word once, however often it stands there', () => {
    const repeated = trajectory('find find find', 1);
    const once = trajectory('find it', 2);
    expect(recalled([repeated, once], 'find find')).to.deep.equal([once, repeated]);
  });

  it('recalls then by finalPhi, and then the newest', () => {
    const low = trajectory('find a', 2);
    const high = trajectory('find b', 8);
    const older = trajectory('find c', 5);
    const newer = trajectory('find d', 5);
    expect(recalled([older, low, high, newer], 'find', { limit: 4 })).to.deep.equal([high, newer, older, low]);
  });

  it('does not recall what shares no word', () => {
    expect(recalled([trajectory('open the door')], 'find a parser')).to.deep.equal([]);
    expect(recalled([trajectory('findings')], 'find')).to.deep.equal([]);
    expect(recalled([trajectory('…')], '…')).to.deep.equal([]);
    expect(recalled([], 'find')).to.deep.equal([]);
  });

  for (const [what, kept, purpose] of [
    ['case', 'FIND', 'find'],
    ['punctuation', '“find”, then…', 'find!'],
    ['the case of other scripts', 'НАЙТИ файл', 'найти'],
    ['how accents are written', 'caf\u00e9', 'cafe\u0301'],
    ['numbers among letters', 'step 42', '42?'],
  ] as const) {
    it(`knows a word whatever its ${what}`, () => {
      expect(recalled([trajectory(kept)], purpose)).to.have.length(1);
    });
  }

  it('keeps the words of scripts with vowel signs whole', () => {
    expect(recalled([trajectory('हिन्दी')], 'हिम')).to.deep.equal([]);
    expect(recalled([trajectory('हिन्दी')], 'हिन्दी')).to.have.length(1);
  });

  it('recalls three unless it is told otherwise', () => {
    const kept = Array.from({ length: 5 }, (_, index) => trajectory(`find ${index}`));
    expect(recalled(kept, 'find')).to.deep.equal([kept[4], kept[3], kept[2]]);
    expect(recalled(kept, 'find', { limit: 1 })).to.deep.equal([kept[4]]);
  });

  it('drops the oldest beyond its capacity, 1000 unless it is told otherwise', () => {
    const [one, two, three] = [trajectory('find 1'), trajectory('find 2'), trajectory('find 3')] as const;
    expect(recalled([one, two, three], 'find', { capacity: 2 })).to.deep.equal([three, two]);

    const many = Array.from({ length: 1001 }, (_, index) => trajectory(`find n${index}`));
    expect(recalled(many, 'n0')).to.deep.equal([]);
    expect(recalled(many, 'n1')).to.deep.equal([many[1]]);
  });

  it('gives lists that do not change with what is recorded afterwards', () => {
    const experience = inMemoryExperience();
    experience.record(trajectory('find 1'));
    const before = experience.recall({ purpose: 'find', state: { data: {} }, step: 1 });
    experience.record(trajectory('find 2'));
    expect(before).to.have.length(1);
  });

  it('holds nothing that another experience knows of', () => {
    inMemoryExperience().record(trajectory('find'));
    expect(recalled([], 'find')).to.deep.equal([]);
  });

  for (const [config, message] of [
    [{ capacity: 0 }, 'capacity is to be a whole number from 1, and is 0.'],
    [{ capacity: 1.5 }, 'capacity'],
    [{ capacity: Infinity }, 'is Infinity'],
    [{ limit: 0 }, 'limit is to be a whole number from 1, and is 0.'],
    [{ limit: -1 }, 'limit'],
    [{ limit: Number.NaN }, 'is NaN'],
  ] as const) {
    it(`refuses ${Object.keys(config).join()} ${Object.values(config).join()}`, () => {
      expect(() => inMemoryExperience(config)).to.throw(ContractError, message);
    });
  }
});
