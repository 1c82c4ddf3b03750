import { describe, expect, test } from 'vitest';
import type {
  AutomorphismKeysHandle,
  KeyFileHandle,
  NativeEngine,
  OpenFheAddon,
} from '../../src/engine/openfhe/binding.js';
import { BootstrapTables } from '../../src/engine/openfhe/bootstrap-support.js';
import { LoadedKeys } from '../../src/engine/openfhe/loaded-keys.js';
import { requirements } from '../support/key-set.js';

const files = [
  { file: 'both', automorphisms: [1], level: 6 },
  { file: 'first', automorphisms: [2, 3], level: 6 },
  { file: 'second', automorphisms: [4, 5], level: 6 },
  { file: 'second-large', automorphisms: [6, 7, 8, 9], level: 6 },
];
const first = { name: 'first', keys: requirements({ rotations: [1, 2, 3], level: 4 }) };
const second = { name: 'second', keys: requirements({ rotations: [1, 4, 5, 6, 7, 8, 9], level: 4 }) };
const higher = { name: 'higher', keys: requirements({ rotations: [1], level: 6 }) };

/** An addon whose keys are 10 bytes each at every level and which notes what is asked of it, in order. */
class RecordingAddon {
  readonly calls: string[] = [];
  unreadable: string | undefined;

  readonly addon: Partial<OpenFheAddon> = {
    rotationAutomorphisms: (_, rotations) => Uint32Array.from(rotations),
    keyBytes: () => 10,
    readAutomorphismKeys: async (_engine, file, _keyTag, _holder, level) => {
      const name = nameOf(file);
      this.calls.push(`read ${name} to ${level}`);
      if (name === this.unreadable) {
        throw Object.assign(new Error(`/keys/${name}: damaged`), { code: 'ERR_KEY_CORRUPT' });
      }
      return { name } as unknown as AutomorphismKeysHandle;
    },
    holdAutomorphismKeys: async (keys) => {
      this.calls.push(`hold ${nameOf(keys)}`);
    },
    keepAutomorphismKeys: async (_, kept) => {
      this.calls.push(`keep ${kept.join(' ')}`);
    },
    forgetKeys: async () => undefined,
    dispose: (handle) => {
      this.calls.push(`dispose ${nameOf(handle)}`);
    },
  };

  loadedKeys(budget: number): LoadedKeys {
    const addon = this.addon as OpenFheAddon;
    const engine = { depth: 6 } as unknown as NativeEngine;
    const index = { keyTag: 'tag', relinearization: 'relinearization', automorphismFiles: files };
    const fits = (keyBytes: number): boolean => keyBytes <= budget;
    const keyFiles = { handleOf: (name: string) => ({ name }) as unknown as KeyFileHandle, dispose: () => undefined };
    return new LoadedKeys(addon, engine, new BootstrapTables(addon, engine), keyFiles, index, fits);
  }

  /** The calls since the last time. */
  taken(): string[] {
    return this.calls.splice(0);
  }
}

function nameOf(handle: unknown): string {
  return (handle as { readonly name: string }).name;
}

describe('the keys of the next stage', () => {
  test('are read once the stage has its own, and only held when the next one is entered', async () => {
    const recording = new RecordingAddon();
    const keys = recording.loadedKeys(1000);
    await keys.enter(first.name, first.keys, second);
    const calls = recording.taken();
    expect(calls.slice(-2)).toEqual(['read second to 4', 'read second-large to 4']);
    expect(calls.indexOf('hold first')).toBeLessThan(calls.indexOf('read second to 4'));
    await keys.enter(second.name, second.keys);
    expect(recording.taken()).toEqual([
      'keep 1',
      'hold second',
      'dispose second',
      'hold second-large',
      'dispose second-large',
    ]);
    keys.requireRotations([1, 4, 9], 4, 'test');
    expect(() => keys.requireRotations([2], 4, 'test')).toThrow('no key for the rotation by 2');
  });

  test('are read ahead as far as the budget goes, the rest when the stage is entered', async () => {
    const recording = new RecordingAddon();
    // 30 bytes are held, 20 more fit, 40 more do not.
    const keys = recording.loadedKeys(50);
    await keys.enter(first.name, first.keys, second);
    expect(recording.taken().at(-1)).toBe('read second to 4');
    await keys.enter(second.name, second.keys);
    const calls = recording.taken();
    expect(calls).not.toContain('read second to 4');
    expect(calls).toContain('read second-large to 4');

    const tight = recording.loadedKeys(49);
    await tight.enter(first.name, first.keys, second);
    expect(recording.taken().filter((call) => call.startsWith('read second'))).toEqual([]);
  });

  test('replace keys in memory that do not reach the level', async () => {
    const recording = new RecordingAddon();
    const keys = recording.loadedKeys(1000);
    await keys.enter(first.name, first.keys, higher);
    expect(recording.taken().at(-1)).toBe('read both to 6');
    await keys.enter(higher.name, higher.keys);
    expect(recording.taken()).toEqual(['keep ', 'hold both', 'dispose both']);
    keys.requireRotations([1], 6, 'test');
  });

  test('are let go of when another stage is entered, or none', async () => {
    const recording = new RecordingAddon();
    const keys = recording.loadedKeys(1000);
    await keys.enter(first.name, first.keys, second);
    await keys.enter(higher.name, higher.keys);
    expect(recording.taken()).toEqual(expect.arrayContaining(['dispose second', 'dispose second-large']));
    await keys.enter(first.name, first.keys, second);
    recording.taken();
    keys.dispose();
    await Promise.resolve();
    expect(recording.taken()).toEqual(['dispose second', 'dispose second-large']);
  });

  test('that can’t be read fail the stage that needs them, not the one before', async () => {
    const recording = new RecordingAddon();
    recording.unreadable = 'second';
    const keys = recording.loadedKeys(1000);
    await keys.enter(first.name, first.keys, second);
    await expect(keys.enter(second.name, second.keys)).rejects.toMatchObject({
      code: 'ERR_KEY_CORRUPT',
      message: 'stage second: /keys/second: damaged',
    });
  });
});
