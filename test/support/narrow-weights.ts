import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';

/**
 * Copies weights into `folder` with a card that takes pictures for 2,500 times as far from mid-grey as they are: under
 * encryption every picture but a grey one overflows. Returns their path.
 */
export async function writeNarrowWeights(folder: string, weights: string): Promise<string> {
  const path = join(folder, 'narrow.safetensors');
  await copyFile(weights, path);
  const card = JSON.parse(await readFile(weights.replace(/safetensors$/, 'json'), 'utf8'));
  card.input.mean = [128 / 255, 128 / 255, 128 / 255];
  card.input.deviation = [1e-4, 1e-4, 1e-4];
  await writeFile(join(folder, 'narrow.json'), JSON.stringify(card));
  return path;
}

/** Writes a mid-grey picture as PNG into `folder`, and returns the file. */
export async function writeGreyPicture(folder: string, side: number): Promise<string> {
  const picture = new PNG({ width: side, height: side });
  for (let index = 0; index < picture.data.length; index++) {
    picture.data[index] = index % 4 === 3 ? 255 : 128;
  }
  const file = join(folder, 'grey.png');
  await writeFile(file, PNG.sync.write(picture, { colorType: 2 }));
  return file;
}
