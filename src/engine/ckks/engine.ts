import { join } from 'node:path';
import { FheError } from '../../errors.js';
import { type CkksParameters, maximumLevelOf } from '../../scheme/parameters.js';
import type { KeyFile } from '../../store/key-file.js';
import type { KeyFolder } from '../../store/key-set.js';
import type {
  Client,
  Encryptor,
  Engine,
  Evaluator,
  EvaluatorOptions,
  KeyGenerationOptions,
  KeyPlan,
} from '../engine.js';
import { type CkksBinding, type ContextHandle, loadBinding, native } from './binding.js';
import { CkksClient, CkksEncryptor, secretKeyFile } from './client.js';
import { CkksEvaluator } from './evaluator.js';
import { plannedKeys } from './key-files.js';
import { nativeParameters } from './parameters.js';

/** Version of the library's key and ciphertext formats. */
export const ckksLibraryVersion = 'ckks 1';

/** Opens the project's own CKKS library. Throws ERR_ENGINE_UNAVAILABLE, ERR_PROFILE. */
export async function openCkksEngine(parameters: CkksParameters): Promise<Engine> {
  const binding = loadBinding();
  const { context } = await native(() => binding.createContext(nativeParameters(parameters)));
  return new CkksEngine(binding, context, parameters.ringDimension / 2, maximumLevelOf(parameters));
}

class CkksEngine implements Engine {
  readonly name = 'ckks';
  readonly encrypted = true;

  constructor(
    private readonly binding: CkksBinding,
    private readonly context: ContextHandle,
    readonly slots: number,
    readonly maximumLevel: number,
  ) {}

  async generateKeys(folder: string, plan: KeyPlan, options: KeyGenerationOptions): Promise<KeyFile[]> {
    const keys = plannedKeys(plan);
    const total = keys.length + 1;
    this.binding.setThreads(options.threads ?? 0);
    const secretPath = `secret/${secretKeyFile}`;
    options.progress?.({ text: 'secret key', done: 0, total });
    const { secret, sha256 } = await native(() => this.binding.generateSecret(this.context, join(folder, secretPath)));
    try {
      for (const [index, { file, request }] of keys.entries()) {
        if (options.signal?.aborted) {
          throw new FheError('ERR_CANCELLED', 'key generation was interrupted');
        }
        options.progress?.({ text: file.path, done: index + 1, total });
        await native(() => this.binding.generateKey(secret, { ...request, path: join(folder, file.path) }));
      }
    } finally {
      this.binding.dispose(secret);
    }
    options.progress?.({ text: 'keys made', done: total, total });
    return [{ path: secretPath, kind: 'secret', sha256 }, ...keys.map((key) => key.file)];
  }

  openClient(keys: KeyFolder): Promise<Client> {
    return CkksClient.open(this.binding, this.context, keys);
  }

  openEncryptor(keys: KeyFolder): Promise<Encryptor> {
    return CkksEncryptor.open(this.binding, this.context, keys);
  }

  openEvaluator(keys: KeyFolder, options: EvaluatorOptions): Promise<Evaluator> {
    return CkksEvaluator.open(this.binding, this.context, keys, options);
  }

  dispose(): void {
    this.binding.dispose(this.context);
  }
}
