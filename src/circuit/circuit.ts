import type { ChebyshevPolynomial } from '../chebyshev.js';
import type { Layout } from './layout.js';
import type { Diagonals } from './linear-map.js';
import type { InputPort, OutputPort, Packing } from './port.js';
import type { Register } from './register.js';

/**
 * Baby-step giant-step split: every offset o of every term is babySteps[i] + giantSteps[j] modulo the slot count, for
 * the pair that `assignOffsets` looks up. Rotation by k means output[i] = input[i + k]; 0 is a step that costs nothing.
 *
 * The giant steps form a tree, so that few keys serve many of them. The sum of giant step j, with what its children
 * added to it, is rotated by its hop, giantSteps[j] - giantSteps[giantParents[j]], and added to the sum of its parent:
 *
 *   for j in order: S[giantParents[j]] += rotate(S[j], hop(j));  the result is the last S.
 *
 * Children come before their parents. The last giant step is the root: its step is 0 and its parent is -1.
 * Keys are needed for the baby steps and the hops, not for the giant steps themselves.
 */
export interface RotationSplit {
  readonly babySteps: readonly number[];
  readonly giantSteps: readonly number[];
  readonly giantParents: readonly number[];
  /**
   * For inputs that are real: the engine packs a source z as z + i rotate(z, imaginaryShift) where that lets one product
   * serve two offsets, baby + giant and baby + giant + imaginaryShift, and takes the real part of the sum (conjugation).
   */
  readonly imaginaryShift?: number | undefined;
}

export interface LinearTerm {
  readonly source: Register;
  readonly diagonals: Diagonals;
}

/** One ciphertext that a linear step writes. */
export interface LinearOutput {
  readonly register: Register;
  readonly terms: readonly LinearTerm[];
  /** Added to every slot, to the imaginary part too when the step is `conjugate`; its length is a period. */
  readonly bias: Float64Array;
}

interface StepBase {
  /** Human name of the layer, used in progress, traces and errors. */
  readonly name: string;
  /** Level at which the step runs: the number of rescalings that its input still allows. */
  readonly level: number;
  /** Exact scale of the result. Engines whose library manages scales ignore it. */
  readonly outputScale: number;
}

/**
 * Each output = rescale( foldings( sum over giant steps g of rotate_g( sum over terms and baby steps ... ) ) + bias ).
 * Consumes one level: results are at level - 1 with exactly outputScale. All terms of all outputs share one split (baby
 * steps of a source are paid once, giant steps once an output), and all diagonals and biases one period. A term's source
 * may be at a higher level; the engine drops it to `level`.
 * `folds`: rotations applied in order as value += rotate(value), after the giant steps and before the bias.
 * `conjugate`: the results also carry their complex conjugate, which a component-wise square needs.
 */
export interface LinearStep extends StepBase {
  readonly kind: 'linear';
  readonly slots: number;
  readonly outputs: readonly LinearOutput[];
  readonly split: RotationSplit;
  readonly folds: readonly number[];
  /** True on every linear step of a circuit that packs images in the imaginary part. */
  readonly conjugate: boolean;
  /** Of the first term's sources, and of the results. */
  readonly inputLayout: Layout;
  readonly outputLayout: Layout;
}

/**
 * target = source^2, relinearised and *not* rescaled: level unchanged, scale squared (engines with library-managed
 * scales may rescale). `componentwise`: (a + ib) becomes a^2 + i b^2, the square of the images in both parts.
 */
export interface SquareStep extends StepBase {
  readonly kind: 'square';
  readonly source: Register;
  readonly target: Register;
  readonly componentwise: boolean;
}

/** target = polynomial(source); consumes `levels` levels. */
export interface PolynomialStep extends StepBase {
  readonly kind: 'polynomial';
  readonly source: Register;
  readonly target: Register;
  readonly polynomial: ChebyshevPolynomial;
  readonly levels: number;
}

/** target = source + rotate(source, rotation); level and scale stay. */
export interface FoldStep extends StepBase {
  readonly kind: 'fold';
  readonly source: Register;
  readonly target: Register;
  readonly rotation: number;
}

/** target = source, refreshed to the profile's level after bootstrapping. Values must lie in [-bound, bound]. */
export interface BootstrapStep extends StepBase {
  readonly kind: 'bootstrap';
  readonly source: Register;
  readonly target: Register;
  readonly bound: number;
}

export type Step = LinearStep | SquareStep | PolynomialStep | FoldStep | BootstrapStep;

/** Registers that a step reads, each once. */
export function sourcesOf(step: Pick<LinearStep, 'kind' | 'outputs'> | Exclude<Step, LinearStep>): readonly Register[] {
  return step.kind === 'linear'
    ? [...new Set(step.outputs.flatMap(({ terms }) => terms.map(({ source }) => source)))]
    : [step.source];
}

/** Registers that a step writes. */
export function targetsOf(step: Step): readonly Register[] {
  return step.kind === 'linear' ? step.outputs.map(({ register }) => register) : [step.target];
}

/** Which keys a stage reads; the unit of streaming. Rotations are nonzero, reduced to (-slots/2, slots/2], ascending. */
export interface KeyRequirements {
  readonly rotations: readonly number[];
  readonly relinearization: boolean;
  readonly conjugation: boolean;
  readonly bootstrap: boolean;
  /** Highest level at which any of these keys is used. */
  readonly level: number;
}

/** The unit of key streaming, progress, cancellation and checkpoint. */
export interface Stage {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly keys: KeyRequirements;
}

/**
 * A circuit for one network, profile and packing. Registers are written once. A register may be dropped after the last
 * step that reads it.
 */
export interface Circuit {
  readonly slots: number;
  readonly packing: Packing;
  readonly input: InputPort;
  readonly output: OutputPort;
  readonly stages: readonly Stage[];
}
