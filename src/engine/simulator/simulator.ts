import { FheError } from '../../errors.js';
import type { Parameters } from '../../scheme/parameters.js';
import type { KeyFile } from '../../store/key-file.js';
import type { KeyFolder } from '../../store/key-set.js';
import type { Client, Encryptor, Engine, Evaluator, KeyGenerationOptions, KeyPlan } from '../engine.js';
import { SimulatedClient, SimulatedEncryptor } from './client.js';
import { SimulatedEvaluator } from './evaluator.js';
import { readKeySet, readKeys, writeKeyFiles } from './key-files.js';
import { type SimulationModel, simulationModel } from './model.js';
import { type NoiseModel, NoiseSource } from './noise.js';

/** Of the files that the simulator writes. */
export const simulatorVersion = '1';

export interface SimulatorOptions {
  /** Default `none`. */
  readonly noise?: NoiseModel | undefined;
  /** Leave slots that hold no element uncomputed: faster, and the same scores. Default false. */
  readonly liveColumnsOnly?: boolean | undefined;
  /** Of the noise; the same seed gives the same run. Default 1. */
  readonly seed?: number | undefined;
}

/** Opens the engine that runs circuits under the parameters on plain slots. Nothing is encrypted. */
export function openSimulator(parameters: Parameters, options: SimulatorOptions = {}): SimulatorEngine {
  return new SimulatorEngine(parameters, options);
}

export class SimulatorEngine implements Engine {
  readonly name = 'simulator';
  readonly encrypted = false;
  readonly #model: SimulationModel;
  readonly #noise: NoiseSource;

  constructor(parameters: Parameters, options: SimulatorOptions) {
    this.#model = simulationModel(parameters, options.noise ?? 'none', options.liveColumnsOnly ?? false);
    this.#noise = new NoiseSource(options.seed ?? 1);
  }

  get slots(): number {
    return this.#model.slots;
  }

  get maximumLevel(): number {
    return this.#model.maximumLevel;
  }

  async generateKeys(folder: string, plan: KeyPlan, options: KeyGenerationOptions): Promise<KeyFile[]> {
    if (options.signal?.aborted === true) {
      throw new FheError('ERR_CANCELLED', 'interrupted');
    }
    return writeKeyFiles(folder, plan);
  }

  async openClient(keys: KeyFolder): Promise<Client> {
    return new SimulatedClient(this.#model, await readKeySet(keys));
  }

  async openEncryptor(keys: KeyFolder): Promise<Encryptor> {
    return new SimulatedEncryptor(this.#model, await readKeySet(keys));
  }

  async openEvaluator(folder: KeyFolder): Promise<Evaluator> {
    const keys = await readKeys(folder);
    return new SimulatedEvaluator(this.#model, this.#noise, keys.keySet, keys);
  }

  /** Both sides without key files, as if every key were there. */
  openWithoutKeys(): { readonly client: Client; readonly evaluator: Evaluator } {
    const keySet = '00000000-0000-0000-0000-000000000000';
    return {
      client: new SimulatedClient(this.#model, keySet),
      evaluator: new SimulatedEvaluator(this.#model, this.#noise, keySet, undefined),
    };
  }

  dispose(): void {}
}
