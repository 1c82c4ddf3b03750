import type { Command } from 'commander';
import { type DecryptOptions, decrypt } from '../operations/decrypt.js';
import { parsePath } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { keysOption, weightsOption } from './options.js';
import { renderPredictions } from './prediction-text.js';
import { reportRefusals } from './refusals.js';

export function addDecryptCommand(program: Command, context: CommandContext): void {
  program
    .command('decrypt')
    .summary('decrypt the scores')
    .description('Decrypts the scores that `evaluate` wrote. Do not share the exact scores with the evaluating side.')
    .requiredOption('--input <file>', 'file made by `evaluate`', parsePath)
    .addOption(keysOption())
    .addOption(weightsOption())
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe decrypt --input scores.fhe
  $ resnet20-fhe decrypt --input scores.fhe --keys ~/my-keys --json`,
    )
    .action(async (options: DecryptOptions) => {
      const decrypted = await decrypt({ ...options, ...controlsOf(context) });
      context.terminal.report(decrypted, ({ images, classes }, strong) => renderPredictions(images, classes, strong));
      reportRefusals(context.terminal, decrypted.images);
    });
}
