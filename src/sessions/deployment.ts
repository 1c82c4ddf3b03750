import { findProfile } from '../catalogue/profiles.js';
import type { Circuit } from '../circuit/circuit.js';
import { capacityOf, type Packing } from '../circuit/port.js';
import { costModel } from '../cost/engine-cost.js';
import { referenceRates } from '../cost/rates.js';
import { FheError } from '../errors.js';
import { largestPacking, packingFor } from '../lowering/packing.js';
import { activationsOf, type Graph } from '../network/graph.js';
import { loadNetwork, weightsPath } from '../network/weights/load.js';
import { planCircuit, planOf } from '../planning/complete.js';
import type { Plan } from '../planning/plan.js';
import type { Profile } from '../scheme/parameters.js';

/** A profile with its network and plan: what a circuit is made from. */
export interface Model {
  readonly profile: Profile;
  readonly graph: Graph;
  readonly plan: Plan;
  /** The fullest packing of images in a ciphertext. */
  readonly packing: Packing;
}

/**
 * Loads the profile's network (`weights` instead of the file that comes with the program) and its plan: the committed
 * one, which only the profiles for tests do without. Throws ERR_PROFILE or ERR_WEIGHTS.
 */
export async function loadModel(profileName: string, weights?: string): Promise<Model> {
  const profile = findProfile(profileName);
  const { graph } = await loadNetwork(weights ?? weightsPath(profile.network));
  checkActivations(graph, profile, weights ?? profile.network);
  const plan = planOf(graph, profile);
  return { profile, graph, plan, packing: largestPacking(graph, profile) };
}

/** Throws ERR_PROFILE when the network, from `source`, has squares where the profile evaluates ReLU, or the reverse. */
function checkActivations(graph: Graph, profile: Profile, source: string): void {
  const expected = profile.openfhe?.bootstrap === undefined ? 'square' : 'relu';
  const found = activationsOf(graph).some((node) => node.function.name === 'relu') ? 'relu' : 'square';
  if (found !== expected) {
    const of = `${profile.name} takes a network with ${expected} activations`;
    throw new FheError('ERR_PROFILE', `${source}: ${of}, found ${found} activations`);
  }
}

/** Disk space that a key set takes: evaluation keys and the public key; manifests and the secret key are small. */
export function keySetBytes({ profile, plan }: Model): number {
  const inputLevel = Math.max(...plan.stages.map(({ keys }) => keys.level));
  return plan.keyBytes + costModel(profile, referenceRates).publicKeyBytes(inputLevel);
}

/** Images that one ciphertext holds at most. */
export function maximumImages({ packing }: Model): number {
  return capacityOf(packing);
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
    const packing = packingFor(this.model.packing, images, profile.name);
    const key = JSON.stringify(packing);
    const circuit = this.circuits.get(key) ?? planCircuit(graph, profile, packing, plan);
    this.circuits.set(key, circuit);
    return circuit;
  }
}

/** How many images each ciphertext of a batch holds: as many as fit, the rest in the last one. */
export function groupSizes(images: number, maximum: number): number[] {
  const full = Array.from({ length: Math.floor(images / maximum) }, () => maximum);
  return images % maximum === 0 ? full : [...full, images % maximum];
}

/** Throws ERR_CIPHERTEXT when a file claims images that need another number of ciphertexts than it has. */
export function checkGroups(file: string, images: number, ciphertexts: number, model: Model): void {
  const needed = Math.ceil(images / maximumImages(model));
  if (needed !== ciphertexts) {
    throw new FheError('ERR_CIPHERTEXT', `${file}: ${images} images need ${needed} ciphertexts, found ${ciphertexts}`);
  }
}
