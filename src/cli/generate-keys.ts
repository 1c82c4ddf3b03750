import type { Command } from 'commander';
import type { GenerateKeysOptions } from '../operations/generate-keys.js';
import { parsePath } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { renderKeySet } from './key-set-text.js';
import { networkOption, threadsOption, weightsOption } from './options.js';

export function addGenerateKeysCommand(program: Command, context: CommandContext): void {
  program
    .command('generate-keys')
    .summary('make a key set')
    .description('Makes the secret, public and evaluation keys of a profile, and makes this set the current one.')
    .argument('[profile]', 'parameter set, see `resnet20-fhe params` (default: params_fast)')
    .option(
      '--out <folder>',
      'where to put the set, which becomes the current one wherever it is (default: a folder named after the profile, beside the other sets)',
      parsePath,
    )
    .option('--force', 'replace an existing set; what was encrypted under it can no longer be decrypted')
    .addOption(weightsOption())
    .addOption(networkOption())
    .addOption(threadsOption())
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe generate-keys
  $ resnet20-fhe generate-keys params_fast --out ~/my-keys`,
    )
    .action(async (profile: string | undefined, options: GenerateKeysOptions) => {
      const { generateKeys } = await import('../operations/generate-keys.js');
      const keySet = await generateKeys({ profile, ...options, ...controlsOf(context) });
      context.terminal.report(keySet, renderKeySet);
    });
}
