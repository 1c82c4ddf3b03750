// Damage to files, drawn from a seeded generator: the same seed gives the same bytes on every machine.

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The generator of one case: cases do not depend on those before them. */
export function caseRandom(seed, index) {
  return seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
}

export function below(random, count) {
  return Math.floor(random() * count);
}

export function pick(random, values) {
  return values[below(random, values.length)];
}

const mostMutations = 4;

/** `bytes` with one to four kinds of damage; `others`: what parts are taken from. */
export function mutate(bytes, others, random) {
  let result = bytes;
  const count = 1 + below(random, mostMutations);
  for (let i = 0; i < count; i++) {
    result = pick(random, mutationsOf(result))(result, others, random);
  }
  return result;
}

const byteMutations = [flipBit, setByte, setLength, truncate, insert, remove, splice];

/** JSON is damaged as a text and, half of the time, as the value that it is. */
function mutationsOf(bytes) {
  const isJson = bytes[0] === 0x7b;
  return isJson ? [...byteMutations, ...byteMutations.map(() => mutateJson)] : byteMutations;
}

/** A position, half of them in the first 64 bytes, where headers are. */
function position(bytes, random) {
  return below(random, random() < 0.5 ? Math.min(bytes.length, 64) : bytes.length);
}

function flipBit(bytes, _, random) {
  return changed(bytes, (copy) => {
    copy[position(bytes, random)] ^= 1 << below(random, 8);
  });
}

function setByte(bytes, _, random) {
  return changed(bytes, (copy) => {
    copy[position(bytes, random)] = below(random, 256);
  });
}

/** Numbers at which checks of lengths, counts and offsets tend to be wrong. */
const extremes = [0n, 1n, 2n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 2n ** 53n, -1n];

function setLength(bytes, _, random) {
  const value = pick(random, extremes);
  const width = pick(random, [2, 4, 8]);
  const reversed = random() < 0.5;
  return changed(bytes, (copy) => {
    const at = position(bytes, random);
    for (let i = 0; i < width && at + i < copy.length; i++) {
      const shift = BigInt(8 * (reversed ? width - 1 - i : i));
      copy[at + i] = Number((value >> shift) & 0xffn);
    }
  });
}

function truncate(bytes, _, random) {
  return bytes.subarray(0, position(bytes, random));
}

const longestRun = 2 ** 17;

function insert(bytes, _, random) {
  const at = position(bytes, random);
  const length = random() < 0.9 ? 1 + below(random, 16) : below(random, longestRun);
  const run = Buffer.alloc(length, pick(random, [0, 0x20, 0x30, 0x5b, 0xff, below(random, 256)]));
  return Buffer.concat([bytes.subarray(0, at), run, bytes.subarray(at)]);
}

function remove(bytes, _, random) {
  const at = position(bytes, random);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 32))]);
}

/** A part of another file, in place of one of the same length or between. */
function splice(bytes, others, random) {
  const other = pick(random, others);
  const from = position(other, random);
  const part = other.subarray(from, from + 1 + below(random, 256));
  const at = position(bytes, random);
  const rest = bytes.subarray(random() < 0.5 ? at : at + part.length);
  return Buffer.concat([bytes.subarray(0, at), part, rest]);
}

function changed(bytes, change) {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) {
    change(copy);
  }
  return copy;
}

/** Values that a field of JSON may unexpectedly have. */
const jsonValues = [
  null,
  true,
  0,
  -1,
  0.5,
  1e9,
  2 ** 31,
  Number.MAX_SAFE_INTEGER,
  1e308,
  '',
  '__proto__',
  'x'.repeat(5000),
  '\u001b[31m',
  [],
  {},
  [[]],
  ['a', 1],
];

/** Nesting that JSON.parse takes and JSON.stringify does not. */
const deeplyNested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

function mutateJson(bytes, _, random) {
  try {
    return Buffer.from(mutateText(bytes.toString('utf8'), random));
  } catch (error) {
    // No JSON any more, or nested by an earlier mutation.
    if (error instanceof SyntaxError || error instanceof RangeError) {
      return bytes;
    }
    throw error;
  }
}

function mutateText(whole, random) {
  const value = JSON.parse(whole);
  const places = placesIn(value);
  if (places.length === 0) {
    return whole;
  }
  const [holder, key] = pick(random, places);
  const kind = below(random, 6);
  if (kind === 0) {
    delete holder[key];
  } else if (kind === 1) {
    holder[key] = structuredClone(pick(random, places).reduce((from, name) => from[name]));
  } else if (kind === 2 && Array.isArray(holder[key])) {
    holder[key] = Array(below(random, 10_000)).fill(holder[key][0] ?? 0);
  } else {
    holder[key] = pick(random, jsonValues);
  }
  const marker = `"${'nested'.repeat(3)}"`;
  const nests = kind === 3 && random() < 0.1;
  if (nests) {
    holder[key] = JSON.parse(marker);
  }
  // A value copied into itself in a chain grows beyond what is worth reading.
  const text = JSON.stringify(value);
  return nests ? text.replace(marker, deeplyNested) : text.slice(0, 2 ** 22);
}

const deepest = 32;

/** Every value inside another, down to some depth, as what holds it and its key. */
function placesIn(value, depth = 0) {
  if (typeof value !== 'object' || value === null || depth === deepest) {
    return [];
  }
  return Object.keys(value).flatMap((key) => [[value, key], ...placesIn(value[key], depth + 1)]);
}
