import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FheError } from '../../errors.js';
import { readInputFile } from '../../input-file.js';
import { shown } from '../../shown-text.js';
import { elementCount, type Tensor } from '../../tensor/tensor.js';
import type { Fields } from '../fields.js';
import type { Graph, Node, Shape } from '../graph.js';
import { shapesOf } from '../shapes.js';
import { readWeights } from '../weights/read-weights.js';
import { readSafetensors } from '../weights/safetensors.js';
import { type Calibration, isColour, type NetworkDescription, nameIn, parseDescription } from './description.js';
import { descriptionFile, limits } from './limits.js';
import { readInputNames, readNodeName, readOperation, type TensorSource } from './operations.js';

/** A network as its folder holds it. */
export interface NetworkFolder {
  readonly graph: Graph;
  /** Undefined where no range was measured. */
  readonly calibration: Calibration | undefined;
}

/**
 * Reads `network.json` and the weights that it names, which must be in the same folder. Throws ERR_FILE where there is no
 * description, ERR_NETWORK for one that is wrong or does not describe a network, ERR_WEIGHTS for weights that are not its.
 */
export async function readNetworkFolder(folder: string): Promise<NetworkFolder> {
  const { file, text } = await readText(folder);
  const { description, nodes: written } = parseDescription(text, file);
  const { name, inputs, outputs, weights, calibration } = description;
  const path = await insideFolder(folder, weights.file);
  const { bytes, sha256 } = await readWeights(path);
  if (sha256 !== weights.sha256) {
    throw new FheError(
      'ERR_WEIGHTS',
      `${path}: SHA-256 must be ${weights.sha256} by ${descriptionFile}, found ${sha256}; import the model again`,
    );
  }
  const tensors = new Tensors(readSafetensors(bytes, path), path);
  const nodes = written.map((fields): Node => readNode(fields, tensors));
  tensors.refuseUnused();
  const graph: Graph = { name, inputs, nodes, outputs, weightsHash: sha256 };
  checkGraph(graph, file);
  return { graph, calibration };
}

/** What the folder's `network.json` says of inputs and outputs; weights are not read. Throws as `readNetworkFolder`. */
export async function readNetworkDescription(folder: string): Promise<NetworkDescription> {
  const { file, text } = await readText(folder);
  return parseDescription(text, file).description;
}

async function readText(folder: string): Promise<{ readonly file: string; readonly text: string }> {
  const file = await insideFolder(folder, descriptionFile);
  const bytes = await readInputFile(file, {
    expected: 'the description of a network',
    maximumBytes: limits.descriptionBytes,
  });
  return { file, text: bytes.toString('utf8') };
}

/** The path of a file in a folder. Throws ERR_NETWORK where it is a link to another place, ERR_FILE where there is none. */
async function insideFolder(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  let places: [string, string];
  try {
    places = [await realpath(folder), await realpath(path)];
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const found = code === 'ENOENT' || code === 'ENOTDIR' ? 'no such file' : `can't be read (${code})`;
    throw new FheError(
      'ERR_FILE',
      `${path}: ${found}; expected a folder that holds a network, as resnet20-fhe import writes it`,
      { cause },
    );
  }
  const [root, place] = places;
  if (dirname(place) !== root) {
    throw new FheError('ERR_NETWORK', `${path}: a link to a place outside its folder; copy the file itself there`);
  }
  return path;
}

function readNode(fields: Fields, tensors: TensorSource): Node {
  const node = {
    name: readNodeName(fields),
    inputs: readInputNames(fields),
    ...readOperation(fields, tensors),
  };
  fields.refuseOthers();
  return node;
}

/** The tensors of the weights file, of which each must be named by a node. */
class Tensors implements TensorSource {
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #path: string;
  readonly #unused: Set<string>;

  constructor(tensors: ReadonlyMap<string, Tensor>, path: string) {
    this.#tensors = tensors;
    this.#path = path;
    this.#unused = new Set(tensors.keys());
  }

  take(fields: Fields, field: string, shape: readonly (number | undefined)[]): Tensor {
    const name = nameIn(fields, field);
    const found = this.#tensors.get(name);
    if (found === undefined) {
      throw fields.error(field, `the name of a tensor in ${this.#path}`);
    }
    const fits =
      found.shape.length === shape.length &&
      found.shape.every((extent, axis) => extent >= 1 && extent === (shape[axis] ?? extent));
    if (!fits) {
      const expected = shape.map((extent) => extent ?? '1 or more').join(', ');
      throw fields.error(
        field,
        `the name of a tensor of shape [${expected}] (that of ${name} is [${found.shape.join(', ')}])`,
      );
    }
    this.#unused.delete(name);
    return found;
  }

  refuseUnused(): void {
    const [first] = this.#unused;
    if (first !== undefined) {
      throw new FheError('ERR_WEIGHTS', `${this.#path}: no node of ${descriptionFile} names tensor ${shown(first)}`);
    }
  }
}

/** Throws ERR_NETWORK for nodes that do not fit each other, that nothing reads, or outputs that are not what they say. */
function checkGraph(graph: Graph, file: string): void {
  const shapes = shapesOf(graph);
  for (const [name, shape] of shapes) {
    if (!(elementCount(shape) <= limits.elements)) {
      throw new FheError(
        'ERR_NETWORK',
        `${file}: ${name} has shape [${shape.join(', ')}]; a value may have ${limits.elements} numbers`,
      );
    }
  }
  checkOutputs(graph, shapes, file);
  checkReaders(graph, file);
}

function checkOutputs({ outputs, nodes }: Graph, shapes: ReadonlyMap<string, Shape>, file: string): void {
  for (const output of outputs) {
    const shape = shapes.get(output.name);
    const refuse = (expected: string, found: string): FheError =>
      new FheError('ERR_NETWORK', `${file}: output ${output.name} must be ${expected}, found ${found}`);
    if (shape === undefined || !nodes.some(({ name }) => name === output.name)) {
      throw refuse('the name of a node', shape === undefined ? 'none of this name' : 'an input');
    }
    const [channels, height, width] = shape;
    const found = `shape [${shape.join(', ')}]`;
    if (output.kind === 'scores' && (channels !== output.classes.length || height * width !== 1)) {
      throw refuse(`of shape [${output.classes.length}, 1, 1], one number per class`, found);
    }
    if (output.kind === 'picture' && (!isColour(shape) || channels !== output.mean.length)) {
      throw refuse(`a picture of ${output.mean.length} channels`, found);
    }
  }
}

function checkReaders({ nodes, outputs }: Graph, file: string): void {
  const read = new Set(
    [...outputs, ...nodes.flatMap(({ inputs }) => inputs.map((name) => ({ name })))].map(({ name }) => name),
  );
  const unread = nodes.find(({ name }) => !read.has(name));
  if (unread !== undefined) {
    throw new FheError(
      'ERR_NETWORK',
      `${file}: nothing reads the node ${unread.name}; remove it, or name it an output`,
    );
  }
}
