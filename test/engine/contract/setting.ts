import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Circuit, type KeyRequirements, type LinearStep, sourcesOf } from '../../../src/circuit/circuit.js';
import { periodOf } from '../../../src/circuit/linear-step.js';
import type { SlotValues } from '../../../src/circuit/slot-values.js';
import type { Ciphertext, Client, Encryptor, Engine, Evaluator, StageKeys } from '../../../src/engine/engine.js';
import { circuitParameters } from '../../../src/scheme/circuit-parameters.js';
import type { Parameters } from '../../../src/scheme/parameters.js';
import type { KeyFile } from '../../../src/store/key-file.js';
import { sideOf } from '../../support/key-sides.js';
import { bootstraps, searchedCircuit } from '../../support/parameters.js';
import { seededRandom } from '../../support/random.js';
import { randomNetwork } from '../../support/random-network.js';
import { referenceLinear } from './reference.js';

/** An engine opened for small parameters (ring dimension 2^12 or so). */
export interface ContractSubject {
  readonly engine: Engine;
  readonly parameters: Parameters;
}

/** Rotations that the contract's stage has keys for. */
const rotations = [-64, -1, 1, 5, 300];

/** An engine with a key set on disk and all who hold a part of it, as the tests of the contract use it. */
export class ContractSetting {
  subject!: ContractSubject;
  folder!: string;
  files!: KeyFile[];
  client!: Client;
  evaluator!: Evaluator;
  circuits!: readonly Circuit[];

  /** `tolerance`: the largest error of a slot after one operation on values in [-1, 1]. */
  constructor(
    private readonly open: () => Promise<ContractSubject>,
    readonly tolerance: number,
  ) {}

  async prepare(): Promise<void> {
    this.subject = await this.open();
    this.circuits = contractCircuits(this.subject.parameters);
    this.folder = await mkdtemp(join(tmpdir(), 'engine-contract-'));
    this.files = await this.makeKeys(this.folder);
    this.client = await this.subject.engine.openClient(await sideOf(this.folder, 'secret'));
    this.evaluator = await this.subject.engine.openEvaluator(await sideOf(this.folder, 'evaluation'), {});
    await this.evaluator.enterStage('contract', this.contractKeys());
  }

  async dispose(): Promise<void> {
    this.evaluator?.dispose();
    this.client?.dispose();
    this.subject?.engine.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }

  parameters() {
    return circuitParameters(this.subject.parameters);
  }

  /** Scale at which products and rotations take place: that of a square. */
  productScale(): number {
    const { activationScale, squareLevels } = this.parameters();
    return squareLevels === 0 ? activationScale ** 2 : activationScale;
  }

  contractKeys(): KeyRequirements {
    const { imaginaryImages, bootstrap } = this.parameters();
    return {
      rotations,
      relinearization: true,
      conjugation: imaginaryImages,
      bootstrap: bootstrap !== undefined,
      level: 3,
    };
  }

  async makeKeys(into: string): Promise<KeyFile[]> {
    await makeKeyFolders(into);
    const stages = [
      { name: 'contract', keys: this.contractKeys() },
      ...this.circuits.flatMap((circuit) => circuit.stages.map(({ name, keys }) => ({ name, keys }))),
    ];
    return this.subject.engine.generateKeys(into, { stages: mergeStages(stages) }, {});
  }

  async encrypt(values: SlotValues, level: number, scale: number, by: Encryptor = this.client): Promise<Ciphertext> {
    return this.evaluator.readCiphertext(await by.encrypt(values, level, scale));
  }

  async decrypt(ciphertext: Ciphertext): Promise<SlotValues> {
    return this.client.decrypt(await this.evaluator.writeCiphertext(ciphertext, { result: false }));
  }

  random(seed: number): Float64Array {
    const uniform = seededRandom(seed);
    return Float64Array.from({ length: this.subject.engine.slots }, () => 2 * uniform() - 1);
  }

  /** A step of a circuit with random inputs: the first at the step's level, further ones above it where possible. */
  stepCase(circuit: Circuit, stepName: string): { step: LinearStep; inputs: SlotValues[] } {
    const step = circuit.stages.flatMap(({ steps }) => steps).find((candidate) => candidate.name === stepName);
    if (step?.kind !== 'linear') {
      throw new Error(`no linear step ${stepName}`);
    }
    const inputs = sourcesOf(step).map((_, index) => ({
      real: this.random(20 + index),
      ...(step.conjugate ? { imaginary: this.random(30 + index) } : {}),
    }));
    return { step, inputs };
  }

  async runLinear(step: LinearStep, inputs: readonly SlotValues[]) {
    const stage = this.circuits.flatMap(({ stages }) => stages).find(({ steps }) => steps.includes(step))!;
    await this.evaluator.enterStage(stage.name, stage.keys);
    const scale = step.name === 'stem' ? this.parameters().inputScale : this.productScale();
    const ciphertexts = await Promise.all(
      inputs.map((values, index) => {
        const level = Math.min(step.level + index, this.subject.engine.maximumLevel);
        return this.encrypt(values, level, scale);
      }),
    );
    const [register] = await this.evaluator.linear(step, ciphertexts);
    return { register: register!, outputs: referenceLinear(step, inputs) };
  }
}

export async function makeKeyFolders(folder: string): Promise<void> {
  for (const side of ['secret', 'public', 'evaluation']) {
    await mkdir(join(folder, side), { recursive: true });
  }
}

export function contractNetwork(parameters: Parameters, padding: 'zero' | 'circular-width') {
  return randomNetwork({
    channels: [4, 8],
    height: 8,
    width: 8,
    blocksPerStage: 1,
    activation: bootstraps(parameters) ? 'relu' : 'square',
    padding,
    seed: 21,
    classes: 10,
  });
}

/** Periodic diagonals, dense diagonals, and where the engine can, images in the imaginary part. */
function contractCircuits(parameters: Parameters): Circuit[] {
  const circular = contractNetwork(parameters, 'circular-width');
  const zero = contractNetwork(parameters, 'zero');
  const circuits = [searchedCircuit(circular, parameters, 1), searchedCircuit(zero, parameters, 1)];
  const full = searchedCircuit(circular, parameters);
  return full.packing.imaginary ? [...circuits, full] : circuits;
}

export function circuitPadding(circuit: Circuit): 'zero' | 'circular-width' {
  const steps = circuit.stages.flatMap((stage) => stage.steps);
  const convolution = steps.find((step) => step.name === 'stage1.block1.conv1') as LinearStep;
  return periodOf(convolution) < circuit.slots ? 'circular-width' : 'zero';
}

/** Stages of several circuits with the same name, joined: their keys have to serve all of them. */
function mergeStages(stages: readonly StageKeys[]) {
  const merged = new Map<string, KeyRequirements>();
  for (const { name, keys } of stages) {
    const other = merged.get(name);
    merged.set(
      name,
      other === undefined
        ? keys
        : {
            rotations: [...new Set([...other.rotations, ...keys.rotations])].sort((left, right) => left - right),
            relinearization: other.relinearization || keys.relinearization,
            conjugation: other.conjugation || keys.conjugation,
            bootstrap: other.bootstrap || keys.bootstrap,
            level: Math.max(other.level, keys.level),
          },
    );
  }
  return [...merged].map(([name, keys]) => ({ name, keys }));
}
