import { FheError, type FheErrorCode } from '../errors.js';

/** The parts of an operation, in the order in which a user sees them. */
export type Phase = 'keys' | 'load' | 'encrypt' | 'circuit' | 'decrypt' | 'build' | 'images';

/** A plain statement for the user; `detail` is of interest only to those who asked for more. */
export interface NoticeEvent {
  readonly event: 'notice';
  readonly text: string;
  readonly detail: boolean;
}

/** Something beside the result that was asked for and could not be done. The result stands. */
export interface WarningEvent {
  readonly event: 'warning';
  readonly code: FheErrorCode;
  readonly text: string;
}

/** Whether what follows is encrypted, under which profile and with how many bits of estimated security. */
export interface ProtectionEvent {
  readonly event: 'protection';
  readonly encrypted: boolean;
  readonly profile: string;
  /** Against classical attacks; undefined when nothing is encrypted. */
  readonly bits: number | undefined;
  /** Against attacks with quantum computers; undefined when nothing is encrypted. */
  readonly quantumBits: number | undefined;
  readonly text: string;
}

/** How far a phase has come: `done` of `total` units of about equal cost; the total is 0 while it is not known. */
export interface ProgressEvent {
  readonly event: 'progress';
  readonly phase: Phase;
  /** What is being worked on, e.g. the name of a stage. */
  readonly text: string;
  readonly done: number;
  readonly total: number;
  /** Estimate; undefined until there is something to base it on. */
  readonly secondsLeft: number | undefined;
}

/** What a running operation reports. Every event is plain data and can be written as one line of JSON. */
export type OperationEvent = NoticeEvent | WarningEvent | ProtectionEvent | ProgressEvent;

/** Options that every operation takes. */
export interface OperationControls {
  /** Ends the operation between two steps (or earlier) with ERR_CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: OperationEvent) => void) | undefined;
}

export function notice(controls: OperationControls, text: string): void {
  controls.onEvent?.({ event: 'notice', text, detail: false });
}

export function detail(controls: OperationControls, text: string): void {
  controls.onEvent?.({ event: 'notice', text, detail: true });
}

/** Reports the failure of something beside the result; any other error than an FheError is passed on. */
export function warn(controls: OperationControls, error: unknown): void {
  if (!(error instanceof FheError)) {
    throw error;
  }
  controls.onEvent?.({ event: 'warning', code: error.code, text: error.message });
}
