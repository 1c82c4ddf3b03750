import type { Command } from 'commander';
import type { DecryptOptions } from '../operations/decrypt.js';
import { parsePath } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { keysOption, networkOption, outImageOption, outValuesOption, weightsOption } from './options.js';
import { renderPredictions } from './prediction-text.js';
import { reportRefusals } from './refusals.js';

type CommandOptions = Omit<DecryptOptions, 'outImages'> & { readonly outImage?: readonly string[] };

export function addDecryptCommand(program: Command, context: CommandContext): void {
  program
    .command('decrypt')
    .summary('decrypt the scores')
    .description('Decrypts the scores that `evaluate` wrote. Do not share the exact scores with the evaluating side.')
    .requiredOption('--input <file>', 'file made by `evaluate`', parsePath)
    .addOption(keysOption())
    .addOption(weightsOption())
    .addOption(outImageOption())
    .addOption(outValuesOption())
    .addOption(networkOption())
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe decrypt --input scores.fhe
  $ resnet20-fhe decrypt --input scores.fhe --keys ~/my-keys --json`,
    )
    .action(async ({ outImage, ...options }: CommandOptions) => {
      const { decrypt } = await import('../operations/decrypt.js');
      const decrypted = await decrypt({ outImages: outImage, ...options, ...controlsOf(context) });
      context.terminal.report(decrypted, ({ images, classes }, strong) => renderPredictions(images, classes, strong));
      reportRefusals(context.terminal, decrypted.images);
    });
}
