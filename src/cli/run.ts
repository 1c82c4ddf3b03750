import { CommanderError } from 'commander';
import { FheError } from '../errors.js';
import type { CommandContext } from './context.js';
import { FAILED_EXIT_CODE, USAGE_EXIT_CODE } from './exit-codes.js';
import { INTERRUPTED_EXIT_CODE } from './interrupt.js';
import { createProgram } from './program.js';

export interface CommandEnd {
  readonly exitCode: number;
  /** False after an error: a native call may still be running. */
  readonly ended: boolean;
}

/** Runs the command that the arguments name, and shows what it throws. */
export async function runCommand(commandLine: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { terminal } = context;
  // For what is found wrong before the options are known.
  terminal.configure({ json: asksForJson(commandLine) });
  try {
    await createProgram(context).parseAsync(commandLine, { from: 'user' });
    return { exitCode: terminal.isIncomplete ? FAILED_EXIT_CODE : 0, ended: true };
  } catch (error) {
    const exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) {
      terminal.error(error);
    } else if (exitCode !== 0) {
      terminal.usageError(error.message);
    }
    return { exitCode, ended: false };
  }
}

function asksForJson(commandLine: readonly string[]): boolean {
  const end = commandLine.indexOf('--');
  return commandLine.slice(0, end < 0 ? undefined : end).includes('--json');
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  }
  if (error instanceof FheError && (error.code === 'ERR_USAGE' || error.code === 'ERR_PROFILE')) {
    return USAGE_EXIT_CODE;
  }
  return error instanceof FheError && error.code === 'ERR_CANCELLED' ? INTERRUPTED_EXIT_CODE : FAILED_EXIT_CODE;
}
