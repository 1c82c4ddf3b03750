import { FheError } from '../errors.js';
import { shownJson } from '../shown-text.js';

/** More threads help nowhere, and each takes memory. */
export const maximumThreads = 1024;

interface Rule {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const isPath = (value: unknown): boolean => typeof value === 'string' && value !== '' && !value.includes('\0');
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

const path: Rule = { expected: 'the name of a file or folder', holds: isPath };
const paths: Rule = {
  expected: 'a list of one or more names of files',
  holds: (value) => Array.isArray(value) && value.length > 0 && value.every(isPath),
};
const flag: Rule = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
const count: Rule = { expected: 'a whole number of at least 1', holds: isCount };
const text: Rule = { expected: 'a text', holds: (value) => typeof value === 'string' };

/** What each option must be, in whichever operation it is one. */
const rules: Readonly<Record<string, Rule>> = {
  inputs: paths,
  outImages: paths,
  outValues: path,
  input: path,
  out: path,
  keys: path,
  set: path,
  weights: path,
  network: path,
  trace: path,
  data: path,
  openfheDir: path,
  profile: text,
  engine: text,
  fingerprint: { expected: '64 hexadecimal digits', holds: (value) => /^[0-9a-f]{64}$/.test(String(value)) },
  threads: {
    expected: `a whole number from 1 to ${maximumThreads}`,
    holds: (value) => isCount(value) && (value as number) <= maximumThreads,
  },
  memoryBudget: { expected: 'a whole number of bytes, at least 1', holds: isCount },
  limit: count,
  images: count,
  precision: {
    expected: 'a number of bits from 0 to 60',
    holds: (value) => typeof value === 'number' && value >= 0 && value <= 60,
  },
  model: path,
  calibrate: path,
  classes: path,
  samples: count,
  margin: {
    expected: 'a number from 1 to 100',
    holds: (value) => typeof value === 'number' && value >= 1 && value <= 100,
  },
  force: flag,
  resize: flag,
  compare: flag,
  public: flag,
  noise: flag,
  prebuilt: flag,
};

/**
 * Refuses options that a program may hand over and the command line can't: an option that is undefined counts as left out,
 * which `required` ones must not be. Throws ERR_USAGE before anything is done.
 */
export function checkOptions<T extends object>(options: T, ...required: readonly (keyof T & string)[]): void {
  for (const [name, { expected, holds }] of Object.entries(rules)) {
    const value: unknown = (options as Record<string, unknown>)[name];
    const isMissing = value === undefined && !required.some((one) => one === name);
    if (!isMissing && !holds(value)) {
      throw new FheError('ERR_USAGE', `${name}: expected ${expected}, found ${shownJson(value)}`);
    }
  }
}
