import type { Command } from 'commander';
import { type ImportOptions, importNetwork } from '../operations/import.js';
import { parseActivation, parseCount, parseMargin, parseNumbers, parsePath, parseShape } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { renderImport } from './import-text.js';

export function addImportCommand(program: Command, context: CommandContext): void {
  program
    .command('import')
    .summary('make a network of an ONNX model')
    .description(
      "Writes a network's folder for an ONNX model, as PyTorch and others export it. Operators that can't be computed under " +
        'encryption are refused with what to use instead; docs/operators.md lists the others. Under encryption activations ' +
        'need a range, which is measured on pictures.',
    )
    .argument('<model>', 'ONNX file', parsePath)
    .requiredOption('--out <folder>', "the network's folder, new or to be written again", parsePath)
    .option('--calibrate <folder>', 'pictures (or .npy files) on which ranges of activations are measured', parsePath)
    .option('--samples <count>', 'how many of them are taken (default: 256)', parseCount)
    .option('--margin <factor>', 'bounds are so many times the largest value seen (default: 1.25)', parseMargin)
    .option(
      '--activation <choice>',
      'keep: as they are; square: fitted squares; poly:DEGREE: fitted polynomials (default: keep)',
      parseActivation,
    )
    .option('--mean <numbers>', 'per channel or one, of pixels divided by 255 (default: 0)', parseNumbers)
    .option('--deviation <numbers>', 'per channel or one, of pixels divided by 255 (default: 1)', parseNumbers)
    .option('--shape <shape>', 'channels, height, width, where the model leaves them open', parseShape)
    .option('--classes <file>', 'text file with the name of a score in each line', parsePath)
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe import model.onnx --out my-network --calibrate pictures
  $ resnet20-fhe import model.onnx --out my-network --calibrate pictures --activation poly:7 \\
      --mean 0.4914,0.4822,0.4465 --deviation 0.247,0.2435,0.2616 --classes classes.txt`,
    )
    .action(async (model: string, options: Omit<ImportOptions, 'model'>) => {
      context.terminal.report(await importNetwork({ model, ...options, ...controlsOf(context) }), renderImport);
    });
}
