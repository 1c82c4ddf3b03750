import { FheError } from '../../errors.js';
import { type Fields, parseFields } from '../fields.js';
import type { ActivationRange } from '../graph.js';
import type { WidthPadding } from '../import/resnet20.js';

/**
 * What `weights/<name>.json` says about `weights/<name>.safetensors`. The file also records where the weights come
 * from (`recipe`, `seed`, `libraries`, `data`); those are for readers, not for the program.
 */
export interface WeightsCard {
  readonly name: string;
  readonly architecture: string;
  readonly activation: 'square' | 'relu';
  readonly padding: WidthPadding;
  readonly input: {
    readonly shape: readonly [number, number, number];
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
  };
  readonly classes: readonly string[];
  /** By activation name: the input's magnitude over the training set. */
  readonly ranges: ReadonlyMap<string, ActivationRange>;
  /** Scores of larger magnitude come from no picture like those of the training; undefined in cards that don't say. */
  readonly scoreBound?: number | undefined;
  /** Fractions of 1 on the plain network. */
  readonly accuracy: { readonly test: number; readonly validation: number; readonly testImages: number };
  readonly parameters: number;
  /** Of the safetensors file, hexadecimal. */
  readonly sha256: string;
}

const cardFormat = 1;

/** Parses and checks a card. Throws ERR_WEIGHTS, naming `file` and the field. */
export function parseCard(text: string, file: string): WeightsCard {
  const card = parseFields(text, { file, code: 'ERR_WEIGHTS', whole: 'the card' });
  if (card.number('format') !== cardFormat) {
    throw new FheError('ERR_WEIGHTS', `${file}: format must be ${cardFormat}, found ${card.number('format')}`);
  }
  const input = card.fields('input');
  const accuracy = card.fields('accuracy');
  const ranges = card.fields('ranges');
  return {
    name: card.text('name'),
    architecture: card.text('architecture'),
    activation: card.choice('activation', ['square', 'relu']),
    padding: card.choice('padding', ['circular-width', 'zero']),
    input: {
      shape: parseShape(input),
      mean: input.numbers('mean', 3),
      deviation: input.numbers('deviation', 3),
    },
    classes: card.texts('classes'),
    ranges: new Map(ranges.names().map((name) => [name, parseRange(ranges.fields(name))])),
    scoreBound: card.optionalNumber('scoreBound'),
    accuracy: {
      test: accuracy.number('test'),
      validation: accuracy.number('validation'),
      testImages: accuracy.number('testImages'),
    },
    parameters: card.number('parameters'),
    sha256: card.text('sha256'),
  };
}

function parseShape(input: Fields): [number, number, number] {
  const [channels = 0, height = 0, width = 0] = input.numbers('shape', 3);
  if (channels !== 3 || ![height, width].every((extent) => Number.isInteger(extent) && extent > 0)) {
    throw input.error('shape', 'three channels, a height and a width');
  }
  return [channels, height, width];
}

function parseRange(range: Fields): ActivationRange {
  return { max: range.number('max'), quantile9999: range.number('quantile9999'), bound: range.number('bound') };
}
