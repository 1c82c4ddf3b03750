import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellQuoted } from '../shell-quote.js';
import { keysDirectory } from './locations.js';

/** Of a manifest, what the keys are for: a profile that comes with the program, or a network's deployment. */
export interface MadeFor {
  readonly profile: string;
  readonly deployment?: object | undefined;
}

/**
 * What to do about keys that can't be used, for the end of a message. `folder`: of one side of a set; `made`: undefined
 * where it can't be read. Where the secret key lies beside them the set can be made anew, in its own place so that no
 * other set is replaced; who was given the folder has to get it again.
 */
export function mending(folder: string, made: MadeFor = { profile: 'PROFILE' }): string {
  const set = dirname(folder);
  if (!existsSync(join(set, 'secret'))) {
    return `copy ${shellQuoted(folder)} again from whoever made the keys`;
  }
  const place = set === join(keysDirectory(), made.profile) ? '' : ` --out ${shellQuoted(set)}`;
  const what = made.deployment === undefined ? shellQuoted(made.profile) : '--network DIR';
  return `run resnet20-fhe generate-keys ${what}${place} --force`;
}
