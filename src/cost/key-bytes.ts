import type { KeyRequirements } from '../circuit/circuit.js';
import type { KeySizes } from './cost-model.js';

/** Bytes of all keys of a circuit: each exists once, made for the highest level of the stages that use it. */
export function totalKeyBytes(stages: readonly KeyRequirements[], sizes: KeySizes): number {
  const rotations = new Set(stages.flatMap((keys) => keys.rotations));
  const highest = (uses: (keys: KeyRequirements) => boolean): number =>
    Math.max(-1, ...stages.filter(uses).map((keys) => keys.level));
  const levels = [
    ...[...rotations].map((rotation) => highest((keys) => keys.rotations.includes(rotation))),
    highest((keys) => keys.relinearization),
    highest((keys) => keys.conjugation),
  ];
  const bytes = levels.reduce((sum, level) => sum + (level < 0 ? 0 : sizes.key(level)), 0);
  return bytes + (stages.some((keys) => keys.bootstrap) ? sizes.bootstrapKeys() : 0);
}
