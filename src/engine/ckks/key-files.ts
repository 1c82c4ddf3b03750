import type { KeyFile } from '../../store/key-file.js';
import type { KeyPlan } from '../engine.js';
import type { NativeKeyRequest } from './binding.js';
import { publicKeyFile } from './client.js';

/** One evaluation key, or the public key, to make: the file that names it, and the request that makes it. */
export interface PlannedKey {
  readonly file: KeyFile;
  readonly request: Omit<NativeKeyRequest, 'path'>;
}

/**
 * One file for each key, made for the highest level at which any stage uses it: rows of a key do not depend on its
 * level, so one key serves every lower level. The public key comes first.
 */
export function plannedKeys(plan: KeyPlan): PlannedKey[] {
  const rotations = [...new Set(plan.stages.flatMap((stage) => stage.keys.rotations))].sort((a, b) => a - b);
  const keys: PlannedKey[] = [
    {
      file: { path: `public/${publicKeyFile}`, kind: 'public' },
      request: { kind: 'public', rotation: 0, level: highestLevel(plan.stages) },
    },
  ];
  for (const rotation of rotations) {
    const users = plan.stages.filter((stage) => stage.keys.rotations.includes(rotation));
    keys.push({
      file: {
        path: `evaluation/rotation${rotation < 0 ? '-minus' : '-plus'}-${Math.abs(rotation)}.key`,
        kind: 'rotation',
        rotations: [rotation],
        stages: users.map((stage) => stage.name),
      },
      request: { kind: 'rotation', rotation, level: highestLevel(users) },
    });
  }
  for (const kind of ['relinearization', 'conjugation'] as const) {
    const users = plan.stages.filter((stage) => stage.keys[kind]);
    if (users.length > 0) {
      keys.push({
        file: { path: `evaluation/${kind}.key`, kind, stages: users.map((stage) => stage.name) },
        request: { kind, rotation: 0, level: highestLevel(users) },
      });
    }
  }
  keys.push({
    file: { path: 'evaluation/ring-switch.key', kind: 'ring-switch' },
    request: { kind: 'ring-switch', rotation: 0, level: 0 },
  });
  return keys;
}

function highestLevel(stages: KeyPlan['stages']): number {
  return Math.max(...stages.map((stage) => stage.keys.level));
}
