import { openEngine } from '../engine/registry.js';
import { defaultProfileName } from '../profile/profiles.js';
import { writeCiphertextFile } from '../store/ciphertext-file.js';
import { openSecretKeys } from '../store/key-set.js';
import { findKeySet } from '../store/locations.js';
import { encryptImages } from './client-side.js';
import { disposing } from './disposing.js';
import type { OperationControls } from './events.js';
import { readImages } from './images.js';
import { CircuitSource, loadModel } from './model.js';
import { expectedKeys, openVerifiedSecretKeys } from './opened-keys.js';
import { checkOutputFile } from './output-file.js';
import { estimateSecurity, reportProtection, type SecurityEstimate } from './protection.js';

export interface EncryptOptions extends OperationControls {
  /** PNG or JPEG files. */
  readonly inputs: readonly string[];
  /** A key set's folder or profile; default: the current set, else the default profile's. */
  readonly keys?: string | undefined;
  /** Weights of the profile's network, for their normalisation; default: those that come with the program. */
  readonly weights?: string | undefined;
  readonly resize?: boolean | undefined;
  /** The ciphertext file to write. */
  readonly out: string;
}

export interface Encryption {
  readonly out: string;
  readonly profile: string;
  readonly security: SecurityEstimate;
  readonly images: number;
  readonly ciphertexts: number;
  /** Of all ciphertexts. */
  readonly bytes: number;
  readonly seconds: number;
}

/** Encrypts images into a ciphertext file for `evaluate`. Reads the set's secret key and no evaluation keys. */
export async function encrypt(options: EncryptOptions): Promise<Encryption> {
  const started = performance.now();
  await checkOutputFile(options.out);
  const folder = await findKeySet({ named: options.keys, defaultProfile: defaultProfileName });
  const model = await loadModel((await openSecretKeys(folder)).manifest.profile, options.weights);
  const images = await readImages(options.inputs, model.network, options.resize);
  const { engine, libraryVersion } = await openEngine(model.profile.engine, model.profile);
  using _engine = disposing(engine);
  const keys = await openVerifiedSecretKeys(folder, expectedKeys(model, engine.name, libraryVersion), options);
  reportProtection(options, model.profile, engine.encrypted);
  const client = await engine.openClient(folder);
  using _client = disposing(client);
  const tensors = images.map((image) => image.tensor);
  const payloads = await encryptImages(client, new CircuitSource(model), tensors, options);
  const { profile, planHash, keySetId } = keys.manifest;
  const header = { kind: 'input', profile, planHash, keySetId, engine: engine.name, libraryVersion } as const;
  await writeCiphertextFile(options.out, { ...header, images: images.length }, payloads);
  return {
    out: options.out,
    profile,
    security: estimateSecurity(model.profile),
    images: images.length,
    ciphertexts: payloads.length,
    bytes: payloads.reduce((sum, payload) => sum + payload.length, 0),
    seconds: (performance.now() - started) / 1000,
  };
}
