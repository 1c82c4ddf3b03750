import type { Deployment, Profile } from '../catalogue/profile.js';
import type { Circuit } from '../circuit/circuit.js';
import { packingFor } from '../circuit/port.js';
import { FheError } from '../errors.js';
import { readNetworkFolder } from '../network/folder/read.js';
import { activationsOf, type Graph } from '../network/graph.js';
import { loadNetwork, weightsPath } from '../network/weights/load.js';
import { checkPlan, planCircuit } from '../planning/complete.js';
import { shown } from '../shown-text.js';
import type { KeyFolder } from '../store/key-set.js';
import { type DeploymentChoice, groupSizes, loadDeployment, maximumImages } from './deployment.js';

/** A deployment with its network: what an evaluator needs. */
export interface Model extends Deployment {
  readonly graph: Graph;
}

/** A deployment with its network, whose structure must be that of the plan. Throws as `loadDeployment`, and ERR_NETWORK. */
export async function loadModel(choice: DeploymentChoice): Promise<Model> {
  const { profile, plan } = await loadDeployment(choice);
  const graph = await loadGraph(choice, profile);
  checkPlan(graph, profile.parameters, plan);
  return { profile, graph, plan };
}

/** The model that keys were made for, as `deploymentOf`. Throws ERR_USAGE where keys are of a network whose folder is not named. */
export async function modelOf({ folder, manifest }: KeyFolder, choice: DeploymentChoice): Promise<Model> {
  if (choice.network === undefined && manifest.deployment !== undefined) {
    throw new FheError(
      'ERR_USAGE',
      `--network: the keys in ${folder} are of the network ${shown(manifest.profile)}; name its folder, which has the weights`,
    );
  }
  return loadModel({ ...choice, profile: choice.network === undefined ? manifest.profile : undefined });
}

async function loadGraph({ network, weights }: DeploymentChoice, profile: Profile): Promise<Graph> {
  if (network !== undefined) {
    return (await readNetworkFolder(network)).graph;
  }
  const { graph } = await loadNetwork(weights ?? weightsPath(profile.network));
  checkActivations(graph, profile, weights ?? profile.network);
  return graph;
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
