import { execFile } from 'node:child_process';
import { root, run } from './process.mjs';

/** Where the native fuzzers are built, and where what they find is left. */
const folder = 'build/native-fuzz';

/** Kinds of files that the native fuzzers load. */
export const nativeFuzzers = ['EvaluationKey', 'PublicKey', 'Ciphertext', 'Secret'];

/** Compiles the native fuzzers with a Clang that has libFuzzer. Resolves to true on success. */
export async function compileNativeFuzzers(compiler) {
  const options = [
    `-DCMAKE_CXX_COMPILER=${compiler}`,
    '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
    '-DRESNET20_FHE_FUZZERS=ON',
    '-DRESNET20_FHE_SANITIZE=address,undefined,fuzzer-no-link',
    '-DRESNET20_FHE_ADDON=OFF',
    '-DRESNET20_FHE_TESTS=ON',
  ];
  return (
    (await run('cmake', ['-S', '.', '-B', folder, ...options], { quiet: true })) === 0 &&
    (await run('cmake', ['--build', folder, '--target', 'fuzzers', '--parallel', '2'], { quiet: true })) === 0
  );
}

/** Runs one native fuzzer for so many seconds. `problem`: the end of what it said where it found something. */
export function runNativeFuzzer(kind, seconds) {
  const limits = [
    `-max_total_time=${Math.ceil(seconds)}`,
    '-len_control=0',
    '-max_len=64',
    '-print_final_stats=1',
    `-artifact_prefix=${folder}/`,
  ];
  const started = performance.now();
  return new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 2 ** 26 };
    execFile(`${folder}/native/test/fuzz/fuzz${kind}`, limits, options, (error, stdout, stderr) => {
      const executions = Number(/stat::number_of_executed_units:\s*(\d+)/.exec(stdout + stderr)?.[1] ?? 0);
      const problem = error === null ? undefined : stderr.slice(-4000);
      resolve({ target: kind, executions, seconds: (performance.now() - started) / 1000, problem });
    });
  });
}
