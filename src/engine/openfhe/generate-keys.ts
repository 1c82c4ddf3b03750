import path from 'node:path';
import { FheError } from '../../errors.js';
import type { KeyFile } from '../../store/key-file.js';
import type { KeyGenerationOptions, KeyPlan } from '../engine.js';
import type { NativeEngine, OpenFheAddon } from './binding.js';
import { bootstrapAutomorphisms } from './bootstrap-support.js';
import { groupKeys } from './key-groups.js';
import { keyIndexFile, writeKeyIndex } from './key-index.js';
import { settled } from './load-addon.js';

export const secretKeyFile = 'secret.key';
export const publicKeyFile = 'public.key';
const relinearizationFile = 'relinearization.key';

/**
 * Makes a key set's files, a group at a time so that no more than a group's keys are in memory. Writes
 * `<folder>/secret/secret.key` (owner only), `<folder>/public/public.key` and, in `<folder>/evaluation`, the
 * relinearisation key, files of automorphism keys and their index. The folders must exist.
 */
export async function generateKeyFiles(
  addon: OpenFheAddon,
  engine: NativeEngine,
  folder: string,
  plan: KeyPlan,
  options: KeyGenerationOptions,
): Promise<KeyFile[]> {
  const groups = groupKeys(plan, {
    automorphismOf: (rotation) => addon.rotationAutomorphisms(engine.handle, Int32Array.of(rotation))[0]!,
    bootstrapAutomorphisms: () => bootstrapAutomorphisms(addon, engine),
    keyBytes: addon.keyBytes(engine.handle, engine.depth),
  });
  const total = groups.reduce((sum, group) => sum + group.automorphisms.length, 1);
  let done = 0;
  const step = (text: string): void => {
    if (options.signal?.aborted) {
      throw new FheError('ERR_CANCELLED', 'key generation was interrupted');
    }
    options.progress?.({ text, done, total });
  };

  const evaluation = path.join(folder, 'evaluation');
  const secretPath = path.join(folder, 'secret', secretKeyFile);
  const { secret, publicKey } = await settled('secret key', addon.generateKeyPair(engine.handle));
  try {
    const sha256 = await settled('secret key', addon.writeSecretKey(engine.handle, secret.handle, secretPath));
    const publicPath = path.join(folder, 'public', publicKeyFile);
    const inputLevel = Math.max(...plan.stages.map(({ keys }) => keys.level));
    await settled('public key', addon.writePublicKey(engine.handle, publicKey.handle, inputLevel, publicPath));
    const written: KeyFile[] = [
      { path: `secret/${secretKeyFile}`, kind: 'secret', sha256 },
      { path: `public/${publicKeyFile}`, kind: 'public' },
    ];

    step('relinearisation key');
    const relinearizationPath = path.join(evaluation, relinearizationFile);
    await settled(
      'relinearisation key',
      addon.writeRelinearizationKey(engine.handle, secret.handle, relinearizationPath),
    );
    written.push({ path: `evaluation/${relinearizationFile}`, kind: 'relinearization' });
    done += 1;

    for (const { kind, file, automorphisms, level, rotations, stages } of groups) {
      step(`${kind} keys ${file}`);
      const target = path.join(evaluation, file);
      const indices = Int32Array.from(automorphisms);
      const task = addon.writeAutomorphismKeys(engine.handle, secret.handle, indices, level, target);
      await settled(`${kind} keys`, task);
      written.push({ path: `evaluation/${file}`, kind, rotations, stages });
      done += automorphisms.length;
    }
    await writeKeyIndex(evaluation, {
      keyTag: secret.keyTag,
      relinearization: relinearizationFile,
      automorphismFiles: groups.map(({ file, automorphisms, level }) => ({ file, automorphisms, level })),
    });
    written.push({ path: `evaluation/${keyIndexFile}`, kind: 'context' });
    step('done');
    return written;
  } finally {
    addon.dispose(secret.handle);
    addon.dispose(publicKey.handle);
  }
}
