import type { Command } from 'commander';
import { loadKeys } from '../operations/load-keys.js';
import { type CommandContext, controlsOf } from './context.js';
import { renderKeySet } from './key-set-text.js';

export function addLoadKeysCommand(program: Command, context: CommandContext): void {
  program
    .command('load-keys')
    .summary('verify a key set and make it the current one')
    .description('Verifies every file of a key set against its manifest, prints the set and makes it the current one.')
    .argument('<set>', 'a profile, or the folder of a key set')
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe load-keys params_fast
  $ resnet20-fhe load-keys ~/my-keys`,
    )
    .action(async (set: string) => {
      context.terminal.report(await loadKeys({ set, ...controlsOf(context) }), renderKeySet);
    });
}
