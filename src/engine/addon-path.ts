import { fileURLToPath } from 'node:url';

/** Engines that are compiled on the machine that uses them. */
export type AddonName = 'ckks' | 'openfhe';

/** Where the build puts an engine's addon: both `src/engine` and `dist/engine` lie two below the package's root. */
export function addonPath(name: AddonName): string {
  return fileURLToPath(new URL(`../../build/Release/${name}.node`, import.meta.url));
}
