import type { FheErrorCode } from '../errors.js';
import type { Answer, Refusal } from '../sessions/client.js';

/** What is known of one image: its class, or why there is none. */
export type Prediction = Classified | Refused;

/** An image whose answer was refused. */
export interface Refused {
  readonly input: string;
  readonly error: { readonly code: FheErrorCode; readonly message: string };
  readonly class?: undefined;
  readonly index?: undefined;
  readonly scores?: undefined;
}

/** The class of one image. Score i belongs to class i. */
export interface Classified {
  readonly input: string;
  readonly error?: undefined;
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

/** The prediction that an answer expresses; a refused one is ERR_RANGE. */
export function predict(input: string, answer: Answer, classes: readonly string[]): Prediction {
  if ('refusal' in answer) {
    return { input, error: { code: 'ERR_RANGE', message: `${input}: ${explain(answer.refusal)}` } };
  }
  const { scores } = answer;
  const index = largestIndex(scores);
  return { input, class: classes[index] ?? String(index), index, scores };
}

function explain({ cause, images }: Refusal): string {
  const shared =
    cause === 'noise' && images > 1
      ? `; the cause may be any of the ${images} pictures that share a ciphertext: give one picture at a time`
      : '';
  return (
    "the network's numbers left their range under encryption, so that the answer would be noise; " +
    `give a picture like those that the network was trained on${shared}`
  );
}

/** Adds what the plain network and the noiseless circuit say of the same image. */
export function compare(
  prediction: Classified,
  plainScores: readonly number[],
  circuitScores: readonly number[],
): Classified {
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
