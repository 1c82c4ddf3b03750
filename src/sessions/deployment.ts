import type { Deployment, Profile } from '../catalogue/profile.js';
import { defaultProfileName, findProfile } from '../catalogue/profiles.js';
import type { Circuit } from '../circuit/circuit.js';
import { capacityOf, packingFor } from '../circuit/port.js';
import { costModel } from '../cost/engine-cost.js';
import { referenceRates } from '../cost/rates.js';
import type { KeyPlan } from '../engine/engine.js';
import { FheError } from '../errors.js';
import { readNetworkFolder } from '../network/folder/read.js';
import { activationsOf, type Graph } from '../network/graph.js';
import { loadCard, loadNetwork, weightsPath } from '../network/weights/load.js';
import { checkPlan, planCircuit } from '../planning/complete.js';
import { committedPlan } from '../planning/plan.js';
import { searchPlan } from '../planning/search.js';
import { shown } from '../shown-text.js';
import type { KeyFolder } from '../store/key-set.js';
import { parseDeployment, readPlanFile } from './plan-file.js';

export type { Deployment };

/** A deployment with its network: what an evaluator needs. */
export interface Model extends Deployment {
  readonly graph: Graph;
}

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

/** The same with the network, whose structure must be that of the plan. Throws as `loadDeployment`, and ERR_NETWORK. */
export async function loadModel(choice: DeploymentChoice): Promise<Model> {
  const { profile, plan } = await loadDeployment(choice);
  const graph = await loadGraph(choice, profile);
  checkPlan(graph, profile.parameters, plan);
  return { profile, graph, plan };
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

/** The same with the network. Throws ERR_USAGE where keys are of a network whose folder is not named. */
export async function modelOf({ folder, manifest }: KeyFolder, choice: DeploymentChoice): Promise<Model> {
  if (choice.network === undefined && manifest.deployment !== undefined) {
    throw new FheError(
      'ERR_USAGE',
      `--network: the keys in ${folder} are of the network ${shown(manifest.profile)}; name its folder, which has the weights`,
    );
  }
  return loadModel({ ...choice, profile: choice.network === undefined ? manifest.profile : undefined });
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

async function loadGraph({ network, weights }: DeploymentChoice, profile: Profile): Promise<Graph> {
  if (network !== undefined) {
    return (await readNetworkFolder(network)).graph;
  }
  const { graph } = await loadNetwork(weights ?? weightsPath(profile.network));
  checkActivations(graph, profile, weights ?? profile.network);
  return graph;
}

/**
 * `weights`, where they are not those that come with the program: what belongs to them, classes, how large scores are and
 * how pictures are normalised, is read from their card.
 */
async function profileDeployment(profileName: string, weights: string | undefined): Promise<Deployment> {
  const profile = findProfile(profileName);
  const plan = committedPlan(profileName);
  if (plan === undefined) {
    const { graph } = await loadNetwork(weights ?? weightsPath(profile.network));
    return { profile, plan: searchPlan(graph, profile.parameters, profile.name) };
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

/** Throws ERR_PROFILE when the network, from `source`, has squares where the profile evaluates ReLU, or the reverse. */
function checkActivations(graph: Graph, { name, parameters }: Profile, source: string): void {
  const bootstraps = parameters.engine === 'openfhe' && parameters.bootstrap !== undefined;
  const expected = bootstraps ? 'relu' : 'square';
  const found = activationsOf(graph).some((node) => node.function.name === 'relu') ? 'relu' : 'square';
  if (found !== expected) {
    const of = `${name} takes a network with ${expected} activations`;
    throw new FheError('ERR_PROFILE', `${source}: ${of}, found ${found} activations`);
  }
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

/** Makes each circuit of a model once; images in a group decide on the packing, and the packing on the circuit. */
export class CircuitSource {
  private readonly circuits = new Map<string, Circuit>();

  constructor(readonly model: Model) {}

  /** Makes the circuits that `images` images need. */
  plan(images: number): void {
    for (const size of new Set(groupSizes(images, maximumImages(this.model)))) {
      this.circuitFor(size);
    }
  }

  circuitFor(images: number): Circuit {
    const { graph, profile, plan } = this.model;
    const packing = packingFor(plan.packing, images);
    const key = JSON.stringify(packing);
    const circuit = this.circuits.get(key) ?? planCircuit(graph, profile.parameters, packing, plan);
    this.circuits.set(key, circuit);
    return circuit;
  }
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
