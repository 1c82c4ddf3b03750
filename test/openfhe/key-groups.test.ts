import { describe, expect, it } from 'vitest';
import { groupKeys } from '../../src/engine/openfhe/key-groups.js';
import { requirements } from '../support/key-set.js';

const automorphismOf = (rotation: number): number => 1000 + rotation;

describe('grouping keys into files', () => {
  it('puts every key into one file, together with keys that the same stages read', () => {
    const stages = [
      { name: 'a', keys: requirements({ rotations: [1, 2, 3] }) },
      { name: 'b', keys: requirements({ rotations: [2, 3, 4] }) },
    ];
    const groups = groupKeys({ stages }, { automorphismOf, bootstrapAutomorphisms: () => [], keyBytes: 1 });
    expect(groups.map(({ rotations, stages: of }) => [of, rotations])).toEqual([
      [['a'], [1]],
      [
        ['a', 'b'],
        [2, 3],
      ],
      [['b'], [4]],
    ]);
    expect(new Set(groups.map(({ file }) => file)).size).toBe(groups.length);
    expect(groups.flatMap(({ automorphisms }) => automorphisms)).toEqual([1001, 1002, 1003, 1004]);
  });

  it('makes a rotation that bootstrapping needs too once, as a rotation of both stages', () => {
    const stages = [
      { name: 'boot', keys: requirements({ bootstrap: true }) },
      { name: 'turn', keys: requirements({ rotations: [7] }) },
    ];
    const bootstrapAutomorphisms = () => [1007, 1009].map((automorphism) => ({ automorphism, level: 20 }));
    const groups = groupKeys({ stages }, { automorphismOf, bootstrapAutomorphisms, keyBytes: 1 });
    expect(groups.map(({ kind, automorphisms, stages: of }) => [kind, automorphisms, of])).toEqual([
      ['rotation', [1007], ['boot', 'turn']],
      ['bootstrap', [1009], ['boot']],
    ]);
  });

  it('splits a group so that no file holds more than about 1.5 GB', () => {
    const stages = [{ name: 'a', keys: requirements({ rotations: [1, 2, 3, 4, 5] }) }];
    const groups = groupKeys({ stages }, { automorphismOf, bootstrapAutomorphisms: () => [], keyBytes: 0.7e9 });
    expect(groups.map(({ rotations }) => rotations)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('makes keys for the highest level among their stages, and apart from keys of other levels', () => {
    const stages = [
      { name: 'high', keys: requirements({ rotations: [1, 2], level: 9, bootstrap: true }) },
      { name: 'low', keys: requirements({ rotations: [2, 3], level: 4 }) },
    ];
    const bootstrapAutomorphisms = () => [{ automorphism: 1002, level: 20 }];
    const groups = groupKeys({ stages }, { automorphismOf, bootstrapAutomorphisms, keyBytes: 1 });
    expect(groups.map(({ rotations, level }) => [rotations, level])).toEqual([
      [[1], 9],
      [[2], 20],
      [[3], 4],
    ]);
  });
});
