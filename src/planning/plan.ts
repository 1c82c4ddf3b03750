import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { KeyRequirements, RotationSplit } from '../circuit/circuit.js';
import type { InputPort, OutputPort, Packing } from '../circuit/port.js';
import type { Parameters } from '../scheme/parameters.js';

/** The choices made for one step. Linear steps alone have a split, folds, diagonals and a period. */
export interface PlannedStep {
  readonly name: string;
  readonly kind: 'linear' | 'square' | 'polynomial' | 'fold' | 'bootstrap';
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

/**
 * What the planner decided for a network under parameters: how values enter and leave, for every packing up to the
 * largest, and the steps of the largest packing. A run never replans. Ports are all that a client needs.
 */
export interface Plan {
  readonly format: typeof planFormat;
  /** Of the profile, for people. */
  readonly name: string;
  readonly network: string;
  readonly topologyHash: string;
  readonly parametersHash: string;
  /** Undefined: columns-outermost. */
  readonly layout?: 'batch' | undefined;
  readonly slots: number;
  /** The largest. */
  readonly packing: Packing;
  readonly input: InputPort;
  readonly output: OutputPort;
  readonly stages: readonly PlannedStage[];
  readonly seconds: number;
  readonly keyBytes: number;
  /** What key sets and ciphertexts carry. */
  readonly hash: string;
}

export const planFormat = 2;

/** The plan committed for a profile; undefined for the profiles that only tests use. */
export function committedPlan(name: string): Plan | undefined {
  const file = new URL(`../../plans/${name}.json`, import.meta.url);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Plan) : undefined;
}

/**
 * SHA-256, hexadecimal, of all choices of a plan. Predictions do not count, nor does what belongs to weights: names of
 * classes, how large scores are and how pictures are normalised; nor do zero slots, which follow from the rest and change
 * neither keys nor ciphertexts.
 */
export function planHash(plan: Omit<Plan, 'hash'>): string {
  const { format, topologyHash, parametersHash, layout, slots, packing, input, output } = plan;
  const { mean: _mean, deviation: _deviation, ...encoding } = input.encoding;
  const stages = plan.stages.map(({ name, keys, steps }) => ({
    name,
    keys,
    steps: steps.map(({ seconds: _, ...choices }) => choices),
  }));
  const { zeros: _zeros, ...chosen } = output;
  const outputPort = { ...chosen, encoding: output.encoding.kind };
  return sha256({
    format,
    topologyHash,
    parametersHash,
    layout,
    slots,
    packing,
    input: { ...input, encoding },
    outputPort,
    stages,
  });
}

export function parametersHash(parameters: Parameters): string {
  return sha256(parameters);
}

function sha256(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
