import { formatBytes } from '../byte-size.js';
import { FheError } from '../errors.js';
import { predictPeakMemory } from '../planning/predict.js';
import { groupSizes, maximumImages } from './deployment.js';
import { memoryOfMachine } from './machine.js';
import type { CircuitSource } from './model.js';

const DEFAULT_MEMORY_BUDGET = 16e9;

/** What the process may use at its peak, in bytes: what was asked for, else 16 GB or what the machine has. */
export function effectiveMemoryBudget(asked: number | undefined): number {
  return asked ?? Math.min(DEFAULT_MEMORY_BUDGET, memoryOfMachine());
}

/**
 * Plans the circuits for `images` images and compares the memory that they are predicted to need with the budget that
 * was asked for, or the default. Throws ERR_MEMORY_BUDGET, before anything is computed.
 */
export function checkMemory(circuits: CircuitSource, images: number, budget: number | undefined): void {
  const { profile } = circuits.model;
  const allowed = effectiveMemoryBudget(budget);
  for (const size of new Set(groupSizes(images, maximumImages(circuits.model)))) {
    const peakMemoryBytes = predictPeakMemory(circuits.circuitFor(size), profile.parameters);
    if (peakMemoryBytes > allowed) {
      throw new FheError(
        'ERR_MEMORY_BUDGET',
        `${profile.name} needs about ${formatBytes(peakMemoryBytes)} of memory for ${size} image${size === 1 ? '' : 's'} at once, ` +
          `${budget === undefined ? 'this machine allows' : '--memory-budget allows'} ${formatBytes(allowed)}`,
      );
    }
  }
}
