import { formatBytes } from '../byte-size.js';
import type { KeySetSummary } from '../operations/key-set-summary.js';
import { describeSecurity } from '../operations/protection.js';
import { shellQuoted } from '../shell-quote.js';

/** The lines that `generate-keys` and `load-keys` print of a key set. */
export function renderKeySet(keySet: KeySetSummary, strong: (text: string) => string): string {
  const { profile, folder, engine, security } = keySet;
  return [
    `${strong(profile)}  ${folder}`,
    `  engine      ${engine}`,
    `  security    ${describeSecurity(security)} (ring ${security.ringDimension}, log QP ${security.logQP}, ${security.secret})`,
    `  secret      ${describeSecret(keySet)}`,
    `  public      ${describePublicKey(keySet)}`,
    ...describeFingerprint(keySet),
    `  evaluation  ${describeEvaluationKeys(keySet)}`,
    describeCurrent(keySet),
  ].join('\n');
}

function describeSecret({ secretBytes }: KeySetSummary): string {
  return secretBytes === null
    ? 'not here; scores can be read only with it'
    : `${formatBytes(secretBytes)}, stays with you`;
}

function describePublicKey({ profile, secretBytes, publicKeyBytes }: KeySetSummary): string {
  if (publicKeyBytes !== null) {
    return `${formatBytes(publicKeyBytes)}, may be given to whoever encrypts for you`;
  }
  return secretBytes === null
    ? 'not here'
    : `none, the set was made without one; a new set has one: resnet20-fhe generate-keys ${profile} --force`;
}

function describeFingerprint({ publicKeyFingerprint }: KeySetSummary): string[] {
  return publicKeyFingerprint === null ? [] : [`  fingerprint ${publicKeyFingerprint}, of the public key`];
}

function describeEvaluationKeys({ keyBytes, files }: KeySetSummary): string {
  return keyBytes === null
    ? 'not here; nothing can be computed without them'
    : `${formatBytes(keyBytes)} in ${files} files, may be given to the machine that computes`;
}

function describeCurrent({ previousFolder }: KeySetSummary): string {
  return previousFolder === null
    ? 'This is now the current key set.'
    : `This is now the current key set; resnet20-fhe load-keys ${shellQuoted(previousFolder)} goes back to the one before.`;
}
