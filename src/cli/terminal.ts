import { styleText } from 'node:util';
import type { OperationEvent } from '../sessions/events.js';
import { ProgressDisplay } from './progress-display.js';

/** The global options, as the command line gives them. */
export interface TerminalOptions {
  /** Results only: no progress, no notices. */
  readonly quiet?: boolean;
  /** Details of each operation, and stack traces of errors. */
  readonly verbose?: boolean;
  readonly color?: boolean;
  /** Results as JSON, events and errors as lines of JSON. */
  readonly json?: boolean;
}

/** Results go to stdout; progress, notices and errors to stderr. */
export class Terminal {
  private readonly progress = new ProgressDisplay(process.stderr);
  private options: TerminalOptions = {};

  configure(options: TerminalOptions): void {
    this.options = options;
  }

  result(text: string): void {
    this.progress.clear();
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Writes the object when JSON was asked for, else the text made from it. */
  report<T>(value: T, render: (value: T, strong: (text: string) => string) => string): void {
    const strong = (text: string): string => this.style(process.stdout, 'bold', text);
    this.result(this.options.json ? JSON.stringify(value, undefined, 2) : render(value, strong));
  }

  /** Bound, so that it can be handed to an operation as its listener. */
  readonly onEvent = (event: OperationEvent): void => {
    if (this.options.quiet) {
      return;
    }
    if (this.options.json) {
      process.stderr.write(`${JSON.stringify(event)}\n`);
    } else if (event.event === 'progress') {
      this.progress.show(event);
    } else if (event.event === 'protection' || !event.detail || this.options.verbose) {
      this.progress.clear();
      process.stderr.write(`${event.text}\n`);
    }
  };

  /** The message alone, or with stack and causes when details were asked for. */
  error(error: unknown): void {
    this.progress.clear();
    const message = error instanceof Error ? error.message : String(error);
    if (this.options.json) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      process.stderr.write(`${JSON.stringify({ event: 'error', code, message })}\n`);
    } else {
      process.stderr.write(`${this.style(process.stderr, 'red', 'error:')} ${message}\n`);
    }
    if (this.options.verbose) {
      process.stderr.write(describeStack(error));
    }
  }

  private style(stream: NodeJS.WriteStream, format: 'bold' | 'red', text: string): string {
    const plain = this.options.color === false || (process.env.NO_COLOR ?? '') !== '' || !stream.isTTY;
    return plain ? text : styleText(format, text);
  }
}

function describeStack(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    lines.push(`${lines.length === 0 ? '' : 'caused by: '}${cause.stack ?? cause.message}`);
  }
  return `${lines.join('\n')}\n`;
}
