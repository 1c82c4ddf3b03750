import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { loadImage } from '../../src/image/load.js';
import { normalise } from '../../src/image/normalise.js';
import { forward } from '../../src/network/forward.js';
import { inputOf } from '../../src/network/graph.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { decrypt } from '../../src/operations/decrypt.js';
import { encrypt } from '../../src/operations/encrypt.js';
import { evaluate } from '../../src/operations/evaluate.js';
import { generateKeys } from '../../src/operations/generate-keys.js';
import { infer } from '../../src/operations/infer.js';
import { loadKeys } from '../../src/operations/load-keys.js';
import type { Parameters } from '../../src/scheme/parameters.js';
import type { OperationControls } from '../../src/sessions/events.js';
import { describeError } from '../support/errors.js';

// The simulator stands in for the profile's engine: the same files, checks and order of things, without native code.
vi.mock('../../src/engine/registry.js', () => ({
  openEngine: async (parameters: Parameters) => ({
    engine: openSimulator(parameters),
    libraryVersion: 'simulator for tests',
  }),
}));

const picture = (name: string): string => fileURLToPath(new URL(`../../inputs/${name}.png`, import.meta.url));

let folder: string;
let keys: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
  process.env.RESNET20_FHE_KEYS = join(folder, 'sets');
  keys = (await generateKeys()).folder;
});
afterAll(() => rm(folder, { recursive: true }));

async function plainScores(name: string): Promise<Float64Array> {
  const { graph } = await loadNetwork(weightsPath('square-resnet20'));
  return forward(graph, normalise(await loadImage(picture(name), { shape: [3, 32, 32] }), inputOf(graph)));
}

async function changeManifest(set: string, side: string, change: Record<string, unknown>): Promise<void> {
  const path = join(set, side, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...manifest, ...change }));
}

async function copyOfKeys(name: string): Promise<string> {
  const copy = join(folder, name);
  await cp(keys, copy, { recursive: true });
  return copy;
}

test('five pictures go through files: the evaluator has no secret key, the client no evaluation keys', async () => {
  const client = await copyOfKeys('client');
  await rm(join(client, 'evaluation'), { recursive: true });
  const server = join(folder, 'server');
  await cp(join(keys, 'evaluation'), server, { recursive: true });

  const names = ['cat', 'ship', 'dog', 'truck', 'bird'];
  const request = join(folder, 'request.fhe');
  const answer = join(folder, 'answer.fhe');
  const encrypted = await encrypt({ inputs: names.map(picture), keys: client, out: request });
  expect(encrypted).toMatchObject({ images: 5, ciphertexts: 2 });
  expect(await evaluate({ input: request, keys: server, out: answer })).toMatchObject({ images: 5 });
  const { images } = await decrypt({ input: answer, keys: client });
  for (const [index, name] of names.entries()) {
    const plain = await plainScores(name);
    expect(images[index]?.scores).toHaveLength(10);
    for (const [position, score] of plain.entries()) {
      expect(images[index]?.scores?.[position]).toBeCloseTo(score, 8);
    }
  }
});

test('who has the public folder alone encrypts; the owner of the secret reads the answer', async () => {
  const apart = join(folder, 'public-alone');
  await cp(join(keys, 'public'), apart, { recursive: true });
  const set = join(folder, 'public-in-its-set');
  await cp(apart, join(set, 'public'), { recursive: true });
  for (const place of [apart, set]) {
    const request = join(folder, 'public-request.fhe');
    const answer = join(folder, 'public-answer.fhe');
    const encrypted = await encrypt({ inputs: [picture('dog')], keys: place, out: request });
    expect(encrypted).toMatchObject({ key: 'public', images: 1 });
    expect(await describeError(() => decrypt({ input: request, keys: place }))).toMatch(/^ERR_KEY_MISSING .*secret/);
    await evaluate({ input: request, keys, out: answer });
    const { images } = await decrypt({ input: answer, keys });
    expect(images[0]?.class).toBe('dog');
  }
});

test('the secret key is used where it is, unless the public key is asked for', async () => {
  const out = join(folder, 'either.fhe');
  expect((await encrypt({ inputs: [picture('cat')], keys, out })).key).toBe('secret');
  expect((await encrypt({ inputs: [picture('cat')], keys, public: true, out })).key).toBe('public');
});

test('encrypting for a fingerprint takes that public key, and no other', async () => {
  const out = join(folder, 'fingerprint.fhe');
  const { publicKeyFingerprint } = await loadKeys({ set: 'params_fast' });
  expect(publicKeyFingerprint).toMatch(/^[0-9a-f]{64}$/);
  const inputs = [picture('cat')];
  const encrypted = await encrypt({ inputs, keys, fingerprint: publicKeyFingerprint!, out });
  expect(encrypted).toMatchObject({ key: 'public', publicKeyFingerprint });
  expect((await encrypt({ inputs, keys, out })).publicKeyFingerprint).toBeNull();
  await rm(out);
  const other = publicKeyFingerprint!.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  expect(await describeError(() => encrypt({ inputs, keys, fingerprint: other, out }))).toMatch(
    /^ERR_KEY_MISMATCH .*public: the public key's fingerprint must be/,
  );
  expect(await readdir(folder)).not.toContain('fingerprint.fhe');
});

test('a set from before there were public keys works, says so, and encrypts with its secret key', async () => {
  const older = await copyOfKeys('older');
  await rm(join(older, 'public'), { recursive: true });
  const out = join(folder, 'older.fhe');
  expect((await encrypt({ inputs: [picture('cat')], keys: older, out })).key).toBe('secret');
  expect(await describeError(() => encrypt({ inputs: [picture('cat')], keys: older, public: true, out }))).toMatch(
    /^ERR_KEY_MISSING .*older: expected public keys, found secret and evaluation keys only; run resnet20-fhe generate-keys/,
  );
  expect((await loadKeys({ set: older })).publicKeyBytes).toBeNull();
  expect((await loadKeys({ set: 'params_fast' })).publicKeyBytes).toBeGreaterThan(0);
});

test('an altered public key is found before it is used', async () => {
  const damaged = await copyOfKeys('damaged-public');
  const path = join(damaged, 'public', 'simulator.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('-', '+'));
  const out = join(folder, 'never.fhe');
  expect(await describeError(() => encrypt({ inputs: [picture('cat')], keys: damaged, public: true, out }))).toMatch(
    /^ERR_KEY_CORRUPT .*simulator\.json: SHA-256 must be/,
  );
  expect(await readdir(folder)).not.toContain('never.fhe');
});

test('a secret key that others may read is refused', async () => {
  const open = await copyOfKeys('open');
  await chmod(join(open, 'secret'), 0o755);
  const out = join(folder, 'never.fhe');
  for (const use of [
    () => encrypt({ inputs: [picture('cat')], keys: open, out }),
    () => decrypt({ input: out, keys: open }),
    () => infer({ inputs: [picture('cat')], keys: open }),
    () => loadKeys({ set: open }),
  ]) {
    expect(await describeError(use)).toMatch(/^ERR_FILE .*open\/secret: others may have read the secret key/);
  }
});

test('infer takes the current set, and reports its keys', async () => {
  const { images, keyBytes, profile } = await infer({ inputs: [picture('frog')] });
  expect(profile).toBe('params_fast');
  expect(keyBytes).toBeGreaterThan(0);
  expect(images[0]?.scores?.[6]).toBeCloseTo((await plainScores('frog'))[6]!, 8);
});

test('a set made elsewhere becomes the current one, and the one before is named', async () => {
  const out = join(folder, 'elsewhere');
  expect(await generateKeys({ out })).toMatchObject({ folder: out, previousFolder: keys });
  const request = join(folder, 'elsewhere.fhe');
  await encrypt({ inputs: [picture('cat')], out: request });
  const answer = join(folder, 'elsewhere-answer.fhe');
  expect(await describeError(() => evaluate({ input: request, keys, out: answer }))).toMatch(/^ERR_KEY_MISMATCH/);
  expect(await evaluate({ input: request, keys: out, out: answer })).toMatchObject({ images: 1 });
  expect(await loadKeys({ set: keys })).toMatchObject({ folder: keys, previousFolder: out });
  expect((await loadKeys({ set: keys })).previousFolder).toBeNull();
});

test('a machine that was given evaluation keys alone loads them, and evaluates without naming them', async () => {
  const server = join(folder, 'server-alone');
  await cp(join(keys, 'evaluation'), server, { recursive: true });
  const request = join(folder, 'to-server.fhe');
  const answer = join(folder, 'from-server.fhe');
  await encrypt({ inputs: [picture('ship')], keys, out: request });

  const loaded = await loadKeys({ set: server });
  expect(loaded).toMatchObject({ folder: server, profile: 'params_fast', secretBytes: null, publicKeyBytes: null });
  expect(loaded.keyBytes).toBeGreaterThan(0);
  await evaluate({ input: request, out: answer });
  for (const use of [() => infer(), () => decrypt({ input: answer })]) {
    expect(await describeError(use)).toBe(
      `ERR_KEY_MISSING ${server}: expected secret keys, found evaluation keys only; whoever made the keys has them`,
    );
  }
  await loadKeys({ set: 'params_fast' });
  expect((await decrypt({ input: answer })).images[0]?.class).toBe('ship');
});

test('altered evaluation keys are found where they are alone, and not made current', async () => {
  const server = join(folder, 'server-damaged');
  await cp(join(keys, 'evaluation'), server, { recursive: true });
  const path = join(server, 'simulator.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('1', '2'));
  expect(await describeError(() => loadKeys({ set: server }))).toMatch(
    new RegExp(`^ERR_KEY_CORRUPT ${path}: SHA-256 must be .*; copy ${server} again from whoever made the keys$`),
  );
  expect(await infer({ inputs: [picture('cat')] })).toMatchObject({ profile: 'params_fast', encrypted: false });
});

test('an existing set is kept unless it is to be replaced', async () => {
  expect(await describeError(() => generateKeys())).toMatch(/^ERR_FILE .*--force/);
  const out = await copyOfKeys('replaced');
  const before = await readFile(join(out, 'secret', 'manifest.json'), 'utf8');
  await generateKeys({ out, force: true });
  expect(await readFile(join(out, 'secret', 'manifest.json'), 'utf8')).not.toBe(before);
  await loadKeys({ set: 'params_fast' });
});

test('an interrupted generation leaves nothing behind', async () => {
  const controller = new AbortController();
  const out = join(folder, 'interrupted', 'set');
  const generation = generateKeys({
    out,
    signal: controller.signal,
    onEvent: (event) => event.event === 'protection' && controller.abort(),
  });
  expect(await describeError(() => generation)).toMatch(/^ERR_CANCELLED/);
  expect(await readdir(join(folder, 'interrupted'))).toEqual([]);
});

test('load-keys names the file that was altered, and does not make the set current', async () => {
  const damaged = await copyOfKeys('damaged');
  const [file] = (await readdir(join(damaged, 'evaluation'))).filter((name) => name !== 'manifest.json');
  const path = join(damaged, 'evaluation', file!);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
  const message = await describeError(() => loadKeys({ set: damaged }));
  expect(message).toMatch(/^ERR_KEY_CORRUPT/);
  expect(message).toContain(path);
  expect(message).toContain(`run resnet20-fhe generate-keys params_fast --out ${damaged} --force`);
  expect((await infer({ inputs: [picture('cat')] })).keyBytes).toBeGreaterThan(0);
});

test.each([
  { field: 'planHash', value: '0'.repeat(64), code: 'ERR_KEY_MISMATCH' },
  { field: 'libraryVersion', value: 'another', code: 'ERR_KEY_VERSION' },
  { field: 'format', value: 99, code: 'ERR_KEY_VERSION' },
  { field: 'engine', value: 'openfhe', code: 'ERR_KEY_MISMATCH' },
])('keys with another $field are refused', async ({ field, value, code }) => {
  const other = await copyOfKeys(`other-${field}`);
  for (const side of ['secret', 'public', 'evaluation']) {
    await changeManifest(other, side, { [field]: value });
  }
  expect(await describeError(() => infer({ keys: other, inputs: [picture('cat')] }))).toMatch(new RegExp(`^${code}`));
});

test('secret and evaluation keys of two sets are refused together', async () => {
  const mixed = await copyOfKeys('mixed');
  await changeManifest(mixed, 'evaluation', { keySetId: 'f'.repeat(32) });
  expect(await describeError(() => infer({ keys: mixed, inputs: [picture('cat')] }))).toMatch(/^ERR_KEY_MISMATCH/);
});

test('a request made under other keys is refused, and a result is no request', async () => {
  const foreign = await copyOfKeys('foreign');
  for (const side of ['secret', 'public', 'evaluation']) {
    await changeManifest(foreign, side, { keySetId: 'e'.repeat(32) });
  }
  const request = join(folder, 'foreign.fhe');
  const out = join(folder, 'foreign-answer.fhe');
  await encrypt({ inputs: [picture('cat')], keys: foreign, out: request });
  expect(await describeError(() => evaluate({ input: request, keys, out }))).toMatch(/^ERR_KEY_MISMATCH/);
  expect(await readdir(folder)).not.toContain('foreign-answer.fhe');

  await encrypt({ inputs: [picture('cat')], keys, out: request });
  await evaluate({ input: request, keys, out });
  expect(await describeError(() => evaluate({ input: out, keys, out: request }))).toMatch(/^ERR_CIPHERTEXT/);
  expect(await describeError(() => decrypt({ input: request, keys }))).toMatch(/^ERR_CIPHERTEXT/);
});

test('evaluate and decrypt look at their input before they read keys', async () => {
  const request = join(folder, 'checked.fhe');
  const foreign = await copyOfKeys('checked-foreign');
  for (const side of ['secret', 'public', 'evaluation']) {
    await changeManifest(foreign, side, { keySetId: 'd'.repeat(32) });
  }
  await encrypt({ inputs: [picture('cat')], keys: foreign, out: request });
  const cut = join(folder, 'cut.fhe');
  await writeFile(cut, (await readFile(request)).subarray(0, 1000));
  const started: string[] = [];
  const onEvent: OperationControls['onEvent'] = (event) => event.event === 'progress' && started.push(event.phase);
  const out = join(folder, 'checked-answer.fhe');
  const cases = [
    { input: join(folder, 'nowhere.fhe'), message: /^ERR_FILE .*nowhere\.fhe: no such file$/ },
    { input: folder, message: /^ERR_FILE .*: a folder, expected a ciphertext file$/ },
    { input: picture('cat'), message: /^ERR_CIPHERTEXT .*cat\.png: not a ciphertext file of resnet20-fhe/ },
    { input: cut, message: /^ERR_CIPHERTEXT .*cut\.fhe: truncated or damaged/ },
    { input: request, message: /^ERR_(KEY_MISMATCH|CIPHERTEXT) .*checked\.fhe: a ciphertext of (key set|kind result)/ },
  ];
  for (const { input, message } of cases) {
    expect(await describeError(() => evaluate({ input, keys, out, onEvent }))).toMatch(message);
    expect(await describeError(() => decrypt({ input, keys, onEvent }))).toMatch(message);
  }
  expect(started).toEqual([]);
});

test('a profile or engine that is not that of the keys is refused', async () => {
  expect(await describeError(() => infer({ keys, profile: 'params_secure' }))).toMatch(/^ERR_KEY_MISMATCH/);
  expect(await describeError(() => infer({ keys, engine: 'openfhe' }))).toMatch(/^ERR_USAGE/);
});

test('too small a memory budget is refused before anything is computed', async () => {
  const events: string[] = [];
  const message = await describeError(() =>
    infer({ keys, memoryBudget: 50e6, onEvent: (event) => event.event === 'progress' && events.push(event.phase) }),
  );
  expect(message).toMatch(/^ERR_MEMORY_BUDGET params_fast needs about .* --memory-budget allows 50.0 MB$/);
  expect(events).not.toContain('circuit');
});
