import type { CostModel } from '../../cost/cost-model.js';
import { costModel } from '../../cost/engine-cost.js';
import { referenceRates } from '../../cost/rates.js';
import { FheError } from '../../errors.js';
import type { OpenFheParameters } from '../../scheme/parameters.js';
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
import type { NativeEngine, OpenFheAddon } from './binding.js';
import { BootstrapTables } from './bootstrap-support.js';
import { OpenFheClient, OpenFheEncryptor } from './client.js';
import { OpenFheEvaluator } from './evaluator.js';
import { generateKeyFiles } from './generate-keys.js';
import { readKeyIndex } from './key-index.js';
import { loadAddon, settled } from './load-addon.js';
import { LoadedKeys } from './loaded-keys.js';
import { nativeParameters } from './native-parameters.js';
import { OpenedFiles } from './opened-files.js';

/** Increases whenever the key or ciphertext files of this engine change. */
const formatVersion = 1;

/** OpenFHE's version and that of the engine's files. Throws ERR_ENGINE_UNAVAILABLE. */
export function openFheLibraryVersion(): string {
  return `OpenFHE ${loadAddon().version()}, files ${formatVersion}`;
}

/** Throws ERR_ENGINE_UNAVAILABLE without the addon, ERR_PROFILE where OpenFHE refuses the parameters. */
export async function openOpenFheEngine(parameters: OpenFheParameters): Promise<Engine> {
  const addon = loadAddon();
  const native = await settled('parameters', addon.open(nativeParameters(parameters)));
  return new OpenFheEngine(addon, native, parameters, costModel(parameters, referenceRates));
}

class OpenFheEngine implements Engine {
  readonly name = 'openfhe';
  readonly encrypted = true;
  readonly slots: number;
  readonly maximumLevel: number;
  readonly #addon: OpenFheAddon;
  readonly #native: NativeEngine;
  readonly #bootstrapLevel: number | undefined;
  readonly #bootstrapTables: BootstrapTables;
  readonly #costs: CostModel;
  readonly #children = new Set<{ dispose(): void }>();
  #disposed = false;

  constructor(addon: OpenFheAddon, native: NativeEngine, parameters: OpenFheParameters, costs: CostModel) {
    this.#costs = costs;
    this.#addon = addon;
    this.#native = native;
    this.#bootstrapTables = new BootstrapTables(addon, native);
    this.#bootstrapLevel = parameters.bootstrap === undefined ? undefined : parameters.levels;
    this.slots = parameters.slots;
    this.maximumLevel = native.depth;
  }

  async generateKeys(folder: string, plan: KeyPlan, options: KeyGenerationOptions): Promise<KeyFile[]> {
    this.#checkUsable();
    await this.#addon.setThreads(options.threads ?? 0);
    return generateKeyFiles(this.#addon, this.#native, folder, plan, options);
  }

  async openClient(keys: KeyFolder): Promise<Client> {
    this.#checkUsable();
    return this.#adopt(await OpenFheClient.open(this.#addon, this.#native, keys, this.slots));
  }

  async openEncryptor(keys: KeyFolder): Promise<Encryptor> {
    this.#checkUsable();
    return this.#adopt(await OpenFheEncryptor.open(this.#addon, this.#native, keys, this.slots));
  }

  /** A stage's keys, which are most of the memory, are read in whole; the budget decides on reading the next ones ahead. */
  async openEvaluator(folder: KeyFolder, options: EvaluatorOptions): Promise<Evaluator> {
    this.#checkUsable();
    await this.#addon.setThreads(options.threads ?? 0);
    const index = await readKeyIndex(folder);
    const files = await OpenedFiles.open(this.#addon, folder, index, options);
    const budget = options.memoryBudget ?? Number.POSITIVE_INFINITY;
    const fits = (keyBytes: number, level: number): boolean => keyBytes + this.#costs.residentBytes(level) <= budget;
    const keys = new LoadedKeys(this.#addon, this.#native, this.#bootstrapTables, files, index, fits);
    return this.#adopt(new OpenFheEvaluator(this.#addon, this.#native, keys, this.slots, this.#bootstrapLevel));
  }

  dispose(): void {
    this.#disposed = true;
    for (const child of this.#children) {
      child.dispose();
    }
    this.#children.clear();
    this.#addon.dispose(this.#native.handle);
  }

  #adopt<Child extends { dispose(): void }>(child: Child): Child {
    this.#children.add(child);
    return child;
  }

  #checkUsable(): void {
    if (this.#disposed) {
      throw new FheError('ERR_DISPOSED', 'the engine is disposed');
    }
  }
}
