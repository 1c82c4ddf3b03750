import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { committedRates, type MeasuredCkksRates } from '../../src/cost/rates.js';
import { type CalibrationKey, cachedCalibration } from '../../src/sessions/calibration-cache.js';
import { temporaryFolder } from '../support/folders.js';

const key: CalibrationKey = {
  version: '1.2.3',
  compiled: 1_700_000_000_000.5,
  processor: 'Analytical Engine',
  cores: 2,
  kernel: 'avx2',
  threads: 2,
};

const { machine: _, ...rates } = committedRates('avx2');
const other: MeasuredCkksRates = { ...rates, nttSecondsPerLimb: 0.5 };

let folder: string;
beforeEach(async () => {
  folder = join(await temporaryFolder(), 'resnet20-fhe');
});

const measuring = (measured: MeasuredCkksRates) => vi.fn(async () => measured);

/** The one file in the folder. */
async function keptFile(): Promise<string> {
  const names = await readdir(folder);
  expect(names).toHaveLength(1);
  return join(folder, names[0]!);
}

test('what was measured once is found again, number for number, and not measured a second time', async () => {
  const second = measuring(other);
  expect(await cachedCalibration(key, measuring(rates), folder)).toEqual(rates);
  expect(await cachedCalibration({ ...key }, second, folder)).toEqual(rates);
  expect(second).not.toHaveBeenCalled();
});

test.each<Partial<CalibrationKey>>([
  { version: '1.2.4' },
  { compiled: 1_700_000_000_001 },
  { processor: 'Difference Engine' },
  { cores: 4 },
  { kernel: 'scalar' },
  { threads: 1 },
])('with another %o it is measured again, and kept for the next run', async (difference) => {
  await cachedCalibration(key, measuring(rates), folder);
  const changed = { ...key, ...difference };
  const unused = measuring(rates);
  expect(await cachedCalibration(changed, measuring(other), folder)).toEqual(other);
  expect(await cachedCalibration(changed, unused, folder)).toEqual(other);
  expect(unused).not.toHaveBeenCalled();
});

test.each<[string, (text: string) => string]>([
  ['cut off', (text) => text.slice(0, text.length / 2)],
  ['empty', () => ''],
  ['another value', () => 'null'],
  ['without rates', (text) => JSON.stringify({ key: JSON.parse(text).key })],
  ['with a rate missing', (text) => text.replace('"passSecondsPerElement"', '"pass"')],
  ['with a rate of zero', (text) => text.replace(/("passSecondsPerElement": )[^,]*/, '$10')],
  ['with a rate that is text', (text) => text.replace(/("passSecondsPerElement": )[^,]*/, '$1"fast"')],
])('a file that is %s is made anew', async (_, damage) => {
  await cachedCalibration(key, measuring(rates), folder);
  const file = await keptFile();
  const text = await readFile(file, 'utf8');
  await writeFile(file, damage(text));
  expect(await readFile(file, 'utf8')).not.toBe(text);
  expect(await cachedCalibration(key, measuring(other), folder)).toEqual(other);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ key, rates: other });
});

test('a folder that can not be made only costs the measurement', async () => {
  await writeFile(folder, 'a file in its place');
  expect(await cachedCalibration(key, measuring(rates), folder)).toEqual(rates);
  expect(await cachedCalibration(key, measuring(other), folder)).toEqual(other);
});

test('a measurement that fails is reported, and nothing is kept of it', async () => {
  const failing = async (): Promise<MeasuredCkksRates> => {
    throw new Error('no such kernels');
  };
  await expect(cachedCalibration(key, failing, folder)).rejects.toThrow('no such kernels');
  expect(await cachedCalibration(key, measuring(rates), folder)).toEqual(rates);
});
