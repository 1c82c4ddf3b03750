import { formatBytes } from '../byte-size.js';
import type { PlannedGroup, PlannedNetwork } from '../operations/plan.js';
import { describeSecurity } from '../operations/protection.js';
import { formatDuration } from './format.js';

/** The lines that `plan` prints. */
export function renderPlan(planned: PlannedNetwork, strong: (text: string) => string): string {
  const { security, moduliBits, specialPrimes, digits } = planned;
  return [
    `${strong(planned.network)}  ${planned.file}`,
    `  security    ${describeSecurity(security)} (ring ${security.ringDimension}, log QP ${security.logQP}, ${security.secret})`,
    `  modulus     primes of ${[...new Set(moduliBits)].join(' and ')} bits for ${planned.levels} levels, ${specialPrimes} special primes, ${digits} digits`,
    `  layout      ${planned.layout}, ${planned.ciphertexts} ciphertext${planned.ciphertexts === 1 ? '' : 's'} in`,
    `  keys        ${formatBytes(planned.keyBytes)}, ${planned.rotations} rotations`,
    ...planned.groups.map(renderGroup),
    `predicted for ${planned.predictedFor}`,
  ].join('\n');
}

function renderGroup({ images, seconds, peakMemoryBytes }: PlannedGroup): string {
  const each = images === 1 ? '' : `, ${formatDuration(seconds / images)} each`;
  const pictures = images === 1 ? '1 picture ' : `${images} pictures`;
  return `  ${pictures}   circuit ${formatDuration(seconds)}${each}, memory ${formatBytes(peakMemoryBytes)}`;
}
