import type { PictureEncoding } from '../circuit/port.js';
import { loadImage } from '../image/load.js';
import { normalise } from '../image/normalise.js';
import { notice, type OperationControls } from '../sessions/events.js';
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
  encoding: PictureEncoding,
  resize: boolean | undefined,
  controls: OperationControls,
): Promise<InputImage[]> {
  const [, side] = encoding.shape;
  const images: InputImage[] = [];
  const onNotice = (text: string): void => notice(controls, text);
  for (const path of paths) {
    images.push({ input: path, tensor: normalise(await loadImage(path, { side, resize, onNotice }), encoding) });
  }
  return images;
}
