import { openEngine } from '../engine/registry.js';
import { outputOf } from '../network/graph.js';
import { decryptScores } from '../sessions/client.js';
import { CircuitSource, checkGroups, loadModel } from '../sessions/deployment.js';
import type { OperationControls } from '../sessions/events.js';
import { ciphertextsOf, expectedKeys, findKeys, openVerifiedSecretKeys } from '../sessions/keys.js';
import { readCiphertextFile } from '../store/ciphertext-file.js';
import { openSecretKeys } from '../store/key-set.js';
import { disposing } from './disposing.js';
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
  const folder = await findKeys(options.keys);
  const { manifest } = await openSecretKeys(folder);
  const { header, payloads } = await readCiphertextFile(options.input, { kind: 'result', ...ciphertextsOf(manifest) });
  const model = await loadModel(manifest.profile, options.weights);
  checkGroups(options.input, header.images, payloads.length, model);
  const { engine, libraryVersion } = await openEngine(model.profile.engine, model.profile);
  using _engine = disposing(engine);
  await openVerifiedSecretKeys(folder, expectedKeys(model, engine.name, libraryVersion), options);
  const client = await engine.openClient(folder);
  using _client = disposing(client);
  const scores = await decryptScores(client, new CircuitSource(model), payloads, header.images, options);
  const { classes } = outputOf(model.graph);
  return {
    profile: model.profile.name,
    classes,
    images: scores.map((of, index) => predict(`image ${index + 1}`, of, classes)),
    seconds: (performance.now() - started) / 1000,
  };
}
