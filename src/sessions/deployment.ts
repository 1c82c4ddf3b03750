import type { Deployment } from '../catalogue/profile.js';
import { defaultProfileName, findProfile } from '../catalogue/profiles.js';
import { capacityOf } from '../circuit/port.js';
import { costModel } from '../cost/engine-cost.js';
import { referenceRates } from '../cost/rates.js';
import type { KeyPlan } from '../engine/engine.js';
import { FheError } from '../errors.js';
import { loadCard } from '../network/weights/card-file.js';
import { committedPlan } from '../planning/plan.js';
import type { KeyFolder } from '../store/key-set.js';
import { parseDeployment, readPlanFile } from './plan-file.js';

export type { Deployment };

/** Names a deployment: a profile of the catalogue, or a network's folder with its plan. */
export interface DeploymentChoice {
  /** Default: the default profile. */
  readonly profile?: string | undefined;
  /** Weights of a profile's network; default: those that come with the program. */
  readonly weights?: string | undefined;
  /** Folder of a network (`network.json`, `weights.safetensors`, `plan.json`) in place of a profile. */
  readonly network?: string | undefined;
}

/**
 * A deployment without its network, of which no weights are read: the plan of a network's folder, or a profile and its
 * committed plan. Profiles that only tests use have none, theirs is searched for the network. Throws ERR_USAGE for a
 * network beside a profile or its weights, ERR_PROFILE, ERR_WEIGHTS, and as `readPlanFile`.
 */
export async function loadDeployment(choice: DeploymentChoice): Promise<Deployment> {
  checkChoice(choice);
  return choice.network === undefined
    ? profileDeployment(choice.profile ?? defaultProfileName, choice.weights)
    : readPlanFile(choice.network);
}

/**
 * The deployment that keys were made for: that which is chosen, else the one that the key set of a network holds, else
 * their profile's. Throws as `loadDeployment`.
 */
export async function deploymentOf({ folder, manifest }: KeyFolder, choice: DeploymentChoice): Promise<Deployment> {
  if (choice.network === undefined && manifest.deployment !== undefined) {
    refuseWeights(choice);
    return parseDeployment(manifest.deployment, folder);
  }
  return loadDeployment({ ...choice, profile: choice.network === undefined ? manifest.profile : undefined });
}

function checkChoice(choice: DeploymentChoice): void {
  if (choice.network === undefined) {
    return;
  }
  refuseWeights(choice);
  if (choice.profile !== undefined) {
    throw new FheError('ERR_USAGE', '--network and a profile contradict each other: a network has a plan of its own');
  }
}

function refuseWeights({ weights }: DeploymentChoice): void {
  if (weights !== undefined) {
    throw new FheError('ERR_USAGE', '--weights: a network from a folder has weights of its own; leave it out');
  }
}

/**
 * `weights`, where they are not those that come with the program: what belongs to them, classes, how large scores are and
 * how pictures are normalised, is read from their card.
 */
async function profileDeployment(profileName: string, weights: string | undefined): Promise<Deployment> {
  const profile = findProfile(profileName);
  const plan = committedPlan(profileName);
  if (plan === undefined) {
    const { searchedPlan } = await import('./searched-plan.js');
    return { profile, plan: await searchedPlan(profile, weights) };
  }
  if (weights === undefined) {
    return { profile, plan };
  }
  const { input, classes, scoreBound } = await loadCard(weights);
  const { mean, deviation } = input;
  return {
    profile,
    plan: {
      ...plan,
      input: { ...plan.input, encoding: { ...plan.input.encoding, mean, deviation } },
      output: { ...plan.output, encoding: { kind: 'scores', classes, bound: scoreBound } },
    },
  };
}

/** What keys each stage reads, over every packing. */
export function keyPlanOf({ plan }: Deployment): KeyPlan {
  return { stages: plan.stages.map(({ name, keys }) => ({ name, keys })) };
}

/** Disk space that a key set takes: evaluation keys and the public key; manifests and the secret key are small. */
export function keySetBytes({ profile, plan }: Deployment): number {
  const inputLevel = Math.max(...plan.stages.map(({ keys }) => keys.level));
  return plan.keyBytes + costModel(profile.parameters, referenceRates).publicKeyBytes(inputLevel);
}

/** Images that the ciphertexts of one group hold at most. */
export function maximumImages({ plan }: Deployment): number {
  return capacityOf(plan.packing);
}

/** How many images each group of a batch holds: as many as fit, the rest in the last one. */
export function groupSizes(images: number, maximum: number): number[] {
  const full = Array.from({ length: Math.floor(images / maximum) }, () => maximum);
  return images % maximum === 0 ? full : [...full, images % maximum];
}

/** Throws ERR_CIPHERTEXT when a file claims images that need another number of ciphertexts than it has. */
export function checkGroups(
  file: string,
  images: number,
  ciphertexts: number,
  deployment: Deployment,
  port: 'input' | 'output',
): void {
  const groups = Math.ceil(images / maximumImages(deployment));
  const needed = groups * deployment.plan[port].registers.length;
  if (needed !== ciphertexts) {
    throw new FheError('ERR_CIPHERTEXT', `${file}: ${images} images need ${needed} ciphertexts, found ${ciphertexts}`);
  }
}
