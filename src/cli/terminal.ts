import { styleText } from 'node:util';
import { FheError } from '../errors.js';
import type { OperationEvent } from '../sessions/events.js';
import { escapeControls } from '../shown-text.js';
import { ProgressDisplay } from './progress-display.js';

/** What the parser throws after it has shown the help in place of an error. */
const HELP_SHOWN = '(outputHelp)';

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

/**
 * Results go to stdout; progress, notices and errors to stderr. Names and what files say are shown with their control
 * characters escaped.
 */
export class Terminal {
  private readonly progress = new ProgressDisplay(process.stderr, understandsEscapes(process.stderr));
  private options: TerminalOptions = {};
  private incomplete = false;

  /** Whether a part of what was asked for could not be done. */
  get isIncomplete(): boolean {
    return this.incomplete;
  }

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
    this.result(this.options.json ? jsonText(value, 2) : render(harmless(value), strong));
  }

  /** Bound, so that it can be handed to an operation as its listener. */
  readonly onEvent = (event: OperationEvent): void => {
    this.incomplete ||= event.event === 'warning';
    if (this.options.quiet && event.event !== 'warning') {
      return;
    }
    if (this.options.json) {
      process.stderr.write(`${jsonText(event)}\n`);
    } else if (event.event === 'progress') {
      this.progress.show(harmless(event));
    } else if (event.event === 'warning') {
      this.progress.clear();
      process.stderr.write(`${this.style(process.stderr, 'red', 'warning:')} ${escapeControls(event.text)}\n`);
    } else if (event.event === 'protection' || !event.detail || this.options.verbose) {
      this.progress.clear();
      process.stderr.write(`${escapeControls(event.text)}\n`);
    }
  };

  /** The message alone, or with stack and causes when details were asked for. */
  error(error: unknown): void {
    this.progress.clear();
    const message = error instanceof Error ? error.message : String(error);
    if (this.options.json) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      process.stderr.write(`${jsonText({ event: 'error', code, message })}\n`);
    } else {
      process.stderr.write(`${this.style(process.stderr, 'red', 'error:')} ${escapeControls(message)}\n`);
    }
    if (this.options.verbose) {
      process.stderr.write(escapeControls(describeStack(error)));
    }
  }

  /** An error of one part of a result, of which the others stand. */
  partError(error: unknown): void {
    this.incomplete = true;
    this.error(error);
  }

  /** Of wrong usage the parser has written its own text; in JSON it becomes an error like others. */
  usageError(message: string): void {
    if (this.options.json) {
      const text = message === HELP_SHOWN ? 'a command is missing; see resnet20-fhe --help' : message;
      this.error(new FheError('ERR_USAGE', text.replace(/^error: /, '')));
    }
  }

  /** For the parser: its text of wrong usage. */
  readonly writeUsage = (text: string): void => {
    if (!this.options.json) {
      process.stderr.write(escapeControls(text));
    }
  };

  private style(stream: NodeJS.WriteStream, format: 'bold' | 'red', text: string): string {
    const plain = this.options.color === false || (process.env.NO_COLOR ?? '') !== '' || !understandsEscapes(stream);
    return plain ? text : styleText(format, text);
  }
}

/** A terminal that says it is dumb shows escapes as text. */
function understandsEscapes(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && process.env.TERM !== 'dumb';
}

/** JSON escapes the controls below space; the others act on some terminals too. */
function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
}

/** The same value with the control characters of every text in it escaped. */
function harmless<T>(value: T): T {
  if (typeof value === 'string') {
    return escapeControls(value) as T;
  }
  if (Array.isArray(value)) {
    return value.map(harmless) as T;
  }
  return typeof value === 'object' && value !== null
    ? (Object.fromEntries(Object.entries(value).map(([key, of]) => [key, harmless(of)])) as T)
    : value;
}

function describeStack(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    lines.push(`${lines.length === 0 ? '' : 'caused by: '}${cause.stack ?? cause.message}`);
  }
  return `${lines.join('\n')}\n`;
}
