import { describe, expect, test } from 'vitest';
import type { KeyRequirements } from '../../src/circuit/circuit.js';
import { plannedKeys } from '../../src/engine/ckks/key-files.js';

const none: KeyRequirements = { rotations: [], relinearization: false, conjugation: false, bootstrap: false, level: 0 };

describe('key files of the ckks engine', () => {
  const keys = plannedKeys({
    stages: [
      { name: 'first', keys: { ...none, rotations: [-8, 16], relinearization: true, level: 9 } },
      { name: 'second', keys: { ...none, rotations: [8, 16], relinearization: true, conjugation: true, level: 4 } },
      { name: 'last', keys: { ...none, rotations: [-8], level: 2 } },
    ],
  });
  const requestOf = (path: string) => keys.find(({ file }) => file.path === `evaluation/${path}`)?.request;

  test('a rotation has one key, for the highest level of the stages that use it', () => {
    expect(requestOf('rotation-plus-16.key')).toEqual({ kind: 'rotation', rotation: 16, level: 9 });
    expect(requestOf('rotation-minus-8.key')).toEqual({ kind: 'rotation', rotation: -8, level: 9 });
    expect(requestOf('rotation-plus-8.key')).toEqual({ kind: 'rotation', rotation: 8, level: 4 });
    expect(keys.filter(({ request }) => request.kind === 'rotation')).toHaveLength(3);
  });

  test('relinearisation and conjugation keys are made where a stage needs them, the ring switch always', () => {
    expect(requestOf('relinearization.key')).toEqual({ kind: 'relinearization', rotation: 0, level: 9 });
    expect(requestOf('conjugation.key')).toEqual({ kind: 'conjugation', rotation: 0, level: 4 });
    expect(requestOf('ring-switch.key')).toEqual({ kind: 'ring-switch', rotation: 0, level: 0 });
    const bare = plannedKeys({ stages: [{ name: 'only', keys: none }] });
    expect(bare.map(({ request }) => request.kind)).toEqual(['public', 'ring-switch']);
  });

  test('the public key is made for the highest level, that of the input, and lies apart', () => {
    const [first] = keys;
    expect(first).toEqual({
      file: { path: 'public/public.key', kind: 'public' },
      request: { kind: 'public', rotation: 0, level: 9 },
    });
  });

  test('each file has a name of its own and says which stages read it', () => {
    expect(new Set(keys.map(({ file }) => file.path)).size).toBe(keys.length);
    const stagesOf = (path: string) => keys.find(({ file }) => file.path === `evaluation/${path}`)?.file.stages;
    expect(stagesOf('rotation-minus-8.key')).toEqual(['first', 'last']);
    expect(stagesOf('conjugation.key')).toEqual(['second']);
  });
});
