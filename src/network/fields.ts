import { FheError, type FheErrorCode } from '../errors.js';
import { shown, shownJson } from '../shown-text.js';

/** The file that fields are read from, for messages. */
export interface FieldsOrigin {
  readonly file: string;
  readonly code: FheErrorCode;
  /** What the outermost object is: `the card`. */
  readonly whole: string;
}

/** The fields of a JSON text that must be one object. Throws `origin.code`, naming the file. */
export function parseFields(text: string, origin: FieldsOrigin): Fields {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FheError(origin.code, `${origin.file}: not JSON`, { cause });
  }
  return new Fields(json, origin, '');
}

/** Typed access to a JSON object's fields; each method throws the origin's code when a field is absent or of another type. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #origin: FieldsOrigin;
  readonly #path: string;
  readonly #known = new Set<string>();

  constructor(value: unknown, origin: FieldsOrigin, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new FheError(origin.code, `${origin.file}: ${path === '' ? origin.whole : path} must be an object`);
    }
    this.#values = value as Record<string, unknown>;
    this.#origin = origin;
    this.#path = path;
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  fields(name: string): Fields {
    return new Fields(this.#value(name), this.#origin, this.#join(name));
  }

  /** Objects of a list of `minimum` to `maximum`. */
  list(name: string, minimum: number, maximum: number): Fields[] {
    const value = this.#value(name);
    if (!Array.isArray(value) || value.length < minimum || value.length > maximum) {
      throw this.error(name, `a list of ${minimum} to ${maximum} objects`);
    }
    return value.map((item, index) => new Fields(item, this.#origin, `${this.#join(name)}[${index}]`));
  }

  text(name: string): string {
    const value = this.#value(name);
    if (typeof value !== 'string' || value === '') {
      throw this.error(name, 'a text');
    }
    return value;
  }

  texts(name: string): string[] {
    const value = this.#value(name);
    if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'string')) {
      throw this.error(name, 'a list of texts');
    }
    return value;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.#value(name);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) {
      throw this.error(name, `one of ${choices.join(', ')}`);
    }
    return found;
  }

  number(name: string): number {
    const value = this.#value(name);
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw this.error(name, 'a number');
    }
    return value;
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  wholeNumber(name: string, minimum: number, maximum: number): number {
    const value = this.#value(name);
    if (!isWhole(value, minimum, maximum)) {
      throw this.error(name, `a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  }

  wholeNumbers(name: string, count: number, minimum: number, maximum: number): number[] {
    const value = this.#value(name);
    if (!Array.isArray(value) || value.length !== count || !value.every((item) => isWhole(item, minimum, maximum))) {
      throw this.error(name, `a list of ${count} whole numbers from ${minimum} to ${maximum}`);
    }
    return value;
  }

  /** Of `count`, or of any number. */
  numbers(name: string, count?: number): number[] {
    const value = this.#value(name);
    if (!Array.isArray(value) || value.length !== (count ?? value.length) || !value.every(Number.isFinite)) {
      throw this.error(name, `a list of ${count === undefined ? '' : `${count} `}numbers`);
    }
    return value;
  }

  /** Throws where there are fields that none of the methods was asked for. */
  refuseOthers(): void {
    const unknown = this.names().find((name) => !this.#known.has(name));
    if (unknown !== undefined) {
      const known = [...this.#known].join(', ');
      const { code, file } = this.#origin;
      throw new FheError(code, `${file}: ${this.#join(shown(unknown))} is not a field here; expected ${known}`);
    }
  }

  error(name: string, expected: string): FheError {
    const value = this.#value(name);
    const found = value === undefined ? 'nothing' : shownJson(value);
    const { code, file } = this.#origin;
    return new FheError(code, `${file}: ${this.#join(name)} must be ${expected}, found ${found}`);
  }

  #value(name: string): unknown {
    this.#known.add(name);
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  #join(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

function isWhole(value: unknown, minimum: number, maximum: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum;
}
