import type { Encryptor } from '../engine/engine.js';
import { openEngine } from '../engine/registry.js';
import { encryptImages } from '../sessions/client.js';
import { type DeploymentChoice, deploymentOf } from '../sessions/deployment.js';
import type { OperationControls } from '../sessions/events.js';
import { findKeysFor, requireFor, verification } from '../sessions/keys.js';
import { writeCiphertextFile } from '../store/ciphertext-file.js';
import { checkFingerprint, publicKeyFingerprint } from '../store/fingerprint.js';
import { hasSecretKeys, openPublicKeys, openSecretKeys } from '../store/key-set.js';
import { checkOptions } from './check-options.js';
import { disposing } from './disposing.js';
import { readInputs } from './inputs.js';
import { checkOutputFile } from './output-file.js';
import { estimateSecurity, reportProtection, type SecurityEstimate } from './protection.js';

export interface EncryptOptions extends OperationControls, Omit<DeploymentChoice, 'profile'> {
  /** PNG or JPEG files, or NumPy files for a network that takes values. */
  readonly inputs: readonly string[];
  /** A key set's folder, its `public` folder or a profile; default: the current set, else the default profile's. */
  readonly keys?: string | undefined;
  readonly resize?: boolean | undefined;
  /** Use the public key even where there is the secret key. */
  readonly public?: boolean | undefined;
  /** SHA-256 of the public key, hexadecimal, as its owner told it: that key is used, and no other. */
  readonly fingerprint?: string | undefined;
  /** The ciphertext file to write. */
  readonly out: string;
}

export interface Encryption {
  readonly out: string;
  readonly profile: string;
  readonly security: SecurityEstimate;
  /** Which key the images are encrypted with. */
  readonly key: 'secret' | 'public';
  /** Of the public key; null where the secret key was used. */
  readonly publicKeyFingerprint: string | null;
  readonly images: number;
  readonly ciphertexts: number;
  /** Of all ciphertexts. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Encrypts images into a ciphertext file for `evaluate`: with the set's secret key where there is one, which makes the
 * smaller file, else with its public key, whose fingerprint is compared where one is given. Reads no evaluation keys, and
 * with the public key no secret. Throws ERR_KEY_MISMATCH for another fingerprint, and what finding, verifying and opening
 * keys and reading images throws.
 */
export async function encrypt(options: EncryptOptions): Promise<Encryption> {
  checkOptions(options, 'inputs', 'out');
  const started = performance.now();
  await checkOutputFile(options.out, options.inputs);
  const folder = await findKeysFor(options);
  const wantsPublic = options.public === true || options.fingerprint !== undefined;
  const key = !wantsPublic && (await hasSecretKeys(folder)) ? 'secret' : 'public';
  const keys = await (key === 'secret' ? openSecretKeys(folder) : openPublicKeys(folder));
  if (options.fingerprint !== undefined) {
    checkFingerprint(keys, options.fingerprint);
  }
  const deployment = await deploymentOf(keys, options);
  const { parameters } = deployment.profile;
  const images = await readInputs(options.inputs, deployment.plan.input.encoding, options.resize, options);
  const { engine, libraryVersion } = await openEngine(parameters);
  using _engine = disposing(engine);
  requireFor(keys, deployment, { engine: engine.name, libraryVersion });
  const verifying = verification(options);
  const encryptor: Encryptor = await (key === 'secret'
    ? engine.openClient(keys, verifying)
    : engine.openEncryptor(keys, verifying));
  using _encryptor = disposing(encryptor);
  reportProtection(options, deployment.profile, engine.encrypted);
  const tensors = images.map((image) => image.tensor);
  const payloads = await encryptImages(encryptor, deployment, tensors, options);
  const { profile, planHash, keySetId } = keys.manifest;
  const header = { kind: 'input', profile, planHash, keySetId, engine: engine.name, libraryVersion } as const;
  await writeCiphertextFile(options.out, { ...header, images: images.length }, payloads);
  return {
    out: options.out,
    profile,
    security: estimateSecurity(parameters),
    key,
    publicKeyFingerprint: key === 'public' ? publicKeyFingerprint(keys) : null,
    images: images.length,
    ciphertexts: payloads.length,
    bytes: payloads.reduce((sum, payload) => sum + payload.length, 0),
    seconds: (performance.now() - started) / 1000,
  };
}
