import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellQuoted } from '../shell-quote.js';
import { keysDirectory } from './locations.js';

/**
 * What to do about keys that can't be used, for the end of a message. `folder`: of one side of a set; `profile`: undefined
 * where it can't be read. Where the secret key lies beside them the set can be made anew, in its own place so that no
 * other set is replaced; who was given the folder has to get it again.
 */
export function mending(folder: string, profile = 'PROFILE'): string {
  const set = dirname(folder);
  if (!existsSync(join(set, 'secret'))) {
    return `copy ${shellQuoted(folder)} again from whoever made the keys`;
  }
  const place = set === join(keysDirectory(), profile) ? '' : ` --out ${shellQuoted(set)}`;
  return `run resnet20-fhe generate-keys ${shellQuoted(profile)}${place} --force`;
}
