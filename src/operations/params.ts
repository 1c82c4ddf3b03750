import { predict, predictStepSeconds } from '../capacity/prediction.js';
import type { Circuit, Step } from '../circuit/circuit.js';
import { engineStatus } from '../engine/registry.js';
import type { EngineName } from '../profile/profile.js';
import { findProfile, profileNames } from '../profile/profiles.js';
import { CircuitSource, loadModel } from './model.js';
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
  readonly planHash: string;
  readonly maximumImages: number;
  /** Predictions for one image. */
  readonly predicted: { readonly keyBytes: number; readonly peakMemoryBytes: number; readonly seconds: number };
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

/** Describes one profile or all. Throws ERR_PROFILE or ERR_WEIGHTS. */
export async function describeProfiles(options: DescribeProfilesOptions = {}): Promise<ProfileDescription[]> {
  const names = options.profile === undefined ? profileNames : [findProfile(options.profile).name];
  const descriptions: ProfileDescription[] = [];
  for (const name of names) {
    descriptions.push(await describeProfile(name, options.circuit === true));
  }
  return descriptions;
}

async function describeProfile(name: string, withCircuit: boolean): Promise<ProfileDescription> {
  const model = await loadModel(name);
  const { profile } = model;
  const circuit = new CircuitSource(model).circuitFor(1);
  const { keyBytes, peakMemoryBytes, seconds } = predict(circuit, profile);
  return {
    profile: name,
    description: profile.description,
    engine: profile.engine,
    engineAvailable: engineStatus().some((engine) => engine.name === profile.engine && engine.available),
    network: profile.network,
    security: estimateSecurity(profile),
    planHash: model.plan.hash,
    maximumImages: model.maximumImages,
    predicted: { keyBytes, peakMemoryBytes, seconds },
    ...(withCircuit ? { circuit: describeCircuit(circuit, predictStepSeconds(profile)) } : {}),
  };
}

function describeCircuit(circuit: Circuit, predictSeconds: (step: Step) => number): CircuitDescription {
  return {
    slots: circuit.slots,
    inputLevel: circuit.input.level,
    stages: circuit.stages.map(({ name, steps, keys }) => ({
      name,
      rotations: keys.rotations,
      predictedSeconds: steps.reduce((sum, step) => sum + predictSeconds(step), 0),
      steps: steps.map((step) => ({
        name: step.name,
        kind: step.kind,
        level: step.level,
        diagonals: step.kind === 'linear' ? step.terms.reduce((sum, term) => sum + term.map.diagonals.size, 0) : 0,
        predictedSeconds: predictSeconds(step),
      })),
    })),
  };
}
