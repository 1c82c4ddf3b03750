import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KernelName, MeasuredCkksRates } from '../../cost/rates.js';
import { loadBinding, native } from './binding.js';

/** With twelve rates and what is prepared for them, half a second in all; a whole one with the scalar kernels. */
const secondsPerRate = 0.01;

/** The kernels that the engine computes with. Throws ERR_ENGINE_UNAVAILABLE, ERR_NATIVE. */
export function kernelInUse(): Promise<KernelName> {
  return native(() => loadBinding().kernelName());
}

/** Measures the engine on this machine with so many threads. Throws ERR_ENGINE_UNAVAILABLE, ERR_NATIVE, ERR_FILE. */
export async function measureCkksRates(threads: number): Promise<MeasuredCkksRates> {
  const folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-rates-'));
  try {
    return await native(() => loadBinding().measureRates(join(folder, 'rotation.key'), threads, secondsPerRate));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
