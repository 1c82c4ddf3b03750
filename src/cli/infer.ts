import type { Command } from 'commander';
import type { InferOptions } from '../operations/infer.js';
import { parsePaths } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import {
  engineOption,
  keysOption,
  memoryBudgetOption,
  networkOption,
  outImageOption,
  outValuesOption,
  profileOption,
  resizeOption,
  threadsOption,
  traceOption,
  weightsOption,
} from './options.js';
import { renderInference } from './prediction-text.js';
import { reportRefusals } from './refusals.js';

type CommandOptions = Omit<InferOptions, 'inputs' | 'outImages'> & {
  readonly input?: readonly string[];
  readonly outImage?: readonly string[];
};

export function addInferCommand(program: Command, context: CommandContext): void {
  program
    .command('infer')
    .summary('classify pictures under encryption')
    .description('Encrypts pictures, classifies them without decrypting, and decrypts the scores.')
    .option(
      '--input <image...>',
      "PNG or JPEG of the network's size, or a NumPy file (.npy) where it takes values (default: the picture that comes with the program)",
      parsePaths,
    )
    .addOption(keysOption())
    .addOption(profileOption())
    .addOption(engineOption())
    .addOption(weightsOption())
    .addOption(networkOption())
    .addOption(resizeOption())
    .addOption(outImageOption())
    .addOption(outValuesOption())
    .option('--compare', 'also run the plain network and the noiseless circuit, and print the differences')
    .addOption(threadsOption())
    .addOption(memoryBudgetOption())
    .addOption(traceOption())
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe infer
  $ resnet20-fhe infer --input img.png
  $ resnet20-fhe infer --input a.png b.png c.png --compare
  $ resnet20-fhe infer --network my-network --input img.png --out-image out.png
  $ resnet20-fhe infer --engine simulator --json`,
    )
    .action(async ({ input, outImage, ...options }: CommandOptions) => {
      const { infer } = await import('../operations/infer.js');
      const inference = await infer({ inputs: input, outImages: outImage, ...options, ...controlsOf(context) });
      context.terminal.report(inference, renderInference);
      reportRefusals(context.terminal, inference.images);
    });
}
