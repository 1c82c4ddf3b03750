// node scripts/training-tables.mjs   writes the tables of docs/training.md, each between its two comments, from the cards in
//                                    weights/ and from what `python -m resnet20_training evaluate` left in bench/results/
import { networkNames, readCard } from './lib/accuracies.mjs';
import { writeSections } from './lib/generated-section.mjs';
import { percent, table } from './lib/markdown.mjs';
import { readEvaluations } from './lib/results.mjs';

const cards = networkNames().map(readCard);
const evaluations = readEvaluations();

writeSections('docs/training.md', {
  networks: networksTable(),
  'robustness of all': needsTable(),
  ...Object.fromEntries(
    cards.flatMap((card) => [
      [`ranges of ${card.name}`, rangesTable(card)],
      [`robustness of ${card.name}`, robustnessTables(evaluationOf(card))],
    ]),
  ),
});

/** @throws {Error} if the weights in weights/ have not been evaluated. */
function evaluationOf({ name, sha256 }) {
  const evaluation = evaluations.get(name);
  if (evaluation?.sha256 !== sha256) {
    throw new Error(`bench/results/: no evaluation of the present weights of ${name}`);
  }
  return evaluation;
}

function networksTable() {
  const rows = cards.map(({ name, padding, activation, accuracy, ranges }) => [
    `\`${name}\``,
    activation === 'square' ? 'a x² + b x + k per channel' : 'ReLU',
    padding === 'zero' ? 'zero' : 'circular in width',
    percent(accuracy.validation),
    `**${percent(accuracy.test)}**`,
    mostOf(ranges, 'max').toFixed(1),
    mostOf(ranges, 'deviations').toFixed(1),
    accuracy.testOutOfRange * accuracy.testImages,
  ]);
  const { validationImages, testImages } = cards[0].accuracy;
  return table(
    [
      'file',
      'activation',
      'padding',
      `validation (${validationImages.toLocaleString('en')})`,
      `test (${testImages.toLocaleString('en')})`,
      'largest activation input',
      'deviations, at most',
      'test images out of bounds',
    ],
    rows,
  );
}

function mostOf(ranges, figure) {
  return Math.max(...Object.values(ranges).map((range) => range[figure]));
}

function rangesTable({ ranges }) {
  return table(
    ['activation', 'largest', '99.99 % quantile', 'deviations', 'bound'],
    Object.entries(ranges).map(([name, { max, quantile9999, deviations, bound }]) => [
      name,
      max.toFixed(1),
      quantile9999.toFixed(1),
      deviations.toFixed(1),
      bound,
    ]),
  );
}

function robustnessTables({ noise, rounding }) {
  const noiseHead = 'exponent' in noise[0] ? 'deviation of the noise' : 'bits below the range';
  return [
    robustnessTable(noiseHead, noise, ({ exponent, bits }) => (exponent === undefined ? bits : `2^${exponent}`)),
    robustnessTable('bits of the weights', rounding, ({ bits }) => bits),
  ].join('\n\n');
}

function robustnessTable(head, measured, labelOf) {
  return table(
    [head, 'accuracy', 'same class as without', 'mean error of a score'],
    measured.map((each) => [
      labelOf(each),
      percent(each.accuracy),
      percent(each.sameClass),
      `2^${Math.log2(each.meanScoreError).toFixed(1)}`,
    ]),
  );
}

function needsTable() {
  const rows = cards.map(({ name, robustness }) => [
    `\`${name}\``,
    'relativeBitsWithin0.2Points' in robustness
      ? `${robustness['relativeBitsWithin0.2Points']} bits below the range`
      : `2^${robustness['noiseExponentWithin0.2Points']}`,
    `${robustness['weightBitsWithin0.2Points']} bits`,
  ]);
  return table(['network', 'noise', 'weights'], rows);
}
