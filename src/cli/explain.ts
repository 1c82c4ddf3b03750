import type { Command } from 'commander';
import type { ExplainOptions } from '../operations/explain.js';
import { parseCount } from './arguments.js';
import type { CommandContext } from './context.js';
import { renderExplanation } from './explain-text.js';
import { networkOption, weightsOption } from './options.js';

export function addExplainCommand(program: Command, context: CommandContext): void {
  program
    .command('explain')
    .summary('print what a circuit does, stage by stage')
    .description(
      'Prints the circuit of a profile stage by stage: shapes and layouts, ciphertexts, levels, scales, diagonals, rotation ' +
        'keys and predicted time. The circuit for several pictures at once differs from that for one.',
    )
    .argument('[profile]', 'whose circuit (default: the default profile)')
    .option('--images <count>', 'pictures in one group (default: 1)', parseCount)
    .addOption(weightsOption())
    .addOption(networkOption())
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe explain
  $ resnet20-fhe explain params_fast --images 4`,
    )
    .action(async (profile: string | undefined, options: Omit<ExplainOptions, 'profile'>) => {
      const { explain } = await import('../operations/explain.js');
      context.terminal.report(await explain({ profile, ...options }), renderExplanation);
    });
}
