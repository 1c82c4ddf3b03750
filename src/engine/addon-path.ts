import { fileURLToPath } from 'node:url';

/** Where the build puts an engine's addon: both `src/engine` and `dist/engine` lie two below the package's root. */
export function addonPath(name: 'ckks' | 'openfhe'): string {
  return fileURLToPath(new URL(`../../build/Release/${name}.node`, import.meta.url));
}
