import { existsSync } from 'node:fs';
import type { Profile } from '../catalogue/profile.js';
import { findProfile, profileNames } from '../catalogue/profiles.js';
import type { Circuit, Step } from '../circuit/circuit.js';
import { diagonalCount } from '../circuit/linear-step.js';
import { costModel } from '../cost/engine-cost.js';
import { totalKeyBytes } from '../cost/key-bytes.js';
import { type Rates, ratesOf } from '../cost/rates.js';
import { engineStatus } from '../engine/registry.js';
import { weightsPath } from '../network/weights/load.js';
import { predict, predictStepSeconds } from '../planning/predict.js';
import type { EngineName, Parameters } from '../scheme/parameters.js';
import { CircuitSource, loadModel, maximumImages } from '../sessions/deployment.js';
import { machineRates } from '../sessions/machine-rates.js';
import { estimateSecurity, type SecurityEstimate } from './protection.js';

export interface DescribeProfilesOptions {
  /** One profile instead of all. */
  readonly profile?: string | undefined;
  /** Also describe the plan of one image. */
  readonly circuit?: boolean | undefined;
}

export interface ProfileDescription {
  readonly profile: string;
  readonly description: string;
  readonly engine: EngineName;
  readonly engineAvailable: boolean;
  readonly network: string;
  readonly security: SecurityEstimate;
  /** Null when the weights of the profile's network are not there. */
  readonly model: ModelDescription | null;
}

export interface ModelDescription {
  readonly planHash: string;
  /** Images that one ciphertext holds at most. */
  readonly maximumImages: number;
  /** Predictions for one image. */
  readonly keyBytes: number;
  readonly peakMemoryBytes: number;
  readonly seconds: number;
  /** The machine, kernels and threads that predicted seconds are for, in words. */
  readonly predictedFor: string;
  readonly circuit?: CircuitDescription;
}

export interface CircuitDescription {
  readonly slots: number;
  readonly inputLevel: number;
  readonly stages: readonly StageDescription[];
}

export interface StageDescription {
  readonly name: string;
  /** Rotations for which the stage reads a key. */
  readonly rotations: readonly number[];
  /** Of all keys that the stage reads. */
  readonly keyBytes: number;
  readonly predictedSeconds: number;
  readonly steps: readonly StepDescription[];
}

export interface StepDescription {
  readonly name: string;
  readonly kind: Step['kind'];
  readonly level: number;
  /** Diagonals that a linear step multiplies by. */
  readonly diagonals: number;
  readonly predictedSeconds: number;
}

/** Describes one profile or all. Throws ERR_PROFILE, and ERR_WEIGHTS when a profile is named and lacks its weights. */
export async function describeProfiles(options: DescribeProfilesOptions = {}): Promise<ProfileDescription[]> {
  const withCircuit = options.circuit === true;
  if (options.profile !== undefined) {
    const profile = findProfile(options.profile);
    return [describeProfile(profile, await describeModel(profile, withCircuit))];
  }
  const descriptions: ProfileDescription[] = [];
  for (const profile of profileNames.map(findProfile)) {
    const model = existsSync(weightsPath(profile.network)) ? await describeModel(profile, withCircuit) : null;
    descriptions.push(describeProfile(profile, model));
  }
  return descriptions;
}

function describeProfile(profile: Profile, model: ModelDescription | null): ProfileDescription {
  return {
    profile: profile.name,
    description: profile.description,
    engine: profile.parameters.engine,
    engineAvailable: engineStatus().some((engine) => engine.name === profile.parameters.engine && engine.available),
    network: profile.network,
    security: estimateSecurity(profile.parameters),
    model,
  };
}

async function describeModel(profile: Profile, withCircuit: boolean): Promise<ModelDescription> {
  const model = await loadModel(profile.name);
  const circuit = new CircuitSource(model).circuitFor(1);
  const rates = await machineRates(profile.parameters.engine);
  const { peakMemoryBytes, seconds } = predict(circuit, profile.parameters, rates);
  return {
    planHash: model.plan.hash,
    maximumImages: maximumImages(model),
    keyBytes: model.plan.keyBytes,
    peakMemoryBytes,
    seconds,
    predictedFor: ratesOf(profile.parameters, rates).machine,
    ...(withCircuit ? { circuit: describeCircuit(circuit, profile.parameters, rates) } : {}),
  };
}

function describeCircuit(circuit: Circuit, parameters: Parameters, rates: Rates): CircuitDescription {
  const predictSeconds = predictStepSeconds(parameters, rates);
  const costs = costModel(parameters, rates);
  return {
    slots: circuit.slots,
    inputLevel: circuit.input.level,
    stages: circuit.stages.map(({ name, steps, keys }) => ({
      name,
      rotations: keys.rotations,
      keyBytes: totalKeyBytes([keys], costs.keysOnDisk),
      predictedSeconds: steps.reduce((sum, step) => sum + predictSeconds(step), 0),
      steps: steps.map((step) => ({
        name: step.name,
        kind: step.kind,
        level: step.level,
        diagonals: step.kind === 'linear' ? diagonalCount(step) : 0,
        predictedSeconds: predictSeconds(step),
      })),
    })),
  };
}
