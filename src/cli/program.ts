import { Command } from 'commander';
import { versionText } from '../operations/version.js';
import { addAccuracyCommand } from './accuracy.js';
import { addBuildCommand } from './build.js';
import type { CommandContext } from './context.js';
import { addDecryptCommand } from './decrypt.js';
import { addDoctorCommand } from './doctor.js';
import { addEncryptCommand } from './encrypt.js';
import { addEvaluateCommand } from './evaluate.js';
import { addExplainCommand } from './explain.js';
import { addGenerateKeysCommand } from './generate-keys.js';
import { addImportCommand } from './import.js';
import { addInferCommand } from './infer.js';
import { addLoadKeysCommand } from './load-keys.js';
import { addParamsCommand } from './params.js';
import { addPlanCommand } from './plan.js';

/** The command line, without side effects until it is parsed. Wrong usage and --help throw CommanderError. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('resnet20-fhe')
    .description('Classifies pictures with a network that sees them only encrypted.')
    .version(versionText(), '-V, --version', 'print the versions of the program, its engines and its file formats')
    .option('--json', 'results as JSON on stdout, events as lines of JSON on stderr')
    .option('-q, --quiet', 'print the result only')
    .option('-v, --verbose', 'print details, and the stack of an error')
    .option('--no-color', 'plain text (also by the variable NO_COLOR)')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for the options and examples)')
    .exitOverride()
    .configureOutput({ writeErr: context.terminal.writeUsage })
    .hook('preAction', (_, command) => context.terminal.configure(command.optsWithGlobals()))
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe generate-keys params_fast
  $ resnet20-fhe infer --input img.png
  $ resnet20-fhe infer --engine simulator

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`,
    );
  addGenerateKeysCommand(program, context);
  addLoadKeysCommand(program, context);
  addInferCommand(program, context);
  addEncryptCommand(program, context);
  addEvaluateCommand(program, context);
  addDecryptCommand(program, context);
  addAccuracyCommand(program, context);
  addParamsCommand(program, context);
  addExplainCommand(program, context);
  addImportCommand(program, context);
  addPlanCommand(program, context);
  addDoctorCommand(program, context);
  addBuildCommand(program, context);
  return program;
}
