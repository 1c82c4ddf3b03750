import type { Converter } from '../operator.js';

export const normalizationOperators: Readonly<Record<string, Converter>> = {
  BatchNormalization: (operator) => {
    const input = operator.feature(0);
    const [channels] = input.shape;
    if (operator.whole('training_mode', 0) !== 0) {
      throw operator.refuse('is in training mode; call model.eval() before the export');
    }
    const [gain, offset, mean, variance] = [1, 2, 3, 4].map((index) => operator.constant(index).data);
    if ([gain, offset, mean, variance].some((values) => values!.length !== channels) || input.dims[1] !== channels) {
      throw operator.refuse(`does not have a gain, offset, mean and variance for each of ${channels} channels`);
    }
    const epsilon = operator.number('epsilon', 1e-5);
    const scale = gain!.map((value, channel) => value / Math.sqrt(variance![channel]! + epsilon));
    const shift = offset!.map((value, channel) => value - mean![channel]! * scale[channel]!);
    if (![...scale, ...shift].every(Number.isFinite)) {
      throw operator.refuse('has a variance that is not above -epsilon');
    }
    const { builder, name } = operator;
    const source = builder.valueOf(input);
    const expression = builder.emit({ kind: 'batch-normalization', scale, shift }, [source], name);
    return { ...input, expression };
  },
};
