import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProgramRun, runProgram } from '../cli/program.js';
import { seededRandom } from '../support/random.js';
import { writeResNet8, writeSmallPicture } from '../support/resnet8-weights.js';

/** `npm run faults` asks for more, and for the counts in a file. */
const kills = Number(process.env.RESNET20_FHE_KILLS ?? 12);
const largeKills = Number(process.env.RESNET20_FHE_LARGE_KILLS ?? 1);
const report = process.env.RESNET20_FHE_KILLS_REPORT;
const seed = Number(process.env.RESNET20_FHE_FAULTS_SEED ?? 1);

/** A command that writes under one name, and how a reader tells that what is there is whole. */
interface Writer {
  readonly command: readonly string[];
  readonly written: string;
  readonly check: readonly string[];
}

const counts = { kills: 0, nothing: 0, whole: 0, ended: 0 };

describe('killed at a random moment', { timeout: 60_000 + 60_000 * (kills + 3 * largeKills) }, () => {
  let folder: string;
  let writers: Writer[];
  const random = seededRandom(seed);

  const run = (commandLine: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<ProgramRun> =>
    runProgram(commandLine, { environment: { RESNET20_FHE_KEYS: folder, ...environment } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-killed-'));
    const weights = ['--weights', await writeResNet8(folder)];
    const picture = await writeSmallPicture(folder, 'picture', 1);
    const place = (name: string): string => join(folder, name);
    const keys = ['--keys', place('keys')];
    await succeed(['generate-keys', 'params_test', ...weights, '--out', place('keys')]);
    await succeed(['encrypt', ...keys, ...weights, '--input', picture, '--out', place('request')]);
    await succeed(['evaluate', ...keys, ...weights, '--input', place('request'), '--out', place('answer')]);
    const evaluateInto = ['evaluate', ...keys, ...weights, '--out', place('unread'), '--input'];
    writers = [
      {
        command: ['generate-keys', 'params_test', ...weights, '--out', place('new-keys')],
        written: place('new-keys'),
        check: ['infer', '--keys', place('new-keys'), ...weights, '--input', picture],
      },
      {
        command: ['encrypt', ...keys, ...weights, '--input', picture, '--out', place('new-request')],
        written: place('new-request'),
        check: [...evaluateInto, place('new-request')],
      },
      {
        command: ['evaluate', ...keys, ...weights, '--input', place('request'), '--out', place('new-answer')],
        written: place('new-answer'),
        check: ['decrypt', ...keys, ...weights, '--input', place('new-answer')],
      },
    ];
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    if (report !== undefined) {
      await writeFile(report, JSON.stringify({ seed, largeKills, ...counts }));
    }
  });

  async function succeed(commandLine: readonly string[]): Promise<void> {
    const { status, stderr } = await run(commandLine);
    expect(status, stderr).toBe(0);
  }

  /** Kills the command once, at a moment from its start to its end; then all that is there must be whole. */
  async function killOnce({ command, written, check }: Writer, milliseconds: number): Promise<void> {
    const moment = random() * milliseconds;
    const { status, stderr } = await runProgram(command, {
      environment: { RESNET20_FHE_KEYS: folder },
      started: async (child) => {
        child.stdin.end();
        await setTimeout(moment);
        child.kill('SIGKILL');
      },
    });
    expect(['SIGKILL', 0], stderr).toContain(status);
    counts.kills += 1;
    counts.ended += status === 0 ? 1 : 0;
    if (existsSync(written)) {
      counts.whole += 1;
      await succeed(check);
      await rm(written, { recursive: true });
    } else {
      counts.nothing += 1;
    }
  }

  /** The next run works, and leaves nothing of the killed ones. */
  async function expectNextRun({ command, written, check }: Writer): Promise<void> {
    await succeed(command);
    await succeed(check);
    const hidden = `.${written.slice(folder.length + 1)}.`;
    expect((await readdir(folder)).filter((name) => name.startsWith(hidden))).toEqual([]);
    await rm(written, { recursive: true });
  }

  async function lasting(writer: Writer): Promise<number> {
    const started = performance.now();
    await succeed(writer.command);
    await rm(writer.written, { recursive: true });
    return performance.now() - started;
  }

  test(`${kills} times: keys, requests and answers are whole or not there, and the next run works`, async () => {
    const longest = await Promise.all(writers.map(lasting));
    for (let index = 0; index < kills; index++) {
      const which = index % writers.length;
      await killOnce(writers[which]!, longest[which]!);
      await expectNextRun(writers[which]!);
    }
  });

  test(`${largeKills} times: the keys of params_fast`, async () => {
    const place = join(folder, 'large');
    const writer = {
      command: ['generate-keys', 'params_fast', '--out', place],
      written: place,
      check: ['load-keys', place],
    };
    const longest = await lasting(writer);
    for (let index = 0; index < largeKills; index++) {
      await killOnce(writer, longest);
    }
    await expectNextRun(writer);
  });
});
