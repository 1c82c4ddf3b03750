import { formatBytes } from '../byte-size.js';
import type {
  Explanation,
  LayoutExplanation,
  LinearExplanation,
  PortExplanation,
  StageExplanation,
  StepExplanation,
} from '../operations/explain.js';
import { formatDuration, formatTable } from './format.js';

/** A head of a few lines, a table of stages and their steps, and what the columns mean. */
export function renderExplanation(explanation: Explanation): string {
  const { profile, network, planHash, slots, images, input, output, stages, predictedFor } = explanation;
  const heading = ['step', 'what it does', 'level', 'scale', 'result', 'ciphertexts', 'distances', 'predicted'];
  const rows = stages.flatMap((stage) => [stageRow(stage), ...stage.steps.map(stepRow)]);
  const total = stages.reduce((sum, { predictedSeconds }) => sum + predictedSeconds, 0);
  return [
    `${profile}: network ${network}, plan ${planHash.slice(0, 16)}, ${slots} slots, ${images} picture${images === 1 ? '' : 's'} in a group\n` +
      `input   ${describePort(input)}\noutput  ${describePort(output)}`,
    formatTable([heading, ...rows], new Set([2, 3, 5, 7])),
    'level: rescalings that are left before the step. scale: of its result. result: channels x rows x columns.\n' +
      'distances: slots between neighbouring channels, rows and columns; 0 where they lie in different ciphertexts.',
    `predicted: ${formatDuration(total)} in all, on ${predictedFor}`,
  ].join('\n\n');
}

function describePort(port: PortExplanation): string {
  const { level, scaleBits, ciphertexts, images } = port;
  const count = `${ciphertexts} ciphertext${ciphertexts === 1 ? '' : 's'}`;
  return (
    `${describeShape(port)}, ${count} with ${images} position${images === 1 ? '' : 's'} for pictures, ` +
    `level ${level}, scale 2^${scaleBits.toFixed(0)}, distances ${describeDistances(port)}`
  );
}

function stageRow({
  name,
  rotations,
  relinearization,
  conjugation,
  bootstrap,
  keyBytes,
  predictedSeconds,
}: StageExplanation) {
  const kinds = [
    `${rotations.length} rotations`,
    ...(relinearization ? ['relinearization'] : []),
    ...(conjugation ? ['conjugation'] : []),
    ...(bootstrap ? ['bootstrap'] : []),
  ];
  const keys = `keys: ${kinds.join(', ')}, ${formatBytes(keyBytes)}`;
  return [name, keys, '', '', '', '', '', `${predictedSeconds.toFixed(3)} s`];
}

function stepRow({ name, kind, level, scaleBits, linear, outputs, predictedSeconds }: StepExplanation): string[] {
  return [
    `  ${name}`,
    linear === undefined ? kind : describeLinear(linear),
    String(level),
    `2^${scaleBits.toFixed(0)}`,
    linear === undefined ? '' : describeShape(linear.output),
    String(outputs.length),
    linear === undefined ? '' : describeDistances(linear.output),
    `${predictedSeconds.toFixed(3)} s`,
  ];
}

function describeLinear({ diagonals, period, babySteps, giantSteps, folds }: LinearExplanation): string {
  const sums = folds === 0 ? '' : `, ${folds} folds`;
  return `linear: ${diagonals} diagonals of period ${period}, ${babySteps} baby x ${giantSteps} giant steps${sums}`;
}

function describeShape({ channels, rows, columns }: LayoutExplanation): string {
  return `${channels} x ${rows} x ${columns}`;
}

function describeDistances({ slotStrides: { channel, row, column } }: LayoutExplanation): string {
  return [channel, row, column].map((strides) => (strides.length === 0 ? '-' : strides.join('+'))).join(' / ');
}
