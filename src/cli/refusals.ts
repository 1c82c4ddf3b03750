import { FheError } from '../errors.js';
import type { Prediction } from '../operations/prediction.js';
import type { Terminal } from './terminal.js';

/** Reports every refused image as an error; the command then ends with the exit code of a failure. */
export function reportRefusals(terminal: Terminal, predictions: readonly Prediction[]): void {
  for (const { error } of predictions) {
    if (error !== undefined) {
      terminal.partError(new FheError(error.code, error.message));
    }
  }
}
