import type { Command } from 'commander';
import { describeProfiles } from '../operations/params.js';
import type { CommandContext } from './context.js';
import { renderProfiles } from './params-text.js';

export function addParamsCommand(program: Command, context: CommandContext): void {
  program
    .command('params')
    .summary('print the parameter sets')
    .description('Prints ring, modulus, estimated security and predicted memory, disk and time of the profiles.')
    .argument('[profile]', 'one profile instead of all')
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe params
  $ resnet20-fhe params params_secure`,
    )
    .action(async (profile: string | undefined) => {
      context.terminal.report(await describeProfiles({ profile }), renderProfiles);
    });
}
