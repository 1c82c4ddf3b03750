import { statSync } from 'node:fs';
import os from 'node:os';
import { kernelFor, scaleRates } from '../cost/calibration.js';
import { type CkksRates, committedRates, type KernelName, type Rates, referenceRates } from '../cost/rates.js';
import { addonPath } from '../engine/addon-path.js';
import { kernelInUse, measureCkksRates } from '../engine/ckks/calibration.js';
import type { EngineName } from '../scheme/parameters.js';
import { cachedCalibration } from './calibration-cache.js';
import { processorFeatures } from './machine.js';
import { programVersion } from './package-files.js';

/**
 * What predictions of an engine's runs are made with; `threads` is by default one for each core. The ckks engine is
 * measured on this machine, for about half a second, unless an earlier run kept what it found; where that is not
 * possible its rates are the committed ones of the kernels that fit the processor. The rates of OpenFHE are the committed
 * ones, and the simulator's runs, which none describe, are weighed by the reference rates.
 */
export async function machineRates(engine: EngineName, threads?: number): Promise<Rates> {
  return engine === 'ckks' ? { ...referenceRates, ckks: await ckksRates(threads) } : referenceRates;
}

async function ckksRates(threads = os.availableParallelism()): Promise<CkksRates> {
  try {
    return await calibratedRates(await kernelInUse(), threads);
  } catch {
    // The engine is not built, or does not run here, which is for those to report who want to compute with it.
    return committedRates(kernelFor(processorFeatures()));
  }
}

async function calibratedRates(kernel: KernelName, threads: number): Promise<CkksRates> {
  const key = {
    version: programVersion(),
    compiled: statSync(addonPath('ckks')).mtimeMs,
    processor: os.cpus()[0]?.model.trim() ?? os.arch(),
    cores: os.availableParallelism(),
    kernel,
    threads,
  };
  const measured = await cachedCalibration(key, () => measureCkksRates(threads));
  const machine = `this machine, ${kernel} kernels, ${threads} thread${threads === 1 ? '' : 's'}`;
  return scaleRates(committedRates(kernel), measured, machine);
}
