/** Reported by long operations. `done` and `total` count units of equal cost; `text` says what is being worked on. */
export interface ProgressReport {
  readonly text: string;
  readonly done: number;
  readonly total: number;
}
