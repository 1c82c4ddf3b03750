import type { OperationControls } from '../sessions/events.js';
import type { Terminal } from './terminal.js';

/** What every command shares: where it writes, and the signal by which Ctrl-C ends it. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** The controls that a command hands to its operation. */
export function controlsOf(context: CommandContext): OperationControls {
  return { signal: context.signal, onEvent: context.terminal.onEvent };
}
