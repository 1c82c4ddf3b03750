import { loadImage } from '../image/load.js';
import { normalise } from '../image/normalise.js';
import type { Network } from '../network/description.js';
import type { Tensor } from '../tensor/tensor.js';

/** An image as the network takes it. */
export interface InputImage {
  readonly input: string;
  /** [channels, height, width], normalised. */
  readonly tensor: Tensor;
}

/** Reads and normalises images. Throws ERR_FILE, ERR_IMAGE_DECODE or ERR_IMAGE_SHAPE, naming the file. */
export async function readImages(
  paths: readonly string[],
  network: Network,
  resize: boolean | undefined,
): Promise<InputImage[]> {
  const [, side] = network.input.shape;
  const images: InputImage[] = [];
  for (const path of paths) {
    images.push({ input: path, tensor: normalise(await loadImage(path, { side, resize }), network.input) });
  }
  return images;
}
