import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { FheError } from '../../../errors.js';
import { shown } from '../../../shown-text.js';
import { type GraphProto, type TensorProto, TensorProto_DataLocation } from './generated/onnx_pb.js';

const maximumBytes = 2 ** 30;

/**
 * Bytes of the initialisers that the model has in other files: at an offset of a file in the model's own folder, or a
 * folder in it. Throws ERR_NETWORK for a place elsewhere, and where the file is shorter than it must be.
 */
export async function readExternalData(graph: GraphProto, file: string): Promise<ReadonlyMap<TensorProto, Uint8Array>> {
  const outside = graph.initializer.filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL);
  const result = new Map<TensorProto, Uint8Array>();
  let total = 0;
  for (const tensor of outside) {
    const bytes = await readOne(tensor, file, maximumBytes - total);
    total += bytes.length;
    result.set(tensor, bytes);
  }
  return result;
}

async function readOne(tensor: TensorProto, file: string, most: number): Promise<Uint8Array> {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const refuse = (reason: string, cause?: unknown): FheError =>
    new FheError('ERR_NETWORK', `${file}: the data of tensor ${shown(tensor.name)} ${reason}`, { cause });
  const location = entries.get('location') ?? '';
  const place = await placeInside(dirname(file), location);
  if (place === undefined) {
    throw refuse(`should be in ${shown(location)}, expected a file in the model's folder; copy it there`);
  }
  let handle: FileHandle | undefined;
  try {
    handle = await open(place, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await handle.stat();
    const offset = numberOf(entries.get('offset'), 0);
    const length = numberOf(entries.get('length'), found.size - offset);
    if (!found.isFile() || !(offset >= 0 && length >= 0 && offset + length <= found.size)) {
      throw refuse(`should be ${length} bytes from ${offset} on in ${shown(location)}, which has ${found.size}`);
    }
    if (length > most) {
      throw refuse(`would be more than ${maximumBytes} bytes together with that of others`);
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw cause instanceof FheError ? cause : refuse(`in ${shown(location)} can't be read`, cause);
  } finally {
    await handle?.close();
  }
}

function numberOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** The real path of a location in a folder, links followed; undefined where it is none, or outside. */
async function placeInside(folder: string, location: string): Promise<string | undefined> {
  if (location === '' || location.includes('\0')) {
    return undefined;
  }
  try {
    const root = await realpath(folder);
    const place = await realpath(join(root, location));
    return place.startsWith(`${root}${sep}`) ? place : undefined;
  } catch {
    return undefined;
  }
}
