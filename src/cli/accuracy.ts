import type { Command } from 'commander';
import type { AccuracyOptions } from '../operations/accuracy.js';
import { parseBits, parseCount, parsePath } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { formatDuration } from './format.js';
import {
  engineOption,
  keysOption,
  memoryBudgetOption,
  networkOption,
  profileOption,
  threadsOption,
  weightsOption,
} from './options.js';

export function addAccuracyCommand(program: Command, context: CommandContext): void {
  program
    .command('accuracy')
    .summary('measure accuracy over a set of labelled pictures')
    .description('Classifies labelled pictures and compares with the labels and with the plain network.')
    .requiredOption('--data <folder>', 'one folder of images per class, or the binary batches of CIFAR-10', parsePath)
    .addOption(profileOption())
    .addOption(engineOption())
    .addOption(keysOption())
    .addOption(weightsOption())
    .addOption(networkOption())
    .option('--limit <count>', 'at most so many pictures, from the first on', parseCount)
    .option('--no-noise', "simulator without the profile's predicted noise")
    .option('--precision <bits>', 'simulator with noise of so many bits after each bootstrap or rescale', parseBits)
    .addOption(threadsOption())
    .addOption(memoryBudgetOption())
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe accuracy --data cifar-10-batches-bin --engine simulator --limit 1000
  $ resnet20-fhe accuracy --data pictures --engine simulator --profile params_exp1 --precision 9.5
  $ resnet20-fhe accuracy --data pictures --limit 100 --json`,
    )
    .action(async (options: AccuracyOptions) => {
      const { accuracy } = await import('../operations/accuracy.js');
      const measured = await accuracy({ ...options, ...controlsOf(context) });
      context.terminal.report(
        measured,
        (result) =>
          `accuracy           ${percent(result.accuracy)} of ${result.images} pictures\n` +
          (result.skipped === 0 ? '' : `skipped            ${result.skipped} that could not be taken\n`) +
          (result.refused === 0
            ? ''
            : `refused            ${result.refused} whose answer would be noise; they count as wrong\n`) +
          `plain network      ${percent(result.plainAccuracy)}\n` +
          `same class         ${percent(result.agreement)}\n` +
          `error of a score   mean ${exponential(result.meanError)}, largest ${exponential(result.maxError)}\n` +
          `time               ${formatDuration(result.seconds)}`,
      );
    });
}

function exponential(error: number | null): string {
  return error?.toExponential(1) ?? 'unknown';
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}
