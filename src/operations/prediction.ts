/** The class of one image. Score i belongs to class i. */
export interface Prediction {
  readonly input: string;
  readonly class: string;
  readonly index: number;
  readonly scores: readonly number[];
  /** Scores of the float network with its true activation. */
  readonly plainScores?: readonly number[];
  /** Scores of the same circuit on the noiseless simulator. */
  readonly circuitScores?: readonly number[];
  /** Largest difference of a score from the plain one. */
  readonly maxError?: number;
  /** -log2 of the mean error against the circuit, over the largest score; null when there is no error at all. */
  readonly precisionBits?: number | null;
}

/** Index of the largest score. */
export function largestIndex(scores: readonly number[]): number {
  return scores.reduce((best, score, index) => (score > (scores[best] ?? Number.NEGATIVE_INFINITY) ? index : best), 0);
}

/** The prediction that the scores express. */
export function predict(input: string, scores: readonly number[], classes: readonly string[]): Prediction {
  const index = largestIndex(scores);
  return { input, class: classes[index] ?? String(index), index, scores };
}

/** Adds what the plain network and the noiseless circuit say of the same image. */
export function compare(
  prediction: Prediction,
  plainScores: readonly number[],
  circuitScores: readonly number[],
): Prediction {
  const { scores } = prediction;
  const meanError = mean(differences(scores, circuitScores));
  const largestScore = Math.max(...circuitScores.map(Math.abs));
  return {
    ...prediction,
    plainScores,
    circuitScores,
    maxError: Math.max(...differences(scores, plainScores)),
    precisionBits: meanError === 0 ? null : -Math.log2(meanError / largestScore),
  };
}

/** Absolute differences, element by element. */
export function differences(left: readonly number[], right: readonly number[]): number[] {
  return left.map((value, index) => Math.abs(value - (right[index] ?? Number.NaN)));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
