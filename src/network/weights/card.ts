import { FheError } from '../../errors.js';
import type { ActivationRange } from '../graph.js';
import type { WidthPadding } from '../import/resnet20.js';

/**
 * What `weights/<name>.json` says about `weights/<name>.safetensors`. The file also records where the weights come
 * from (`recipe`, `seed`, `libraries`, `data`); those are for readers, not for the program.
 */
export interface WeightsCard {
  readonly name: string;
  readonly architecture: string;
  readonly activation: 'square' | 'relu';
  readonly padding: WidthPadding;
  readonly input: {
    readonly shape: readonly [number, number, number];
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
  };
  readonly classes: readonly string[];
  /** By activation name: the input's magnitude over the training set. */
  readonly ranges: ReadonlyMap<string, ActivationRange>;
  /** Scores of larger magnitude come from no picture like those of the training; undefined in cards that don't say. */
  readonly scoreBound?: number | undefined;
  /** Fractions of 1 on the plain network. */
  readonly accuracy: { readonly test: number; readonly validation: number; readonly testImages: number };
  readonly parameters: number;
  /** Of the safetensors file, hexadecimal. */
  readonly sha256: string;
}

const cardFormat = 1;

/** Parses and checks a card. Throws ERR_WEIGHTS, naming `file` and the field. */
export function parseCard(text: string, file: string): WeightsCard {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FheError('ERR_WEIGHTS', `${file}: not JSON`, { cause });
  }
  const card = new Fields(json, file, '');
  if (card.number('format') !== cardFormat) {
    throw new FheError('ERR_WEIGHTS', `${file}: format must be ${cardFormat}, found ${card.number('format')}`);
  }
  const input = card.fields('input');
  const accuracy = card.fields('accuracy');
  const ranges = card.fields('ranges');
  return {
    name: card.text('name'),
    architecture: card.text('architecture'),
    activation: card.choice('activation', ['square', 'relu']),
    padding: card.choice('padding', ['circular-width', 'zero']),
    input: {
      shape: parseShape(input),
      mean: input.numbers('mean', 3),
      deviation: input.numbers('deviation', 3),
    },
    classes: card.texts('classes'),
    ranges: new Map(ranges.names().map((name) => [name, parseRange(ranges.fields(name))])),
    scoreBound: card.optionalNumber('scoreBound'),
    accuracy: {
      test: accuracy.number('test'),
      validation: accuracy.number('validation'),
      testImages: accuracy.number('testImages'),
    },
    parameters: card.number('parameters'),
    sha256: card.text('sha256'),
  };
}

function parseShape(input: Fields): [number, number, number] {
  const [channels = 0, height = 0, width = 0] = input.numbers('shape', 3);
  if (channels !== 3 || ![height, width].every((extent) => Number.isInteger(extent) && extent > 0)) {
    throw input.error('shape', 'three channels, a height and a width');
  }
  return [channels, height, width];
}

function parseRange(range: Fields): ActivationRange {
  return { max: range.number('max'), quantile9999: range.number('quantile9999'), bound: range.number('bound') };
}

/** Typed access to a JSON object's fields; each method throws ERR_WEIGHTS when the field is absent or of another type. */
class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #file: string;
  readonly #path: string;

  constructor(value: unknown, file: string, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new FheError('ERR_WEIGHTS', `${file}: ${path === '' ? 'the card' : path} must be an object`);
    }
    this.#values = value as Record<string, unknown>;
    this.#file = file;
    this.#path = path;
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  fields(name: string): Fields {
    return new Fields(this.#values[name], this.#file, this.#join(name));
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== 'string' || value === '') {
      throw this.error(name, 'a text');
    }
    return value;
  }

  texts(name: string): string[] {
    const value = this.#values[name];
    if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'string')) {
      throw this.error(name, 'a list of texts');
    }
    return value;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const found = choices.find((choice) => choice === this.#values[name]);
    if (found === undefined) {
      throw this.error(name, `one of ${choices.join(', ')}`);
    }
    return found;
  }

  number(name: string): number {
    const value = this.#values[name];
    if (typeof value !== 'number') {
      throw this.error(name, 'a number');
    }
    return value;
  }

  optionalNumber(name: string): number | undefined {
    return this.#values[name] === undefined ? undefined : this.number(name);
  }

  numbers(name: string, count: number): number[] {
    const value = this.#values[name];
    if (!Array.isArray(value) || value.length !== count || !value.every((item) => typeof item === 'number')) {
      throw this.error(name, `a list of ${count} numbers`);
    }
    return value;
  }

  error(name: string, expected: string): FheError {
    const found = JSON.stringify(this.#values[name]) ?? 'nothing';
    return new FheError('ERR_WEIGHTS', `${this.#file}: ${this.#join(name)} must be ${expected}, found ${found}`);
  }

  #join(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
