import { existsSync } from 'node:fs';
import type { Profile } from '../catalogue/profile.js';
import { findProfile, profileNames } from '../catalogue/profiles.js';
import { ratesOf } from '../cost/rates.js';
import { engineStatus } from '../engine/registry.js';
import { weightsPath } from '../network/weights/load.js';
import { predict } from '../planning/predict.js';
import type { EngineName } from '../scheme/parameters.js';
import { type DeploymentChoice, maximumImages } from '../sessions/deployment.js';
import { machineRates } from '../sessions/machine-rates.js';
import { CircuitSource, loadModel, type Model } from '../sessions/model.js';
import { estimateSecurity, type SecurityEstimate } from './protection.js';

export interface DescribeProfilesOptions extends Pick<DeploymentChoice, 'network'> {
  /** One profile instead of all. */
  readonly profile?: string | undefined;
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
}

/** Describes one profile, or all, or the plan in a network's folder. Throws ERR_PROFILE, and ERR_WEIGHTS when a profile is named and lacks its weights. */
export async function describeProfiles(options: DescribeProfilesOptions = {}): Promise<ProfileDescription[]> {
  if (options.profile !== undefined || options.network !== undefined) {
    const model = await loadModel(options);
    return [describeProfile(model.profile, await describeModel(model))];
  }
  const descriptions: ProfileDescription[] = [];
  for (const profile of profileNames.map(findProfile)) {
    const model = existsSync(weightsPath(profile.network))
      ? await describeModel(await loadModel({ profile: profile.name }))
      : null;
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

async function describeModel(model: Model): Promise<ModelDescription> {
  const { profile } = model;
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
  };
}
