import type { KeySetSummary } from '../operations/key-set-summary.js';
import { formatBytes } from './format.js';

/** The lines that `generate-keys` and `load-keys` print of a key set. */
export function renderKeySet(keySet: KeySetSummary, strong: (text: string) => string): string {
  return [
    `${strong(keySet.profile)}  ${keySet.folder}`,
    `  engine      ${keySet.engine}`,
    `  security    about ${keySet.security.bits} bits (ring ${keySet.security.ringDimension}, log QP ${keySet.security.logQP}, ${keySet.security.secret})`,
    `  secret      ${formatBytes(keySet.secretBytes)}, stays with you`,
    `  public      ${describePublicKey(keySet)}`,
    `  evaluation  ${formatBytes(keySet.keyBytes)} in ${keySet.files} files, may be given to the machine that computes`,
    describeCurrent(keySet),
  ].join('\n');
}

function describeCurrent({ previousFolder }: KeySetSummary): string {
  return previousFolder === null
    ? 'This is now the current key set.'
    : `This is now the current key set; resnet20-fhe load-keys ${previousFolder} goes back to the one before.`;
}

function describePublicKey({ profile, publicKeyBytes }: KeySetSummary): string {
  return publicKeyBytes === null
    ? `none, the set was made without one; a new set has one: resnet20-fhe generate-keys ${profile} --force`
    : `${formatBytes(publicKeyBytes)}, may be given to whoever encrypts for you`;
}
