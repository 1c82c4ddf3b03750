import { openEngine } from '../engine/registry.js';
import { decryptAnswers, groupsOf } from '../sessions/client.js';
import { checkGroups, type DeploymentChoice, deploymentOf } from '../sessions/deployment.js';
import type { OperationControls } from '../sessions/events.js';
import { ciphertextsOf, findKeysFor, requireFor, verification } from '../sessions/keys.js';
import { readCiphertextFile } from '../store/ciphertext-file.js';
import { openSecretKeys } from '../store/key-set.js';
import { checkOptions } from './check-options.js';
import { disposing } from './disposing.js';
import { checkOutputs, classesOf, type OutputFiles, reportUnchecked, writeOutputs } from './outputs.js';
import { type Prediction, predict } from './prediction.js';

export interface DecryptOptions extends OperationControls, OutputFiles, Omit<DeploymentChoice, 'profile'> {
  /** A file made by `evaluate`. */
  readonly input: string;
  /** A key set's folder or profile; default: the current set, else the default profile's. */
  readonly keys?: string | undefined;
}

export interface Decryption {
  readonly profile: string;
  /** None where the network gives no scores. */
  readonly classes: readonly string[];
  /** In the order in which the images were encrypted; the file does not keep their names. */
  readonly images: readonly Prediction[];
  readonly seconds: number;
}

/** Decrypts the scores of a file that `evaluate` wrote; an image whose answer is noise has an error in place of them. */
export async function decrypt(options: DecryptOptions): Promise<Decryption> {
  checkOptions(options, 'input');
  const started = performance.now();
  const folder = await findKeysFor(options);
  const keys = await openSecretKeys(folder);
  const { manifest } = keys;
  const { header, payloads } = await readCiphertextFile(options.input, { kind: 'result', ...ciphertextsOf(manifest) });
  const deployment = await deploymentOf(keys, options);
  await checkOutputs(options, deployment, header.images, [options.input]);
  reportUnchecked(options, deployment);
  checkGroups(options.input, header.images, payloads.length, deployment, 'output');
  const { engine, libraryVersion } = await openEngine(deployment.profile.parameters);
  using _engine = disposing(engine);
  requireFor(keys, deployment, { engine: engine.name, libraryVersion });
  const client = await engine.openClient(keys, verification(options));
  using _client = disposing(client);
  const groups = groupsOf(deployment, payloads, header.images);
  const answers = await decryptAnswers(client, deployment, groups, header.images, options);
  const { output } = deployment.plan;
  const images = answers.map((answer, index) => predict(`image ${index + 1}`, answer, output));
  await writeOutputs(options, deployment, images);
  return {
    profile: manifest.profile,
    classes: classesOf(deployment),
    images,
    seconds: (performance.now() - started) / 1000,
  };
}
