import type { Circuit } from '../../src/circuit/circuit.js';
import { packImages, unpackOutputs } from '../../src/circuit/port.js';
import type { SlotValues } from '../../src/circuit/slot-values.js';
import type { Ciphertext, Client, Evaluator } from '../../src/engine/engine.js';
import { runStages } from '../../src/sessions/run-stages.js';
import type { Tensor } from '../../src/tensor/tensor.js';

/** Scores of images by way of encryption, every step of the circuit, and decryption. */
export async function scoresThrough(
  engine: { readonly client: Client; readonly evaluator: Evaluator },
  circuit: Circuit,
  images: readonly Tensor[],
  result = true,
): Promise<Float64Array[]> {
  return unpackOutputs(circuit, await outputsThrough(engine, circuit, images, result), images.length);
}

/** The decrypted results, one for each register of the output; `result`: as an answer, which may be in a smaller ring. */
export async function outputsThrough(
  engine: { readonly client: Client; readonly evaluator: Evaluator },
  circuit: Circuit,
  images: readonly Tensor[],
  result = true,
): Promise<SlotValues[]> {
  const { client, evaluator } = engine;
  const { level, scale, registers } = circuit.input;
  const given = new Map<string, Ciphertext>();
  for (const [index, values] of packImages(circuit, images).entries()) {
    given.set(registers[index]!, await evaluator.readCiphertext(await client.encrypt(values, level, scale)));
  }
  const { registers: left } = await runStages(circuit, evaluator, given);
  const outputs: SlotValues[] = [];
  for (const register of circuit.output.registers) {
    using output = left.get(register)!;
    outputs.push(await client.decrypt(await evaluator.writeCiphertext(output, { result })));
  }
  return outputs;
}
