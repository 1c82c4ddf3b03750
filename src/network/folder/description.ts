import { FheError } from '../../errors.js';
import { elementCount } from '../../tensor/tensor.js';
import { type Fields, parseFields } from '../fields.js';
import type { GraphInput, GraphOutput, Shape } from '../graph.js';
import { limits } from './limits.js';

const format = 'resnet20-fhe-network';
const version = 1;

/** How the ranges of activations were measured. */
export interface Calibration {
  /** Pictures or tensors that ranges were measured on. */
  readonly samples: number;
  /** Others, on which the ranges were tried afterwards. */
  readonly heldOut: number;
  /** A bound is this many times the largest magnitude that was seen. */
  readonly margin: number;
  /** Fraction of the held-out samples of which any activation's input left its bound. */
  readonly outOfRange: number;
}

/** What `network.json` says besides the nodes: all that a client needs to know of a network. */
export interface NetworkDescription {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphOutput[];
  readonly weights: { readonly file: string; readonly sha256: string };
  /** Undefined where no range was measured. */
  readonly calibration: Calibration | undefined;
}

/** Parses `network.json`, all but its nodes, which are returned as they are. Throws ERR_NETWORK, naming file and field. */
export function parseDescription(
  text: string,
  file: string,
): { readonly description: NetworkDescription; readonly nodes: readonly Fields[] } {
  const fields = parseFields(text, { file, code: 'ERR_NETWORK', whole: 'the description of a network' });
  fields.choice('format', [format]);
  const found = fields.number('version');
  if (found !== version) {
    throw new FheError(
      'ERR_NETWORK',
      `${file}: version must be ${version}, found ${found}; import the model again with this version of the program`,
    );
  }
  const weights = fields.fields('weights');
  const description = {
    name: nameIn(fields, 'name'),
    inputs: fields.list('inputs', 1, limits.values).map(parseInput),
    outputs: fields.list('outputs', 1, limits.values).map(parseOutput),
    weights: { file: parseFileName(weights), sha256: parseHash(weights) },
    calibration: fields.has('calibration') ? parseCalibration(fields.fields('calibration')) : undefined,
  };
  const nodes = fields.list('nodes', 1, limits.nodes);
  weights.refuseOthers();
  fields.refuseOthers();
  return { description, nodes };
}

/** The text of `network.json`; `nodes`: each as JSON takes it. */
export function formatDescription(description: NetworkDescription, nodes: readonly object[]): string {
  const { name, inputs, outputs, weights, calibration } = description;
  const head = { format, version, name, inputs, outputs, weights, ...(calibration && { calibration }) };
  // One line for each node, so that people can read the whole.
  const lines = nodes.map((node) => `    ${JSON.stringify(node)}`).join(',\n');
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "nodes": [\n${lines}\n  ]\n}\n`;
}

const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/;

/** The name of a value, node, tensor or network: steps and registers of circuits are named after them. */
export function nameIn(fields: Fields, field: string): string {
  const name = fields.text(field);
  if (!isName(name)) {
    throw fields.error(field, `a name of letters, digits, "_", ".", "/" and "-", ${limits.nameLength} at most`);
  }
  return name;
}

export function isName(text: string): boolean {
  return text.length <= limits.nameLength && namePattern.test(text);
}

function parseInput(input: Fields): GraphInput {
  const kind = input.choice('kind', ['picture', 'values']);
  const shape = input.wholeNumbers('shape', 3, 1, limits.extent) as [number, number, number];
  if (elementCount(shape) > limits.elements) {
    throw input.error('shape', `the shape of ${limits.elements} numbers at most`);
  }
  if (kind === 'picture' && !isColour(shape)) {
    throw input.error('shape', 'the shape of a picture, with one channel or three');
  }
  const result = { name: nameIn(input, 'name'), shape, kind, ...parseNormalization(input, shape[0]) };
  input.refuseOthers();
  return result;
}

function parseOutput(output: Fields): GraphOutput {
  const bound = output.has('bound') ? positive(output, 'bound') : undefined;
  const named = { name: nameIn(output, 'name'), ...(bound !== undefined && { bound }) };
  const kind = output.choice('kind', ['scores', 'picture', 'values']);
  const result = { ...named, ...parseMeaning(output, kind) };
  output.refuseOthers();
  return result;
}

type Meaning<Output> = Output extends GraphOutput ? Omit<Output, 'name' | 'bound'> : never;

function parseMeaning(output: Fields, kind: GraphOutput['kind']): Meaning<GraphOutput> {
  switch (kind) {
    case 'scores':
      return { kind, classes: parseClasses(output) };
    case 'picture':
      return { kind, ...parseNormalization(output, undefined) };
    case 'values':
      return { kind };
  }
}

/** Control characters, which would act on a terminal. */
const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Whether a text can name a score. */
export function isLabel(text: string): boolean {
  return text !== '' && text.length <= limits.nameLength && !control.test(text);
}

function parseClasses(output: Fields): string[] {
  const classes = output.texts('classes');
  if (classes.length > limits.classes || !classes.every(isLabel)) {
    throw output.error(
      'classes',
      `at most ${limits.classes} texts of 1 to ${limits.nameLength} characters, none a control`,
    );
  }
  return classes;
}

/** One number a channel; undefined: one or three channels. */
function parseNormalization(
  fields: Fields,
  channels: number | undefined,
): { readonly mean: readonly number[]; readonly deviation: readonly number[] } {
  const count = channels ?? fields.numbers('mean').length;
  if (channels === undefined && count !== 1 && count !== 3) {
    throw fields.error('mean', 'a list of one number or three');
  }
  const mean = fields.numbers('mean', count);
  const deviation = fields.numbers('deviation', count);
  if (!deviation.every((value) => value > 0)) {
    throw fields.error('deviation', 'a list of numbers above 0');
  }
  return { mean, deviation };
}

/** Whether a feature map has the channels of a picture. */
export function isColour([channels]: Shape): boolean {
  return channels === 1 || channels === 3;
}

function parseFileName(weights: Fields): string {
  const name = weights.text('file');
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*\.safetensors$/.test(name) || name.length > limits.nameLength) {
    throw weights.error('file', 'the name of a .safetensors file in the same folder');
  }
  return name;
}

function parseHash(weights: Fields): string {
  const hash = weights.text('sha256');
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw weights.error('sha256', '64 hexadecimal digits');
  }
  return hash;
}

function parseCalibration(fields: Fields): Calibration {
  const result = {
    samples: fields.wholeNumber('samples', 1, Number.MAX_SAFE_INTEGER),
    heldOut: fields.wholeNumber('heldOut', 0, Number.MAX_SAFE_INTEGER),
    margin: positive(fields, 'margin'),
    outOfRange: fields.number('outOfRange'),
  };
  fields.refuseOthers();
  return result;
}

/** A number above 0. */
export function positive(fields: Fields, name: string): number {
  const value = fields.number(name);
  if (value <= 0) {
    throw fields.error(name, 'a number above 0');
  }
  return value;
}
