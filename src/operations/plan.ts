import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { profileNames } from '../catalogue/profiles.js';
import { capacityOf } from '../circuit/port.js';
import { ratesOf } from '../cost/rates.js';
import { FheError } from '../errors.js';
import { readNetworkFolder } from '../network/folder/read.js';
import { defaultPrecisionBits, planNetwork } from '../planning/network-plan.js';
import { predict } from '../planning/predict.js';
import { type Deployment, type DeploymentChoice, keySetBytes, loadDeployment } from '../sessions/deployment.js';
import { notice, type OperationControls } from '../sessions/events.js';
import { machineRates } from '../sessions/machine-rates.js';
import { CircuitSource, type Model } from '../sessions/model.js';
import { planFile, writePlanFile } from '../sessions/plan-file.js';
import { checkOptions } from './check-options.js';
import { estimateSecurity, type SecurityEstimate } from './protection.js';

export interface PlanOptions extends OperationControls {
  /** Folder of the network; the plan is written beside it. */
  readonly network: string;
  /** Bits that the noise of one layer leaves of values of size 1; default: 10. */
  readonly precision?: number | undefined;
  /** Pictures that are to be evaluated at a time; default: 1. */
  readonly images?: number | undefined;
}

/** What a group of pictures takes. */
export interface PlannedGroup {
  readonly images: number;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
}

export interface PlannedNetwork {
  readonly network: string;
  /** The file that was written. */
  readonly file: string;
  readonly planHash: string;
  readonly security: SecurityEstimate;
  /** Rescalings of a fresh ciphertext. */
  readonly levels: number;
  readonly moduliBits: readonly number[];
  readonly specialPrimes: number;
  readonly digits: number;
  readonly layout: 'columns-outermost' | 'batch';
  /** Ciphertexts that a group of pictures takes. */
  readonly ciphertexts: number;
  /** Rotations for which there are keys. */
  readonly rotations: number;
  /** Of a whole key set. */
  readonly keyBytes: number;
  /** One picture, and as many as a group holds. */
  readonly groups: readonly PlannedGroup[];
  readonly predictedFor: string;
}

/**
 * Searches parameters and a plan for a network and writes them into its folder. Throws ERR_NETWORK where no parameters have
 * room or the network can't be computed, and what reading the folder throws.
 */
export async function plan(options: PlanOptions): Promise<PlannedNetwork> {
  checkOptions(options, 'network');
  const { model, file } = await makePlan(options);
  const { parameters } = model.profile;
  const rates = await machineRates(parameters.engine);
  const circuits = new CircuitSource(model);
  const sizes = new Set([1, capacityOf(model.plan.packing)]);
  return {
    ...describe(model),
    file,
    groups: [...sizes].map((images) => {
      const { seconds, peakMemoryBytes } = predict(circuits.circuitFor(images), parameters, rates);
      return { images, seconds, peakMemoryBytes };
    }),
    predictedFor: ratesOf(parameters, rates).machine,
  };
}

/** The chosen deployment; a network's folder without a plan is planned first, which is said. Throws as both. */
export async function plannedDeployment(choice: DeploymentChoice & OperationControls): Promise<Deployment> {
  const { network } = choice;
  if (network !== undefined && !existsSync(join(network, planFile))) {
    const { file } = await makePlan({ ...choice, network });
    notice(choice, `${file}: there was no plan, so one was made`);
  }
  return loadDeployment(choice);
}

async function makePlan({ network, ...options }: PlanOptions): Promise<{ model: Model; file: string }> {
  const { graph } = await readNetworkFolder(network);
  const { name } = graph;
  if (profileNames.includes(name)) {
    throw new FheError('ERR_NETWORK', `${network}: a network can't have the name of the profile ${name}; rename it`);
  }
  const request = { precisionBits: options.precision ?? defaultPrecisionBits, images: options.images ?? 1 };
  const { parameters, plan: planned } = planNetwork(graph, name, request);
  const description = `planned for ${request.precisionBits} bits and ${request.images} picture${request.images === 1 ? '' : 's'} at a time`;
  const deployment: Deployment = { profile: { name, description, network: name, parameters }, plan: planned };
  return { model: { ...deployment, graph }, file: await writePlanFile(network, deployment) };
}

function describe(model: Model): Omit<PlannedNetwork, 'file' | 'groups' | 'predictedFor'> {
  const { profile, plan: planned } = model;
  const { parameters } = profile;
  if (parameters.engine !== 'ckks') {
    throw new RangeError('networks are planned for the ckks engine');
  }
  return {
    network: profile.name,
    planHash: planned.hash,
    security: estimateSecurity(parameters),
    levels: planned.input.level,
    moduliBits: parameters.moduliBits,
    specialPrimes: Math.max(...parameters.specialPrimes),
    digits: Math.max(...parameters.digits),
    layout: planned.layout ?? 'columns-outermost',
    ciphertexts: planned.input.registers.length,
    rotations: new Set(planned.stages.flatMap(({ keys }) => keys.rotations)).size,
    keyBytes: keySetBytes(model),
  };
}
