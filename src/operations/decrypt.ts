import { openEngine } from '../engine/registry.js';
import { defaultProfileName } from '../profile/profiles.js';
import { readCiphertextFile } from '../store/ciphertext-file.js';
import { openSecretKeys } from '../store/key-set.js';
import { findKeySet } from '../store/locations.js';
import { decryptScores } from './client-side.js';
import { disposing } from './disposing.js';
import type { OperationControls } from './events.js';
import { CircuitSource, checkGroups, loadModel } from './model.js';
import { expectedKeys, openVerifiedSecretKeys } from './opened-keys.js';
import { type Prediction, predict } from './prediction.js';

export interface DecryptOptions extends OperationControls {
  /** A file made by `evaluate`. */
  readonly input: string;
  /** A key set's folder or profile; default: the current set, else the default profile's. */
  readonly keys?: string | undefined;
  /** Weights of the profile's network, for their classes; default: those that come with the program. */
  readonly weights?: string | undefined;
}

export interface Decryption {
  readonly profile: string;
  readonly classes: readonly string[];
  /** In the order in which the images were encrypted; the file does not keep their names. */
  readonly images: readonly Prediction[];
  readonly seconds: number;
}

/** Decrypts the scores of a file that `evaluate` wrote. */
export async function decrypt(options: DecryptOptions): Promise<Decryption> {
  const started = performance.now();
  const folder = await findKeySet({ named: options.keys, defaultProfile: defaultProfileName });
  const model = await loadModel((await openSecretKeys(folder)).manifest.profile, options.weights);
  const { engine, libraryVersion } = await openEngine(model.profile.engine, model.profile);
  using _engine = disposing(engine);
  const expected = expectedKeys(model, engine.name, libraryVersion);
  const { keySetId } = (await openVerifiedSecretKeys(folder, expected, options)).manifest;
  const { header, payloads } = await readCiphertextFile(options.input, { kind: 'result', ...expected, keySetId });
  checkGroups(options.input, header.images, payloads.length, model.maximumImages);
  const client = await engine.openClient(folder);
  using _client = disposing(client);
  const scores = await decryptScores(client, new CircuitSource(model), payloads, header.images, options);
  const { classes } = model.network;
  return {
    profile: model.profile.name,
    classes,
    images: scores.map((of, index) => predict(`image ${index + 1}`, of, classes)),
    seconds: (performance.now() - started) / 1000,
  };
}
