import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Encryptor } from '../../../src/engine/engine.js';
import type { KeyFolder } from '../../../src/store/key-set.js';
import { keySide, sideOf } from '../../support/key-sides.js';
import { distance, expectClose, rotated } from './reference.js';
import { type ContractSetting, makeKeyFolders } from './setting.js';

/** Who can do what with which part of a key set, and what must be refused, with which error. */
export function describeKeysAndErrors(setting: ContractSetting): void {
  describe('keys', () => {
    test('key files lie where they are said to, secrets apart', async () => {
      for (const { path, kind } of setting.files) {
        expect(path.split('/')[0]).toBe(kind === 'secret' || kind === 'public' ? kind : 'evaluation');
        expect((await stat(join(setting.folder, path))).size).toBeGreaterThan(0);
      }
      for (const kind of ['secret', 'public']) {
        expect(setting.files.filter((file) => file.kind === kind)).toHaveLength(1);
      }
    });

    test('an evaluator opens and works without the secret', async () => {
      const apart = await mkdtemp(join(tmpdir(), 'engine-contract-evaluation-'));
      try {
        await cp(join(setting.folder, 'evaluation'), apart, { recursive: true });
        const server = await setting.subject.engine.openEvaluator(await keySide(apart, 'evaluation'), {});
        await server.enterStage('contract', setting.contractKeys());
        const values = setting.random(1);
        const input = await server.readCiphertext(
          await setting.client.encrypt({ real: values }, 2, setting.productScale()),
        );
        const output = await server.writeCiphertext(await server.rotate(input, 1), { result: false });
        server.dispose();
        expectClose((await setting.client.decrypt(output)).real, rotated(values, 1), setting.tolerance);
      } finally {
        await rm(apart, { recursive: true, force: true });
      }
    });

    test('who has the public folder alone encrypts what the owner of the secret decrypts', async () => {
      await withPublicKeyAlone(setting, async (encryptor) => {
        const values = setting.random(60);
        for (const level of [1, 2]) {
          const payload = await encryptor.encrypt({ real: values }, level, setting.productScale());
          expectClose((await setting.client.decrypt(payload)).real, values, setting.tolerance);
        }
      });
    });

    test('what was encrypted with the public key is computed with as anything else', async () => {
      await withPublicKeyAlone(setting, async (encryptor) => {
        const [left, right] = [setting.random(62), setting.random(63)];
        const sum = await setting.evaluator.add(
          await setting.encrypt({ real: left }, 2, setting.productScale(), encryptor),
          await setting.encrypt({ real: right }, 2, setting.productScale()),
        );
        const output = await setting.evaluator.rotate(sum, 5);
        const expected = left.map((value, slot) => value + right[slot]!);
        expectClose((await setting.decrypt(output)).real, rotated(expected, 5), 2 * setting.tolerance);
      });
    });
  });

  describe('errors', () => {
    test('an exhausted level', async () => {
      const bottom = await setting.encrypt({ real: setting.random(14) }, 0, setting.parameters().outputScale);
      await expect(setting.evaluator.multiplyPlain(bottom, { real: setting.random(15) })).rejects.toMatchObject({
        code: 'ERR_LEVEL_EXHAUSTED',
      });
      await expect(setting.evaluator.dropToLevel(bottom, 1)).rejects.toMatchObject({ code: 'ERR_LEVEL_EXHAUSTED' });
      const { step, inputs } = setting.stepCase(setting.circuits[0]!, 'stage1.block1.conv1');
      const stage = setting.circuits[0]!.stages.find(({ steps }) => steps.includes(step))!;
      await setting.evaluator.enterStage(stage.name, stage.keys);
      const low = await setting.encrypt(inputs[0]!, step.level - 1, setting.productScale());
      await expect(setting.evaluator.linear(step, [low])).rejects.toMatchObject({ code: 'ERR_LEVEL_EXHAUSTED' });
      await setting.evaluator.enterStage('contract', setting.contractKeys());
    });

    test('a missing rotation key', async () => {
      const input = await setting.encrypt({ real: setting.random(16) }, 1, setting.productScale());
      const absent = 333;
      await expect(setting.evaluator.rotate(input, absent)).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' });
      const use = async () => {
        await setting.evaluator.enterStage('contract', { ...setting.contractKeys(), rotations: [absent] });
        await setting.evaluator.rotate(input, absent);
      };
      await expect(use()).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' });
      await setting.evaluator.enterStage('contract', setting.contractKeys());
    });

    test('key files that are not there, or in no manifest', async () => {
      const { engine } = setting.subject;
      const nowhere = join(setting.folder, 'nowhere');
      const request = await setting.client.encrypt({ real: setting.random(2) }, 1, setting.productScale());
      const open = {
        secret: (keys: KeyFolder) => engine.openClient(keys),
        evaluation: async (keys: KeyFolder) => {
          const server = await engine.openEvaluator(keys, {});
          await server.enterStage('contract', setting.contractKeys());
          await server.readCiphertext(request);
        },
        public: (keys: KeyFolder) => engine.openEncryptor(keys),
      };
      for (const side of ['secret', 'evaluation', 'public'] as const) {
        const keys = await sideOf(setting.folder, side);
        await expect(open[side]({ ...keys, folder: nowhere })).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' });
        // Whatever lies in the folder: only what is listed is opened.
        const unlisted = { ...keys, manifest: { ...keys.manifest, files: [] } };
        await expect(open[side](unlisted)).rejects.toMatchObject({
          code: expect.stringMatching(/^ERR_KEY_(CORRUPT|MISSING)$/),
        });
      }
    });

    test('one altered bit in any key file, whose bytes are the ones that count', async () => {
      const { engine } = setting.subject;
      const apart = await mkdtemp(join(tmpdir(), 'engine-contract-altered-'));
      try {
        for (const [side, open] of [
          ['secret', (keys: KeyFolder) => engine.openClient(keys)],
          ['public', (keys: KeyFolder) => engine.openEncryptor(keys)],
          ['evaluation', (keys: KeyFolder) => engine.openEvaluator(keys, {})],
        ] as const) {
          await cp(join(setting.folder, side), join(apart, side), { recursive: true });
          const keys = await sideOf(apart, side);
          for (const { path } of keys.manifest.files) {
            const file = join(apart, side, path);
            const content = await readFile(file);
            const altered = Buffer.from(content);
            altered[altered.length >> 1]! ^= 1;
            await writeFile(file, altered);
            const error = open(keys);
            await expect(error).rejects.toMatchObject({ code: 'ERR_KEY_CORRUPT' });
            await expect(error).rejects.toThrow(file);
            await writeFile(file, content);
          }
          (await open(keys)).dispose();
        }
      } finally {
        await rm(apart, { recursive: true, force: true });
      }
    });

    test('keys that are replaced during a run change nothing: what was verified is what is used', async () => {
      const apart = await mkdtemp(join(tmpdir(), 'engine-contract-replaced-'));
      try {
        await cp(join(setting.folder, 'evaluation'), apart, { recursive: true });
        const keys = await keySide(apart, 'evaluation');
        const server = await setting.subject.engine.openEvaluator(keys, {});
        for (const { path } of keys.manifest.files) {
          await rm(join(apart, path));
          await writeFile(join(apart, path), 'not a key');
        }
        await server.enterStage('contract', setting.contractKeys());
        const values = setting.random(3);
        const payload = await setting.client.encrypt({ real: values }, 2, setting.productScale());
        const rotation = await server.rotate(await server.readCiphertext(payload), 1);
        const output = await server.writeCiphertext(rotation, { result: false });
        server.dispose();
        expectClose((await setting.client.decrypt(output)).real, rotated(values, 1), setting.tolerance);
      } finally {
        await rm(apart, { recursive: true, force: true });
      }
    });

    test('a level above that of the public key', async () => {
      await withPublicKeyAlone(setting, async (encryptor) => {
        const level = setting.subject.engine.maximumLevel + 1;
        await expect(encryptor.encrypt({ real: setting.random(64) }, level, 2 ** 30)).rejects.toMatchObject({
          code: 'ERR_LEVEL_EXHAUSTED',
        });
      });
    });

    test('a ciphertext of another key set is refused or decrypts to something else', async () => {
      const other = await mkdtemp(join(tmpdir(), 'engine-contract-foreign-'));
      try {
        await setting.makeKeys(other);
        const stranger = await setting.subject.engine.openClient(await sideOf(other, 'secret'));
        const values = setting.random(17);
        const payload = await stranger.encrypt({ real: values }, 1, setting.productScale());
        stranger.dispose();
        const outcome = await setting.client.decrypt(payload).then(
          ({ real }) => (distance(real, values) > 0.1 ? 'garbage' : 'decrypted'),
          (error: { code?: string }) => error.code,
        );
        expect(['garbage', 'ERR_KEY_MISMATCH', 'ERR_CIPHERTEXT']).toContain(outcome);
      } finally {
        await rm(other, { recursive: true, force: true });
      }
    }, 300_000);

    test('damaged payloads', async () => {
      const payload = await setting.client.encrypt({ real: setting.random(18) }, 1, setting.productScale());
      const damaged = [new Uint8Array(0), payload.subarray(0, payload.length - 9), payload.subarray(0, 20)];
      for (const bytes of damaged) {
        await expect(setting.evaluator.readCiphertext(bytes)).rejects.toMatchObject({ code: 'ERR_CIPHERTEXT' });
        await expect(setting.client.decrypt(bytes)).rejects.toMatchObject({ code: 'ERR_CIPHERTEXT' });
      }
    });

    test('use after dispose', async () => {
      const input = await setting.encrypt({ real: setting.random(19) }, 1, setting.productScale());
      input.dispose();
      input.dispose();
      await expect(setting.evaluator.rotate(input, 1)).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
      const { step, inputs } = setting.stepCase(setting.circuits[0]!, 'stage1.block1.conv1');
      const stage = setting.circuits[0]!.stages.find(({ steps }) => steps.includes(step))!;
      await setting.evaluator.enterStage(stage.name, stage.keys);
      const disposed = await setting.encrypt(inputs[0]!, step.level, setting.productScale());
      disposed.dispose();
      await expect(setting.evaluator.linear(step, [disposed])).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
      await setting.evaluator.enterStage('contract', setting.contractKeys());
      const closedEvaluator = await setting.subject.engine.openEvaluator(
        await sideOf(setting.folder, 'evaluation'),
        {},
      );
      closedEvaluator.dispose();
      closedEvaluator.dispose();
      await expect(closedEvaluator.enterStage('contract', setting.contractKeys())).rejects.toMatchObject({
        code: 'ERR_DISPOSED',
      });
      const closedClient = await setting.subject.engine.openClient(await sideOf(setting.folder, 'secret'));
      closedClient.dispose();
      closedClient.dispose();
      const closedEncryptor = await setting.subject.engine.openEncryptor(await sideOf(setting.folder, 'public'));
      closedEncryptor.dispose();
      closedEncryptor.dispose();
      for (const closed of [closedClient, closedEncryptor]) {
        await expect(closed.encrypt({ real: setting.random(1) }, 1, setting.productScale())).rejects.toMatchObject({
          code: 'ERR_DISPOSED',
        });
      }
    });

    test('an aborted signal ends a linear step and key generation', async () => {
      const signal = AbortSignal.abort();
      const { step, inputs } = setting.stepCase(setting.circuits[0]!, 'stage1.block1.conv1');
      const stage = setting.circuits[0]!.stages.find(({ steps }) => steps.includes(step))!;
      await setting.evaluator.enterStage(stage.name, stage.keys);
      const input = await setting.encrypt(inputs[0]!, step.level, setting.productScale());
      await expect(setting.evaluator.linear(step, [input], { signal })).rejects.toMatchObject({
        code: 'ERR_CANCELLED',
      });
      const other = await mkdtemp(join(tmpdir(), 'engine-contract-cancel-'));
      try {
        await makeKeyFolders(other);
        const plan = { stages: [{ name: 'contract', keys: setting.contractKeys() }] };
        await expect(setting.subject.engine.generateKeys(other, plan, { signal })).rejects.toMatchObject({
          code: 'ERR_CANCELLED',
        });
      } finally {
        await rm(other, { recursive: true, force: true });
      }
      await setting.evaluator.enterStage('contract', setting.contractKeys());
    });
  });
}

/** Opens a copy of the public folder, where nothing else is. */
async function withPublicKeyAlone(setting: ContractSetting, use: (encryptor: Encryptor) => Promise<void>) {
  const apart = await mkdtemp(join(tmpdir(), 'engine-contract-public-'));
  try {
    await cp(join(setting.folder, 'public'), apart, { recursive: true });
    const encryptor = await setting.subject.engine.openEncryptor(await keySide(apart, 'public'));
    await use(encryptor);
    encryptor.dispose();
  } finally {
    await rm(apart, { recursive: true, force: true });
  }
}
