import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type KernelName, type MeasuredCkksRates, referenceRates } from '../cost/rates.js';
import { readInputFile } from '../input-file.js';
import { writeFileAtomically } from '../store/atomic-file.js';
import { cacheDirectory } from '../store/locations.js';

/** What measured rates hold for; with any other they are measured again. */
export interface CalibrationKey {
  /** Version of the program. */
  readonly version: string;
  /** When the engine was compiled, milliseconds since 1970. */
  readonly compiled: number;
  readonly processor: string;
  readonly cores: number;
  readonly kernel: KernelName;
  readonly threads: number;
}

/** What is kept has a kilobyte. */
const maximumCalibrationBytes = 2 ** 16;

/**
 * What was measured under the same key before, else what `measure` finds, which is kept for the next run where the
 * folder can be written. A damaged file counts as none. Throws what `measure` throws.
 */
export async function cachedCalibration(
  key: CalibrationKey,
  measure: () => Promise<MeasuredCkksRates>,
  folder: string = cacheDirectory(),
): Promise<MeasuredCkksRates> {
  // One file for each choice that the user has on the machine; what else the key names changes rarely.
  const file = join(folder, `rates-${key.kernel}-${key.threads}.json`);
  const kept = await readCalibration(file, key);
  if (kept !== undefined) {
    return kept;
  }
  const rates = await measure();
  await keepCalibration(folder, file, { key, rates });
  return rates;
}

async function readCalibration(file: string, key: CalibrationKey): Promise<MeasuredCkksRates | undefined> {
  try {
    const found: unknown = JSON.parse(await readText(file));
    const { key: foundKey, rates } = Object(found) as { key?: unknown; rates?: unknown };
    return isDeepStrictEqual(foundKey, key) && areRates(rates) ? rates : undefined;
  } catch {
    return undefined;
  }
}

async function readText(file: string): Promise<string> {
  const bytes = await readInputFile(file, { expected: 'measured rates', maximumBytes: maximumCalibrationBytes });
  return bytes.toString('utf8');
}

async function keepCalibration(folder: string, file: string, content: object): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFileAtomically(file, [Buffer.from(`${JSON.stringify(content, undefined, 2)}\n`)]);
  } catch {
    // No home folder, or a read-only one: the next run measures again.
  }
}

function areRates(found: unknown): found is MeasuredCkksRates {
  const { machine: _, ...expected } = referenceRates.ckks;
  const rates = Object(found) as Record<string, unknown>;
  return Object.keys(expected).every((name) => Number.isFinite(rates[name]) && (rates[name] as number) > 0);
}
