import { extentOf, type Layout } from '../circuit/layout.js';
import type { OutputEncoding, OutputPort } from '../circuit/port.js';
import type { FheErrorCode } from '../errors.js';
import type { Answer, Refusal } from '../sessions/client.js';

/** What is known of one input: its class, or what the network gives in place of scores, or why there is nothing. */
export type Prediction = Classified | Computed | Refused;

/** An image whose answer was refused. */
export interface Refused {
  readonly input: string;
  readonly error: { readonly code: FheErrorCode; readonly message: string };
  readonly class?: undefined;
  readonly index?: undefined;
  readonly scores?: undefined;
  readonly values?: undefined;
}

/** The output of one input, of a network that gives no scores. */
export interface Computed {
  readonly input: string;
  readonly error?: undefined;
  readonly class?: undefined;
  readonly index?: undefined;
  readonly scores?: undefined;
  /** Channels, height, width. */
  readonly shape: readonly [number, number, number];
  /** Of a picture pixel / 255, channel by channel and row by row. */
  readonly values: readonly number[];
  /** Of the network's own numbers: largest difference from the plain network's. */
  readonly maxError?: number;
  /** As of `Classified`. */
  readonly precisionBits?: number | null;
}

/** The class of one image. Score i belongs to class i. */
export interface Classified {
  readonly input: string;
  readonly error?: undefined;
  readonly values?: undefined;
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
export function predict(input: string, answer: Answer, { encoding, layout }: OutputPort): Prediction {
  if ('refusal' in answer) {
    return { input, error: { code: 'ERR_RANGE', message: `${input}: ${explain(answer.refusal)}` } };
  }
  if (encoding.kind !== 'scores') {
    const shape = shapeOf(layout);
    return { input, shape, values: meaningOf(encoding, answer.values, shape[0]) };
  }
  const scores = answer.values;
  const index = largestIndex(scores);
  return { input, class: encoding.classes[index] ?? String(index), index, scores };
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

/** Adds what the plain network and the noiseless circuit say of the same input; all of the network's own numbers. */
export function compare<Kind extends Classified | Computed>(
  prediction: Kind,
  found: readonly number[],
  plain: readonly number[],
  circuit: readonly number[],
): Kind {
  const meanError = mean(differences(found, circuit));
  const largest = circuit.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  return {
    ...prediction,
    ...(prediction.scores === undefined ? {} : { plainScores: plain, circuitScores: circuit }),
    maxError: differences(found, plain).reduce((size, value) => Math.max(size, value), 0),
    precisionBits: meanError === 0 ? null : -Math.log2(meanError / largest),
  };
}

/** Outputs as they are meant: of a picture pixel / 255, else the numbers themselves. */
function meaningOf(encoding: OutputEncoding, values: readonly number[], channels: number): readonly number[] {
  if (encoding.kind !== 'picture') {
    return values;
  }
  const plane = values.length / channels;
  return values.map((value, index) => {
    const channel = Math.floor(index / plane);
    return value * encoding.deviation[channel]! + encoding.mean[channel]!;
  });
}

/** Channels, height and width of a value. */
export function shapeOf(layout: Layout): readonly [number, number, number] {
  return [extentOf(layout, 'channel'), extentOf(layout, 'row'), extentOf(layout, 'column')];
}

/** Absolute differences, element by element. */
export function differences(left: readonly number[], right: readonly number[]): number[] {
  return left.map((value, index) => Math.abs(value - (right[index] ?? Number.NaN)));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
