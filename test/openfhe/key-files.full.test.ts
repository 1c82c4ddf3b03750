import { copyFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { describeError } from '../support/errors.js';
import { makeKeySet, type OpenKeySet, requirements } from '../support/key-set.js';
import { sideOf } from '../support/key-sides.js';
import { describeOpenFhe, leveledParameters } from './parameters.js';

const keys = requirements({ rotations: [1], relinearization: true });
const plan = { stages: [{ name: 'all', keys }] };

describeOpenFhe('openfhe key files', () => {
  let engine: Engine;
  let set: OpenKeySet;
  let other: OpenKeySet;

  beforeAll(async () => {
    engine = await openOpenFheEngine(leveledParameters({ levels: 2 }));
    other = await makeKeySet(engine, plan);
  });
  afterAll(async () => {
    await other.dispose();
    engine.dispose();
  });
  beforeEach(async () => {
    set = await makeKeySet(engine, plan);
    return () => set.dispose();
  });

  const evaluationFile = (of: OpenKeySet, name: string): string => path.join(of.folder, 'evaluation', name);
  const entering = (): Promise<string> => describeError(() => set.evaluator.enterStage('all', keys));

  it('are readable by their owner only where they are secret', async () => {
    const { mode } = await stat(path.join(set.folder, 'secret', 'secret.key'));
    expect(mode & 0o777).toBe(0o600);
  });

  it.each(['relinearization.key', 'rotation-1.key'])('%s: a shortened file is refused', async (name) => {
    const file = evaluationFile(set, name);
    await truncate(file, (await stat(file)).size - 1);
    expect(await entering()).toMatch(/^ERR_KEY_CORRUPT stage all: .*shorter than it should be/);
  });

  it.each(['relinearization.key', 'rotation-1.key'])('%s: a lengthened file is refused', async (name) => {
    await writeFile(evaluationFile(set, name), 'x', { flag: 'a' });
    expect(await entering()).toMatch(/^ERR_KEY_CORRUPT .*longer than it should be/);
  });

  it('a residue that is not below its prime is refused', async () => {
    const file = evaluationFile(set, 'rotation-1.key');
    const bytes = await readFile(file);
    bytes.fill(0xff, bytes.length - 8);
    await writeFile(file, bytes);
    expect(await entering()).toMatch(/^ERR_KEY_CORRUPT .*not below its prime/);
  });

  it('a missing file is named', async () => {
    const listed = await sideOf(set.folder, 'evaluation');
    await rm(evaluationFile(set, 'rotation-1.key'));
    const opening = describeError(() => engine.openEvaluator(listed, {}));
    expect(await opening).toMatch(/^ERR_KEY_MISSING .*rotation-1\.key: cannot open/);
  });

  it('a file of another key set is refused', async () => {
    await copyFile(evaluationFile(other, 'rotation-1.key'), evaluationFile(set, 'rotation-1.key'));
    expect(await entering()).toMatch(/^ERR_KEY_MISMATCH .*belongs to another key set/);
  });

  it('a file of another kind is refused', async () => {
    await copyFile(evaluationFile(set, 'rotation-1.key'), evaluationFile(set, 'relinearization.key'));
    expect(await entering()).toMatch(/^ERR_KEY_CORRUPT .*another kind of key/);
  });

  const publicFile = (of: OpenKeySet): string => path.join(of.folder, 'public', 'public.key');
  const openingPublicKey = (): Promise<string> =>
    describeError(async () => engine.openEncryptor(await sideOf(set.folder, 'public')));

  it('a public key that is shortened, lengthened or of another kind is refused', async () => {
    const bytes = await readFile(publicFile(set));
    for (const length of [0, 20, bytes.length - 1]) {
      await writeFile(publicFile(set), bytes.subarray(0, length));
      expect(await openingPublicKey()).toMatch(/^ERR_KEY_CORRUPT public key: .*shorter than it should be/);
    }
    await writeFile(publicFile(set), Buffer.concat([bytes, Buffer.alloc(1)]));
    expect(await openingPublicKey()).toMatch(/^ERR_KEY_CORRUPT .*longer than it should be/);
    await copyFile(evaluationFile(set, 'relinearization.key'), publicFile(set));
    expect(await openingPublicKey()).toMatch(/^ERR_KEY_CORRUPT .*another kind of key/);
    await rm(publicFile(set));
    expect(await openingPublicKey()).toMatch(/^ERR_KEY_CORRUPT .*no file public\.key/);
  });

  it('a residue of a public key that is not below its prime is refused', async () => {
    const bytes = await readFile(publicFile(set));
    bytes.fill(0xff, bytes.length - 8);
    await writeFile(publicFile(set), bytes);
    expect(await openingPublicKey()).toMatch(/^ERR_KEY_CORRUPT .*not below its prime/);
  });

  it('a public key encrypts up to the level of the first stage, for its own key set alone', async () => {
    const encryptor = await engine.openEncryptor(await sideOf(other.folder, 'public'));
    const values = { real: new Float64Array(engine.slots) };
    const payload = await encryptor.encrypt(values, 1, 2 ** 35);
    expect(await describeError(() => encryptor.encrypt(values, 2, 2 ** 35))).toMatch(/^ERR_LEVEL_EXHAUSTED/);
    expect(await describeError(() => set.client.decrypt(payload))).toMatch(/^ERR_KEY_MISMATCH/);
    expect((await other.client.decrypt(payload)).real.every((value) => Math.abs(value) < 1e-3)).toBe(true);
    encryptor.dispose();
  });

  it('a secret key of other parameters is refused', async () => {
    const larger = await openOpenFheEngine(leveledParameters({ levels: 5 }));
    expect(await describeError(async () => larger.openClient(await sideOf(set.folder, 'secret')))).toMatch(
      /^ERR_KEY_MISMATCH .*other parameters/,
    );
    larger.dispose();
  });

  it('a ciphertext of another key set is refused by both sides', async () => {
    const payload = await other.client.encrypt({ real: new Float64Array(engine.slots) }, 1, 2 ** 35);
    const refused = /^ERR_KEY_MISMATCH .*encrypted under another key set/;
    expect(await describeError(() => set.client.decrypt(payload))).toMatch(refused);
    expect(await describeError(() => set.evaluator.readCiphertext(payload))).toMatch(refused);
  });

  it.each([
    ['no JSON', '{'],
    ['of another shape', '{"keyTag":1}'],
    ['leading out of the folder', '{"keyTag":"a","relinearization":"../secret/secret.key","automorphismFiles":[]}'],
  ])('an index that is %s is refused', async (_, text) => {
    await writeFile(evaluationFile(set, 'openfhe.json'), text);
    const opening = describeError(async () => engine.openEvaluator(await sideOf(set.folder, 'evaluation'), {}));
    expect(await opening).toMatch(/^ERR_KEY_CORRUPT .*openfhe\.json/);
  });
});
