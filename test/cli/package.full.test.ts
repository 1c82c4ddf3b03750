import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './program.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let folder: string;
let program: string;
let packed: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const [tarball] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = tarball.files.map((file) => file.path);
  const prefix = join(folder, 'prefix');
  await mkdir(prefix);
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', prefix, join(folder, tarball.filename)], {
    cwd: prefix,
  });
  program = join(prefix, 'node_modules', '.bin', 'resnet20-fhe');
});
afterAll(() => rm(folder, { recursive: true }));

/** The installed program, with its keys in a folder of the test. */
function installed(...commandLine: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(program, commandLine, {
    cwd: folder,
    env: { ...process.env, XDG_DATA_HOME: folder, RESNET20_FHE_KEYS: '' },
  });
}

test('the package has the program, native sources, weights and pictures, and neither keys nor data', () => {
  for (const path of [
    'bin/resnet20-fhe.js',
    'dist/cli/main.js',
    'dist/index.d.ts',
    'CMakeLists.txt',
    'native/CMakeLists.txt',
    'weights/square-resnet20.safetensors',
    'inputs/default.png',
    'LICENSE',
  ]) {
    expect(packed).toContain(path);
  }
  // yarn 1 and pnpm run node-gyp wherever there is one.
  expect(packed).not.toContain('binding.gyp');
  expect(packed.filter((path) => /^(keys|data|test|training|bench)\/|\.key$|\.node$|third_party/.test(path))).toEqual(
    [],
  );
});

test('the installed program runs without a compiler on the simulator', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect((await installed('--version')).stdout).toContain(`resnet20-fhe ${version}`);
  expect((await installed('doctor')).stdout).toMatch(/^missing +engine ckks .*run resnet20-fhe build ckks$/m);
  const { stdout, stderr } = await installed('infer', '--engine', 'simulator');
  expect(stderr).toContain('not encrypted');
  expect(stdout).toMatch(/default\.png: \w+\n/);
});

test('Ctrl-C ends a build and its compilers, and leaves no engine', async () => {
  const { status, stderr } = await runProgram(['build'], {
    launcher: join(folder, 'prefix', 'node_modules', 'resnet20-fhe', 'bin', 'resnet20-fhe.js'),
    when: {
      stderrContains: 'compiling',
      // Some seconds later compilers are at work.
      act: (child) => setTimeout(() => child.kill('SIGINT'), 3000),
    },
  });
  expect(status, stderr).toBe(130);
  await expect.poll(() => commandLinesWith(folder), { timeout: 60_000 }).toEqual([]);
  expect((await installed('doctor')).stdout).toMatch(/^missing +engine ckks /m);
});

/** Command lines of running processes that name a file of the folder. */
async function commandLinesWith(text: string): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commandLines = await Promise.all(
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return commandLines.filter((commandLine) => commandLine.includes(text));
}

test('a build that fails leaves the engine that was built before', async () => {
  await installed('build');
  const failed = await installed('build', 'openfhe', '--openfhe-dir', folder).catch((error) => error);
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no installed OpenFHE in') });
  expect((await installed('doctor')).stdout).toMatch(/^ok +engine ckks /m);
});

test('the installed program builds its engine, makes keys beside the user data and classifies encrypted', async () => {
  await installed('build');
  const keys = JSON.parse((await installed('generate-keys', 'params_fast', '--json')).stdout);
  expect(keys.folder).toBe(join(folder, 'resnet20-fhe', 'keys', 'params_fast'));
  const { stdout, stderr } = await installed('infer', '--compare', '--json');
  expect(stderr).toContain('encrypted, params_fast, about 128 bits classical, about 85 post-quantum');
  const [image] = JSON.parse(stdout).images;
  expect(image.scores.indexOf(Math.max(...image.scores))).toBe(
    image.plainScores.indexOf(Math.max(...image.plainScores)),
  );
});
