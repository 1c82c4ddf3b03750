import { expect, test } from 'vitest';
import { runProgram } from './program.js';

const commands = [
  'generate-keys',
  'load-keys',
  'infer',
  'encrypt',
  'evaluate',
  'decrypt',
  'accuracy',
  'params',
  'doctor',
  'build',
];

test.each(commands)('%s --help explains the options and gives an example', async (command) => {
  const { status, stdout, stderr } = await runProgram([command, '--help']);
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
  { commandLine: ['load-keys'], message: "missing required argument 'set'" },
  { commandLine: ['infer', '--memory-budget', '16GiB'], message: 'found "16GiB"' },
  { commandLine: ['infer', '--threads', '0'], message: 'found "0"' },
  { commandLine: ['infer', '--engine', 'seal'], message: 'Allowed choices are simulator, ckks, openfhe' },
  { commandLine: ['infer', '--engine', 'simulator', '--keys', '.'], message: 'the simulator encrypts nothing' },
  { commandLine: ['generate-keys', 'params_fats'], message: 'no profile params_fats; there are params_fast,' },
  { commandLine: ['load-keys', 'params_fats'], message: 'no profile params_fats, and no key set of this name' },
  {
    commandLine: ['infer', '--profile', 'params_fats'],
    message: 'no profile params_fats, and no key set of this name',
  },
  { commandLine: ['build', 'seal'], message: 'expected ckks or openfhe, found seal' },
  { commandLine: ['build', 'ckks', '--prebuilt'], message: 'build openfhe' },
  { commandLine: ['build', 'openfhe', '--prebuilt', '--openfhe-dir', '.'], message: 'cannot be used with' },
])('$commandLine is wrong usage', async ({ commandLine, message }) => {
  const { status, stdout, stderr } = await runProgram(commandLine);
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
  const missing = await runProgram([...commandLine, '/nowhere/result']);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toBe('error: /nowhere/result: /nowhere does not exist\n');
  const folder = await runProgram([...commandLine, '.']);
  expect(folder.stderr).toBe('error: .: a folder, expected the name of a file to write\n');
});

test('no command at all is wrong usage, and explains itself', async () => {
  const { status, stderr } = await runProgram([]);
  expect(status).toBe(2);
  expect(stderr).toContain('Usage: resnet20-fhe');
});
