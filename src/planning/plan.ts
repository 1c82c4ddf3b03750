import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { KeyRequirements, RotationSplit } from '../circuit/circuit.js';
import type { Profile } from '../scheme/parameters.js';

/** The choices made for one step. Linear steps alone have a split, folds, diagonals and a period. */
export interface PlannedStep {
  readonly name: string;
  readonly kind: 'linear' | 'square' | 'polynomial' | 'bootstrap';
  readonly level: number;
  readonly linear?: PlannedLinear | undefined;
  /** Predicted from the committed rates. */
  readonly seconds: number;
}

export interface PlannedLinear extends RotationSplit {
  readonly diagonals: number;
  readonly period: number;
  readonly folds: readonly number[];
  /** The split for images in the real part alone, where it differs. */
  readonly real?: RotationSplit | undefined;
}

export interface PlannedStage {
  readonly name: string;
  readonly keys: KeyRequirements;
  readonly steps: readonly PlannedStep[];
}

/** What the planner decided for a profile and network shape, for the largest packing. Committed; a run never replans. */
export interface Plan {
  readonly format: 1;
  readonly profile: string;
  readonly slots: number;
  readonly stages: readonly PlannedStage[];
  readonly seconds: number;
  readonly keyBytes: number;
  /** What key sets and ciphertexts carry: planHash of all this and the profile's parameters. */
  readonly hash: string;
}

/** The plan committed for a profile; undefined for the profiles that only tests use. */
export function committedPlan(profileName: string): Plan | undefined {
  const file = new URL(`../../plans/${profileName}.json`, import.meta.url);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Plan) : undefined;
}

/** SHA-256, hexadecimal, of the profile's parameters and all choices of the plan; predictions do not count. */
export function planHash(plan: Omit<Plan, 'hash'>, profile: Profile): string {
  const stages = plan.stages.map(({ name, keys, steps }) => ({
    name,
    keys,
    steps: steps.map(({ seconds: _, ...choices }) => choices),
  }));
  const decided = {
    format: plan.format,
    profile: plan.profile,
    parameters: profile.ckks ?? profile.openfhe,
    secret: profile.secret,
    slots: plan.slots,
    stages,
  };
  return createHash('sha256').update(JSON.stringify(decided)).digest('hex');
}
