import type { InputEncoding } from '../circuit/port.js';
import { FheError } from '../errors.js';
import { loadImage } from '../image/load.js';
import { normalise } from '../image/normalise.js';
import { readInputFile } from '../input-file.js';
import { notice, type OperationControls } from '../sessions/events.js';
import { readNpy } from '../tensor/npy.js';
import { elementCount, type Tensor, tensor } from '../tensor/tensor.js';

/** An input as the network takes it. */
export interface NetworkInput {
  /** The file, and which of several in it. */
  readonly input: string;
  /** [channels, height, width], normalised. */
  readonly tensor: Tensor;
}

/** What the numbers of an input are. */
type InputMeaning = Pick<InputEncoding, 'kind' | 'shape' | 'mean' | 'deviation'>;

const maximumValuesBytes = 2 ** 31;

/**
 * Reads and normalises pictures or, for a network that takes values, NumPy files of one input [channels, height, width]
 * or several [inputs, channels, height, width]. Throws ERR_FILE, ERR_IMAGE_DECODE, ERR_IMAGE_SHAPE or ERR_DATA, naming the
 * file.
 */
export async function readInputs(
  paths: readonly string[],
  encoding: InputMeaning,
  resize: boolean | undefined,
  controls: OperationControls,
): Promise<NetworkInput[]> {
  const inputs: NetworkInput[] = [];
  const onNotice = (text: string): void => notice(controls, text);
  for (const path of paths) {
    if (encoding.kind === 'picture') {
      const pixels = await loadImage(path, { shape: encoding.shape, resize, onNotice });
      inputs.push({ input: path, tensor: normalise(pixels, encoding) });
    } else {
      inputs.push(...(await readValues(path, encoding)));
    }
  }
  return inputs;
}

async function readValues(path: string, { shape, mean, deviation }: InputMeaning): Promise<NetworkInput[]> {
  const bytes = await readInputFile(path, { expected: 'a NumPy file (.npy)', maximumBytes: maximumValuesBytes });
  const found = readNpy(bytes, path);
  const [count, inner] = found.shape.length === 4 ? [found.shape[0]!, found.shape.slice(1)] : [1, found.shape];
  if (count < 1 || inner.length !== 3 || inner.some((extent, axis) => extent !== shape[axis])) {
    throw new FheError(
      'ERR_DATA',
      `${path}: the network takes values of shape [${shape.join(', ')}], or several of them, found [${found.shape.join(', ')}]`,
    );
  }
  const size = elementCount(shape);
  const plane = size / shape[0];
  return Array.from({ length: count }, (_, index) => {
    const values = found.data.subarray(index * size, (index + 1) * size);
    const scaled = values.map((value, element) => {
      const channel = Math.floor(element / plane);
      return (value - mean[channel]!) / deviation[channel]!;
    });
    return { input: count === 1 ? path : `${path}[${index}]`, tensor: tensor(shape, scaled) };
  });
}
