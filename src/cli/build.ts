import { type Command, Option } from 'commander';
import type { BuildOptions } from '../operations/build.js';
import { parsePath } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { formatDuration } from './format.js';

export function addBuildCommand(program: Command, context: CommandContext): void {
  program
    .command('build')
    .summary('compile an engine for this machine')
    .description('Compiles an engine with CMake and the C++ compiler of this machine.')
    .argument('[engine]', 'ckks or openfhe (default: ckks)')
    .addOption(new Option('--openfhe-dir <folder>', 'an installed OpenFHE').argParser(parsePath).conflicts('prebuilt'))
    .option('--prebuilt', 'fetch the pinned OpenFHE libraries (Linux x64) instead of compiling them')
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe build
  $ resnet20-fhe build openfhe --prebuilt`,
    )
    .action(async (engine: string | undefined, options: BuildOptions) => {
      const { build } = await import('../operations/build.js');
      const built = await build({ engine, ...options, ...controlsOf(context) });
      context.terminal.report(built, (result) => `${result.addon}: built in ${formatDuration(result.seconds)}`);
    });
}
