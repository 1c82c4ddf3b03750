import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type {
  Decryption,
  DecryptOptions,
  EncryptOptions,
  EvaluateOptions,
  GenerateKeysOptions,
  Inference,
  InferOptions,
} from '../../src/index.js';

/** Operations with their options and what the tests read of their results. */
export interface ServedOperations {
  readonly decrypt: { readonly options: DecryptOptions; readonly result: Decryption };
  readonly encrypt: { readonly options: EncryptOptions; readonly result: unknown };
  readonly evaluate: { readonly options: EvaluateOptions; readonly result: unknown };
  readonly generateKeys: { readonly options: GenerateKeysOptions; readonly result: unknown };
  readonly infer: { readonly options: InferOptions; readonly result: Inference };
}

export type Reply<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** An FheError with a code. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Another error, the end of the process, or none within the limit. */
  | { readonly kind: 'error' | 'crash' | 'hang'; readonly text: string };

const limitMilliseconds = 120_000;

/** A process that runs operations of the compiled program; a new one takes the place of one that ended. */
export class OperationServer implements Disposable {
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  run<Name extends keyof ServedOperations>(
    operation: Name,
    options: ServedOperations[Name]['options'],
  ): Promise<Reply<ServedOperations[Name]['result']>> {
    const child = this.#running();
    return new Promise((resolve) => {
      const end = (reply: Reply<ServedOperations[Name]['result']>): void => {
        clearTimeout(limit);
        child.removeAllListeners();
        if (reply.kind === 'crash' || reply.kind === 'hang') {
          child.kill('SIGKILL');
          this.#child = undefined;
        }
        resolve(reply);
      };
      const limit = setTimeout(
        () => end({ kind: 'hang', text: `no end after ${limitMilliseconds} ms` }),
        limitMilliseconds,
      );
      child.once('exit', (status, signal) => end({ kind: 'crash', text: `ended with ${status ?? signal}` }));
      child.once('message', ({ result, error }: { result?: unknown; error?: { code?: string; text: string } }) => {
        if (error === undefined) {
          end({ kind: 'done', result });
        } else if (error.code === undefined) {
          end({ kind: 'error', text: error.text });
        } else {
          end({ kind: 'refused', code: error.code });
        }
      });
      child.send({ operation, options });
    });
  }

  /** The result of an operation that nothing disturbs. */
  async result<Name extends keyof ServedOperations>(
    operation: Name,
    options: ServedOperations[Name]['options'],
  ): Promise<ServedOperations[Name]['result']> {
    const reply = await this.run(operation, options);
    if (reply.kind !== 'done') {
      throw new Error(`${operation} must succeed, found ${JSON.stringify(reply)}`);
    }
    return reply.result;
  }

  #running(): ChildProcess {
    this.#child ??= fork(fileURLToPath(new URL('operation-server.mjs', import.meta.url)), {
      env: { ...process.env, ...this.#environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return this.#child;
  }

  [Symbol.dispose](): void {
    this.#child?.kill();
  }
}
