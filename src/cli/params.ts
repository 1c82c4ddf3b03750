import type { Command } from 'commander';
import type { DescribeProfilesOptions } from '../operations/params.js';
import type { CommandContext } from './context.js';
import { networkOption } from './options.js';
import { renderProfiles } from './params-text.js';

export function addParamsCommand(program: Command, context: CommandContext): void {
  program
    .command('params')
    .summary('print the parameter sets')
    .description('Prints ring, modulus, estimated security and predicted memory, disk and time of the profiles.')
    .argument('[profile]', 'one profile instead of all')
    .addOption(networkOption())
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe params
  $ resnet20-fhe params params_secure`,
    )
    .action(async (profile: string | undefined, options: Pick<DescribeProfilesOptions, 'network'>) => {
      const { describeProfiles } = await import('../operations/params.js');
      context.terminal.report(await describeProfiles({ profile, ...options }), renderProfiles);
    });
}
