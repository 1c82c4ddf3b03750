import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyFile } from '../../src/store/key-file.js';

export const identity = {
  program: '0.1.0',
  profile: 'params_fast',
  planHash: 'plan-1',
  engine: 'ckks',
  libraryVersion: 'ckks-1',
};

/** Stands for an engine's key generation: a secret key, a public key and two rotation keys. */
export async function generate(into: string): Promise<KeyFile[]> {
  await writeFile(join(into, 'secret', 'secret.key'), 'the secret', { mode: 0o666 });
  await writeFile(join(into, 'public', 'public.key'), 'the public key');
  await writeFile(join(into, 'evaluation', 'rotation-1.key'), Buffer.alloc(3_000_000, 1));
  await writeFile(join(into, 'evaluation', 'rotation-16.key'), 'sixteen');
  return [
    { path: 'secret/secret.key', kind: 'secret', sha256: createHash('sha256').update('the secret').digest('hex') },
    { path: 'public/public.key', kind: 'public' },
    { path: 'evaluation/rotation-1.key', kind: 'rotation', rotations: [1, -1], stages: ['stem'] },
    { path: 'evaluation/rotation-16.key', kind: 'rotation', rotations: [16] },
  ];
}
