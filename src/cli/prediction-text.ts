import { formatBytes } from '../byte-size.js';
import type { Inference } from '../operations/infer.js';
import type { Classified, Computed, Prediction } from '../operations/prediction.js';
import { formatDuration, formatTable } from './format.js';

type Strong = (text: string) => string;

/** Predictions, then time and memory. */
export function renderInference(inference: Inference, strong: Strong): string {
  const { seconds, images } = inference;
  const perImage = images.length > 1 ? ` (${formatDuration(seconds.circuit / images.length)} per picture)` : '';
  const keys = inference.encrypted ? `, evaluation keys ${formatBytes(inference.keyBytes)}` : '';
  const predictions = renderPredictions(images, inference.classes, strong);
  return [
    ...(predictions === '' ? [] : [predictions, '']),
    `circuit ${formatDuration(seconds.circuit)}${perImage}, in all ${formatDuration(seconds.total)}; ` +
      `peak memory ${formatBytes(inference.peakRssBytes)}${keys}`,
  ].join('\n');
}

/** For each image that has one its class and a line per score; with a comparison also the other scores and their distance. */
export function renderPredictions(
  predictions: readonly Prediction[],
  classes: readonly string[],
  strong: Strong,
): string {
  return predictions
    .filter((prediction) => prediction.error === undefined)
    .map((prediction) =>
      prediction.values === undefined ? renderPrediction(prediction, classes, strong) : renderComputed(prediction),
    )
    .join('\n\n');
}

/** What can't be printed is described. */
function renderComputed(prediction: Computed): string {
  const { input, shape, values } = prediction;
  const [least, largest] = [Math.min, Math.max].map((extreme) => values.reduce((left, right) => extreme(left, right)));
  return [
    `${input}: ${shape.join(' x ')} values from ${least!.toFixed(4)} to ${largest!.toFixed(4)}`,
    ...renderErrors(prediction),
  ].join('\n');
}

function renderPrediction(prediction: Classified, classes: readonly string[], strong: Strong): string {
  const { plainScores, circuitScores } = prediction;
  const columns = [prediction.scores, plainScores, circuitScores].filter((scores) => scores !== undefined);
  const heading = columns.length > 1 ? [['  class', 'score', 'plain', 'circuit']] : [];
  const rows = classes.map((name, index) => [`  ${name}`, ...columns.map((scores) => (scores[index] ?? 0).toFixed(4))]);
  return [
    `${prediction.input}: ${strong(prediction.class)}`,
    formatTable([...heading, ...rows], new Set([1, 2, 3])),
    ...renderErrors(prediction),
  ].join('\n');
}

function renderErrors({ maxError, precisionBits }: Classified | Computed): string[] {
  if (maxError === undefined) {
    return [];
  }
  const precision = typeof precisionBits === 'number' ? `${precisionBits.toFixed(1)} bits` : 'exact';
  return [`  largest error against plain ${maxError.toExponential(2)}, precision against circuit ${precision}`];
}
