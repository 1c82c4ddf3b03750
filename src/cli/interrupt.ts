/** How long an operation may take to end by itself before the program does; a native call may run longer. */
const PATIENCE_MILLISECONDS = 1000;

export const INTERRUPTED_EXIT_CODE = 130;

/**
 * A signal that Ctrl-C (or a request to terminate, or the end of the terminal) aborts. The program then ends within two seconds, whatever runs,
 * after `report` where the operation did not end by itself; the second Ctrl-C ends it at once. Temporary files are
 * removed by the exit handlers of those who made them.
 */
export function abortOnInterrupt(report: () => void): AbortSignal {
  const controller = new AbortController();
  const end = (): void => {
    report();
    process.exit(INTERRUPTED_EXIT_CODE);
  };
  const interrupt = (): void => {
    if (controller.signal.aborted) {
      end();
    }
    controller.abort();
    setTimeout(end, PATIENCE_MILLISECONDS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, interrupt);
  }
  return controller.signal;
}
