import type { WriteStream } from 'node:tty';
import type { ProgressEvent } from '../sessions/events.js';
import { formatDuration } from './format.js';

const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\u001b[K';

/**
 * A live bar with the time left on a terminal. Elsewhere a line for each stage of the circuit, for each tenth of another
 * phase, and for each hundred units of one whose total is not known.
 */
export class ProgressDisplay {
  private shown: { readonly text: string; readonly part: number } | undefined;
  private live = false;

  /** `rewrites`: whether the stream is a terminal on which a line can be written again. */
  constructor(
    private readonly stream: WriteStream,
    private readonly rewrites: boolean,
  ) {}

  show(event: ProgressEvent): void {
    if (this.rewrites) {
      this.stream.write(CLEAR_LINE + this.bar(event));
      this.live = true;
      return;
    }
    const text = `${event.phase}: ${event.phase === 'circuit' ? event.text : ''}`;
    const part = event.phase === 'circuit' ? 0 : partOf(event);
    if (text !== this.shown?.text || part !== this.shown.part) {
      this.shown = { text, part };
      this.stream.write(`${event.phase}: ${event.text}${timeLeft(event)}\n`);
    }
  }

  /** Removes the live bar, so that other text can be written. */
  clear(): void {
    if (this.live) {
      this.stream.write(CLEAR_LINE);
      this.live = false;
    }
  }

  private bar(event: ProgressEvent): string {
    if (event.total === 0) {
      return `${event.phase}: ${event.text}`;
    }
    const fraction = Math.min(event.done / event.total, 1);
    const filled = Math.round(fraction * BAR_WIDTH);
    const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled);
    const percent = `${Math.floor(fraction * 100)}%`.padStart(4);
    const line = `${event.phase.padEnd(8)}[${bar}]${percent}  ${event.text}${timeLeft(event)}`;
    return line.slice(0, Math.max(this.stream.columns - 1, 20));
  }
}

/** Tenths or, without a total, hundreds that are done. */
function partOf(event: ProgressEvent): number {
  return Math.floor(event.total === 0 ? event.done / 100 : (10 * event.done) / event.total);
}

function timeLeft(event: ProgressEvent): string {
  return event.secondsLeft === undefined ? '' : `, ${formatDuration(event.secondsLeft)} left`;
}
