import type { Command } from 'commander';
import { describeProfiles } from '../operations/params.js';
import type { CommandContext } from './context.js';
import { renderCircuit, renderProfiles } from './params-text.js';

export function addParamsCommand(program: Command, context: CommandContext): void {
  program
    .command('params')
    .summary('print the parameter sets')
    .description('Prints ring, modulus, estimated security and predicted memory, disk and time of the profiles.')
    .argument('[profile]', 'one profile instead of all')
    .option('--circuit', 'also print the plan: stages, steps, levels, rotation keys and predicted seconds')
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe params
  $ resnet20-fhe params params_fast --circuit`,
    )
    .action(async (profile: string | undefined, options: { readonly circuit?: boolean }) => {
      const profiles = await describeProfiles({ profile, ...options });
      context.terminal.report(profiles, (all) => [renderProfiles(all), ...all.flatMap(renderCircuit)].join('\n\n'));
    });
}
