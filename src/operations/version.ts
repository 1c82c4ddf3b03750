import { engineStatus } from '../engine/registry.js';
import { programVersion } from '../sessions/package-files.js';
import { ciphertextFormat } from '../store/ciphertext-file.js';
import { manifestFormat } from '../store/manifest.js';

/** Versions of the program, its engines and its file formats, line by line. */
export function versionText(): string {
  const engines = engineStatus().map(({ name, available }) => `${name}${available ? '' : ' (not built)'}`);
  return [
    `resnet20-fhe ${programVersion()}`,
    `engines: ${engines.join(', ')}`,
    `file formats: key set ${manifestFormat}, ciphertext ${ciphertextFormat}`,
  ].join('\n');
}
