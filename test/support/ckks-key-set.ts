import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findProfile } from '../../src/catalogue/profiles.js';
import { openCkksEngine } from '../../src/engine/ckks/engine.js';
import type { Client, EvaluatorOptions } from '../../src/engine/engine.js';
import { searchPlan } from '../../src/planning/search.js';
import { type Answer, decryptAnswers, encryptImages, groupsOf, payloadsOf } from '../../src/sessions/client.js';
import { keyPlanOf } from '../../src/sessions/deployment.js';
import { EvaluationSession, evaluatePayloads } from '../../src/sessions/evaluation.js';
import { CircuitSource } from '../../src/sessions/model.js';
import type { KeyFile } from '../../src/store/key-file.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { keySide, sideOf } from './key-sides.js';
import { ckksParameters } from './parameters.js';
import { randomNetwork } from './random-network.js';

const profile = findProfile('params_test');
/** Those of the small network's keys. */
export const smallParameters = ckksParameters('params_test');

/** Stem, an identity block, a block with stride 2 and a shortcut, head: six levels at ring dimension 2^12. */
export const smallNetwork = randomNetwork({
  channels: [4, 8],
  height: 8,
  width: 8,
  blocksPerStage: 1,
  activation: 'square',
  padding: 'circular-width',
  seed: 31,
  classes: 10,
});

/** The small network's circuits under params_test: four images fill a ciphertext. */
export const smallCircuits = new CircuitSource({
  profile,
  graph: smallNetwork,
  plan: searchPlan(smallNetwork, smallParameters, profile.name),
});

/** Writes the secret, the public and every evaluation key of the small network's circuits into `folder`. */
export async function writeSmallKeys(folder: string): Promise<KeyFile[]> {
  for (const side of ['secret', 'public', 'evaluation']) {
    await mkdir(join(folder, side), { recursive: true });
  }
  const engine = await openCkksEngine(smallParameters);
  try {
    return await engine.generateKeys(folder, keyPlanOf(smallCircuits.model), {});
  } finally {
    engine.dispose();
  }
}

/** What the client sends: one payload, opened with the secret of `folder` and nothing else. */
export async function encryptSmall(folder: string, images: readonly Tensor[]): Promise<Uint8Array[]> {
  return withClient(folder, (client) => encryptImages(client, smallCircuits.model, images, {}));
}

/** The same with the public key in `publicFolder` and nothing else. */
export async function encryptSmallPublicly(publicFolder: string, images: readonly Tensor[]): Promise<Uint8Array[]> {
  const engine = await openCkksEngine(smallParameters);
  try {
    const encryptor = await engine.openEncryptor(await keySide(publicFolder, 'public'));
    try {
      return await encryptImages(encryptor, smallCircuits.model, images, {});
    } finally {
      encryptor.dispose();
    }
  } finally {
    engine.dispose();
  }
}

/** What the server answers, with the evaluation keys in `evaluationFolder` and nothing else. */
export async function evaluateSmall(
  evaluationFolder: string,
  payloads: readonly Uint8Array[],
  images: number,
  options: EvaluatorOptions = {},
): Promise<readonly Uint8Array[]> {
  return withSmallSession(evaluationFolder, options, async (session) => {
    return payloadsOf((await evaluatePayloads(session, payloads, images, {})).groups);
  });
}

/** The server's side, opened with the evaluation keys in `evaluationFolder`. */
export async function withSmallSession<T>(
  evaluationFolder: string,
  options: EvaluatorOptions,
  use: (session: EvaluationSession) => Promise<T>,
): Promise<T> {
  const engine = await openCkksEngine(smallParameters);
  try {
    using session = new EvaluationSession(
      smallCircuits,
      await engine.openEvaluator(await keySide(evaluationFolder, 'evaluation'), options),
    );
    return await use(session);
  } finally {
    engine.dispose();
  }
}

/** What the client reads in the answer, refused images included. */
export async function readSmall(folder: string, payloads: readonly Uint8Array[], images: number): Promise<Answer[]> {
  const groups = groupsOf(smallCircuits.model, payloads, images);
  return withClient(folder, (client) => decryptAnswers(client, smallCircuits.model, groups, images, {}));
}

/** The scores of images of which none is refused. */
export async function decryptSmall(
  folder: string,
  payloads: readonly Uint8Array[],
  images: number,
): Promise<(readonly number[])[]> {
  return scoresOf(await readSmall(folder, payloads, images));
}

/** Throws for a refused image. */
export function scoresOf(answers: readonly Answer[]): (readonly number[])[] {
  return answers.map((answer) => {
    if ('refusal' in answer) {
      throw new Error(`refused: ${JSON.stringify(answer.refusal)}`);
    }
    return answer.values;
  });
}

/** Runs with a client that holds the secret of `folder`. */
export async function withClient<T>(folder: string, use: (client: Client) => Promise<T>): Promise<T> {
  const engine = await openCkksEngine(smallParameters);
  try {
    const client = await engine.openClient(await sideOf(folder, 'secret'));
    try {
      return await use(client);
    } finally {
      client.dispose();
    }
  } finally {
    engine.dispose();
  }
}
