import type { Command } from 'commander';
import { formatBytes } from '../byte-size.js';
import type { EvaluateOptions } from '../operations/evaluate.js';
import { parsePath } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { formatDuration } from './format.js';
import { keysOption, memoryBudgetOption, networkOption, threadsOption, traceOption, weightsOption } from './options.js';

export function addEvaluateCommand(program: Command, context: CommandContext): void {
  program
    .command('evaluate')
    .summary('classify encrypted pictures without the secret key')
    .description('Runs the network on a ciphertext file. Reads evaluation keys only, never a secret key.')
    .requiredOption('--input <file>', 'ciphertext file made by `encrypt`', parsePath)
    .addOption(keysOption())
    .addOption(weightsOption())
    .addOption(networkOption())
    .addOption(threadsOption())
    .addOption(memoryBudgetOption())
    .addOption(traceOption())
    .requiredOption('--out <file>', 'file for the encrypted scores', parsePath)
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe evaluate --input img.fhe --out scores.fhe
  $ resnet20-fhe evaluate --keys ~/my-keys/evaluation --input img.fhe --out scores.fhe`,
    )
    .action(async (options: EvaluateOptions) => {
      const { evaluate } = await import('../operations/evaluate.js');
      const evaluation = await evaluate({ ...options, ...controlsOf(context) });
      context.terminal.report(
        evaluation,
        ({ out, images, bytes, seconds, peakRssBytes }) =>
          `${out}: encrypted scores of ${images} picture${images === 1 ? '' : 's'}, ${formatBytes(bytes)}\n` +
          `circuit ${formatDuration(seconds.circuit)}, in all ${formatDuration(seconds.total)}, peak memory ${formatBytes(peakRssBytes)}`,
      );
    });
}
