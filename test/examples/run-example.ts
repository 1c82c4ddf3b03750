import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A file of this checkout. */
export const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Runs a program of examples/, which may use the profiles for tests. */
export function runExample(name: string, ...words: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, RESNET20_FHE_TEST_PROFILES: '1' };
  return execute(process.execPath, [path(`examples/${name}`), ...words], { env });
}
