import { formatBytes } from '../byte-size.js';
import type { Inference } from '../operations/infer.js';
import type { Classified, Prediction } from '../operations/prediction.js';
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
    .map((prediction) => renderPrediction(prediction, classes, strong))
    .join('\n\n');
}

function renderPrediction(prediction: Classified, classes: readonly string[], strong: Strong): string {
  const { plainScores, circuitScores, maxError, precisionBits } = prediction;
  const columns = [prediction.scores, plainScores, circuitScores].filter((scores) => scores !== undefined);
  const heading = columns.length > 1 ? [['  class', 'score', 'plain', 'circuit']] : [];
  const rows = classes.map((name, index) => [`  ${name}`, ...columns.map((scores) => (scores[index] ?? 0).toFixed(4))]);
  const lines = [
    `${prediction.input}: ${strong(prediction.class)}`,
    formatTable([...heading, ...rows], new Set([1, 2, 3])),
  ];
  if (maxError !== undefined) {
    const precision = typeof precisionBits === 'number' ? `${precisionBits.toFixed(1)} bits` : 'exact';
    lines.push(`  largest error against plain ${maxError.toExponential(2)}, precision against circuit ${precision}`);
  }
  return lines.join('\n');
}
