import type { Circuit } from '../../src/circuit/circuit.js';
import type { Ciphertext, Client, Evaluator } from '../../src/engine/engine.js';
import { packImages, unpackScores } from '../../src/lowering/packing.js';
import type { Network } from '../../src/network/description.js';
import type { Tensor } from '../../src/tensor/tensor.js';

/** Scores of images by way of encryption, every step of the circuit, and decryption. */
export async function scoresThrough(
  engine: { readonly client: Client; readonly evaluator: Evaluator },
  network: Network,
  circuit: Circuit,
  images: readonly Tensor[],
  result = true,
): Promise<Float64Array[]> {
  const { client, evaluator } = engine;
  const { level, scale, register } = circuit.input;
  const payload = await client.encrypt(packImages(network, circuit, images), level, scale);
  const registers = new Map<string, Ciphertext>([[register, await evaluator.readCiphertext(payload)]]);
  const read = (name: string): Ciphertext => registers.get(name)!;
  for (const stage of circuit.stages) {
    await evaluator.enterStage(stage.name, stage.keys);
    for (const step of stage.steps) {
      registers.set(step.target, await execute());
      async function execute(): Promise<Ciphertext> {
        switch (step.kind) {
          case 'linear': {
            const inputs = step.terms.map(({ source }) => read(source));
            const encoded = await evaluator.encodeLinear(
              step,
              inputs.map((input) => input.scale),
            );
            return evaluator.linear(encoded, inputs);
          }
          case 'square':
            return evaluator.square(read(step.source), step.componentwise);
          case 'polynomial':
            return evaluator.polynomial(read(step.source), step);
          case 'bootstrap':
            return evaluator.bootstrap(read(step.source), step.bound);
        }
      }
    }
  }
  const output = await evaluator.writeCiphertext(read(circuit.output.register), { result });
  return unpackScores(circuit, await client.decrypt(output), images.length);
}
