import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInProcess } from './in-process.js';
import { launcher, runProgram } from './program.js';

const commands = [
  'generate-keys',
  'load-keys',
  'infer',
  'encrypt',
  'evaluate',
  'decrypt',
  'accuracy',
  'params',
  'explain',
  'import',
  'plan',
  'doctor',
  'build',
];

test.each(commands)('%s --help explains the options and gives an example', async (command) => {
  const { status, stdout, stderr } = await runInProcess([command, '--help']);
  expect(status).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toContain(`Usage: resnet20-fhe ${command}`);
  expect(stdout).toMatch(new RegExp(`Examples?:\\n  \\$ resnet20-fhe ${command}`));
  expect(stdout).toContain('--json');
});

test('--help lists every command', async () => {
  const { stdout } = await runProgram(['--help']);
  for (const command of commands) {
    expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  }
});

test('--version names the program, its engines and its file formats', async () => {
  const { status, stdout } = await runProgram(['--version']);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^resnet20-fhe \d+\.\d+\.\d+\nengines: .*simulator.*\nfile formats: key set \d+, ciphertext \d+\n$/,
  );
});

test.each([
  { commandLine: ['infer', '--inptu', 'a.png'], message: "unknown option '--inptu'" },
  { commandLine: ['classify'], message: "unknown command 'classify'" },
  { commandLine: ['params', 'params_fast', 'params_exp1'], message: 'too many arguments' },
  { commandLine: ['encrypt', '--out', 'a.fhe'], message: "required option '--input <image...>' not specified" },
  { commandLine: ['evaluate', '--input', 'a.fhe'], message: "required option '--out <file>' not specified" },
  { commandLine: ['import', 'm.onnx'], message: "required option '--out <folder>' not specified" },
  {
    commandLine: ['import', 'm.onnx', '--out', 'd', '--activation', 'poly:1'],
    message: 'poly:DEGREE with a degree from 2 to 255, found "poly:1"',
  },
  { commandLine: ['import', 'm.onnx', '--out', 'd', '--mean', '1,,2'], message: 'found "1,,2"' },
  { commandLine: ['import', 'm.onnx', '--out', 'd', '--shape', '3,32'], message: 'such as 3,32,32, found "3,32"' },
  { commandLine: ['import', 'm.onnx', '--out', 'd', '--margin', '0.9'], message: 'such as 1.25, found "0.9"' },
  { commandLine: ['load-keys'], message: "missing required argument 'set'" },
  { commandLine: ['infer', '--memory-budget', '16GiB'], message: 'found "16GiB"' },
  { commandLine: ['infer', '--threads', '0'], message: 'found "0"' },
  { commandLine: ['infer', '--threads', '1025'], message: 'at most 1024 threads, found 1025' },
  { commandLine: ['infer', '--input', ''], message: "'--input <image...>' argument '' is invalid" },
  { commandLine: ['infer', '--input', 'a.png', ''], message: "'--input <image...>' argument '' is invalid" },
  { commandLine: ['infer', '--keys', ''], message: "'--keys <folder>' argument '' is invalid" },
  { commandLine: ['infer', '--weights', ''], message: "'--weights <file>' argument '' is invalid" },
  { commandLine: ['infer', '--trace', ''], message: "'--trace <file>' argument '' is invalid" },
  { commandLine: ['encrypt', '--input', 'a.png', '--out', ''], message: "'--out <file>' argument '' is invalid" },
  { commandLine: ['decrypt', '--input', ''], message: "'--input <file>' argument '' is invalid" },
  { commandLine: ['generate-keys', '--out', ''], message: "'--out <folder>' argument '' is invalid" },
  { commandLine: ['load-keys', ''], message: "argument 'set'. Expected the name of a file or folder" },
  { commandLine: ['accuracy', '--data', ''], message: "'--data <folder>' argument '' is invalid" },
  { commandLine: ['accuracy', '--data', '.', '--no-noise'], message: '--no-noise: only the simulator' },
  {
    commandLine: ['infer', '--profile', 'params_secure', '--engine', 'ckks'],
    message: '--engine: params_secure is for the engine openfhe, found ckks',
  },
  {
    commandLine: ['evaluate', '--input', 'a.fhe', '--out', 'same', '--trace', './same'],
    message: './same: named twice, so it would be overwritten',
  },
  { commandLine: ['encrypt', '--input', 'a.png', 'b.png', '--out', 'b.png'], message: 'b.png: named twice' },
  { commandLine: ['evaluate', '--input', 'a.fhe', '--out', 'a.fhe'], message: 'a.fhe: named twice' },
  {
    commandLine: ['infer', '--engine', 'simulator', '--input', 'a.png', '--trace', 'a.png'],
    message: 'a.png: named twice',
  },
  { commandLine: ['infer', '--engine', 'seal'], message: 'Allowed choices are simulator, ckks, openfhe' },
  { commandLine: ['infer', '--engine', 'simulator', '--keys', '.'], message: 'the simulator encrypts nothing' },
  { commandLine: ['generate-keys', 'params_fats'], message: 'no profile params_fats; there are params_fast,' },
  { commandLine: ['load-keys', 'params_fats'], message: 'no profile params_fats, and no key set of this name' },
  {
    commandLine: ['infer', '--profile', 'params_fats'],
    message: 'no profile params_fats; there are params_fast,',
  },
  { commandLine: ['build', 'seal'], message: 'expected ckks or openfhe, found seal' },
  { commandLine: ['build', 'ckks', '--prebuilt'], message: 'build openfhe' },
  { commandLine: ['build', 'openfhe', '--prebuilt', '--openfhe-dir', '.'], message: 'cannot be used with' },
])('$commandLine is wrong usage', async ({ commandLine, message }) => {
  const { status, stdout, stderr } = await runInProcess(commandLine);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test.each([
  ['infer', '--engine', 'simulator', '--trace'],
  ['evaluate', '--input', 'request.fhe', '--out'],
  ['encrypt', '--input', 'img.png', '--out'],
])('%s finds out first that it could not write its result', async (...commandLine) => {
  const missing = await runInProcess([...commandLine, '/nowhere/result']);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toBe('error: /nowhere/result: /nowhere does not exist\n');
  const folder = await runInProcess([...commandLine, '.']);
  expect(folder.stderr).toBe('error: .: a folder, expected the name of a file to write\n');
  const underFile = await runInProcess([...commandLine, join(launcher, 'result')]);
  expect(underFile.stderr).toBe(`error: ${join(launcher, 'result')}: ${launcher} is not a folder\n`);
  const device = await runInProcess([...commandLine, '/dev/null']);
  expect(device.stderr).toBe('error: /dev/null: a device or pipe, expected the name of a file to write\n');
});

test('no command at all is wrong usage, and explains itself', async () => {
  const { status, stderr } = await runProgram([]);
  expect(status).toBe(2);
  expect(stderr).toContain('Usage: resnet20-fhe');
});
