import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Root of the installed package or of the checkout: both `src/sessions` and `dist/sessions` lie two below it. */
export const packageRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Version of the program, from its package.json. */
export function programVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(`${packageRoot}package.json`, 'utf8'));
  return String((parsed as { version: string }).version);
}
