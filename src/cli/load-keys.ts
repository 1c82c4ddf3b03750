import type { Command } from 'commander';
import type { LoadKeysOptions } from '../operations/load-keys.js';
import { parsePath } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { renderKeySet } from './key-set-text.js';
import { networkOption } from './options.js';

export function addLoadKeysCommand(program: Command, context: CommandContext): void {
  program
    .command('load-keys')
    .summary('verify a key set and make it the current one')
    .description(
      'Verifies every file of a key set against its manifest, prints the set and makes it the current one. A machine that ' +
        'was given one folder of the set, evaluation or public, names that folder.',
    )
    .argument('<set>', 'a profile, or the folder of a key set or of one of its parts', parsePath)
    .addOption(networkOption())
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe load-keys params_fast
  $ resnet20-fhe load-keys ~/my-keys
  $ resnet20-fhe load-keys ~/their-keys/evaluation`,
    )
    .action(async (set: string, options: Pick<LoadKeysOptions, 'network'>) => {
      const { loadKeys } = await import('../operations/load-keys.js');
      context.terminal.report(await loadKeys({ set, ...options, ...controlsOf(context) }), renderKeySet);
    });
}
