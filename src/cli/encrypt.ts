import type { Command } from 'commander';
import { formatBytes } from '../byte-size.js';
import type { EncryptOptions } from '../operations/encrypt.js';
import { parseFingerprint, parsePath, parsePaths } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { keysOption, networkOption, resizeOption, weightsOption } from './options.js';

type CommandOptions = Omit<EncryptOptions, 'inputs'> & { readonly input: readonly string[] };

export function addEncryptCommand(program: Command, context: CommandContext): void {
  program
    .command('encrypt')
    .summary('encrypt pictures into a file')
    .description(
      'Encrypts pictures into a ciphertext file that `evaluate` classifies, here or on another machine. Takes the secret ' +
        'key where the key set has it, which makes the smaller file, else the public key.',
    )
    .requiredOption(
      '--input <image...>',
      "PNG or JPEG of the network's size, or a NumPy file (.npy) where it takes values",
      parsePaths,
    )
    .addOption(keysOption())
    .addOption(weightsOption())
    .addOption(networkOption())
    .addOption(resizeOption())
    .option('--public', 'take the public key also where the secret key is')
    .option(
      '--fingerprint <sha256>',
      'take the public key, and only the one with this fingerprint, as its owner told it',
      parseFingerprint,
    )
    .requiredOption('--out <file>', 'ciphertext file to write', parsePath)
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe encrypt --input img.png --out img.fhe
  $ resnet20-fhe encrypt --input a.png b.png --keys ~/my-keys --out batch.fhe
  $ resnet20-fhe encrypt --input img.png --keys ~/their-keys/public --fingerprint 9f86d081...0a08 --out img.fhe`,
    )
    .action(async ({ input, ...options }: CommandOptions) => {
      const { encrypt } = await import('../operations/encrypt.js');
      const encrypted = await encrypt({ inputs: input, ...options, ...controlsOf(context) });
      context.terminal.report(
        encrypted,
        ({ out, key, publicKeyFingerprint, images, bytes }) =>
          `${out}: ${images} encrypted picture${images === 1 ? '' : 's'}, ${formatBytes(bytes)}, under the ${key} key` +
          (publicKeyFingerprint === null ? '' : `\nfingerprint of the public key ${publicKeyFingerprint}`),
      );
    });
}
