// node scripts/prerequisites.mjs   checks what building needs and prints the one command that installs what is missing
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const minimumNode = [20, 17];

/** Package names by need, and how each package manager installs. */
const packageManagers = [
  { program: 'apt-get', install: 'sudo apt-get install -y', cmake: 'cmake', compiler: 'g++', node: 'nodejs' },
  { program: 'dnf', install: 'sudo dnf install -y', cmake: 'cmake', compiler: 'gcc-c++', node: 'nodejs' },
  { program: 'pacman', install: 'sudo pacman -S --needed', cmake: 'cmake', compiler: 'gcc', node: 'nodejs' },
  { program: 'zypper', install: 'sudo zypper install -y', cmake: 'cmake', compiler: 'gcc-c++', node: 'nodejs' },
  // Homebrew itself needs Apple's compiler, so where it is installed the compiler is.
  { program: 'brew', install: 'brew install', cmake: 'cmake', compiler: 'gcc', node: 'node' },
];

/** Prints what is missing on stderr; true when nothing is. */
export function checkPrerequisites() {
  const missing = [];
  if (!hasNode()) {
    process.stderr.write(`Node.js ${minimumNode.join('.')} or later is needed, found ${process.versions.node}\n`);
    missing.push('node');
  }
  if (!succeeds('cmake', ['--version'])) {
    process.stderr.write('CMake is needed, found none\n');
    missing.push('cmake');
  }
  if (!hasCompiler()) {
    process.stderr.write('a compiler for C++20 is needed (GCC 11, Clang 14 or later), found none\n');
    missing.push('compiler');
  }
  if (missing.length > 0) {
    process.stderr.write(`${installAdvice(missing)}\n`);
  }
  return missing.length === 0;
}

function installAdvice(missing) {
  if (process.platform === 'darwin' && missing.includes('compiler')) {
    return 'Install with: xcode-select --install';
  }
  const manager = packageManagers.find(({ program }) => succeeds(program, ['--version']));
  return manager
    ? `Install with: ${manager.install} ${missing.map((need) => manager[need]).join(' ')}`
    : 'Install it with your package manager.';
}

/** True where the compiler finds a header, e.g. `gtest/gtest.h`. */
export function hasHeader(header) {
  return compiles(`#include <${header}>\n`);
}

/** A Clang that links libFuzzer: `clang++`, or the newest with a version in its name; undefined where there is none. */
export function findFuzzingCompiler() {
  const versions = Array.from({ length: 10 }, (_, index) => `-${23 - index}`);
  const source = 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }\n';
  const options = ['-fsanitize=fuzzer', '-x', 'c++', '-o', '/dev/null', '-'];
  return ['', ...versions].map((version) => `clang++${version}`).find((name) => succeeds(name, options, source));
}

function hasNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1]);
}

function hasCompiler() {
  return compiles('#include <concepts>\n#include <span>\ntemplate <std::integral T> T twice(T x) { return x + x; }\n');
}

/** CMake takes the compiler from CXX, else `c++`. */
function compiles(source) {
  const [command, ...options] = (process.env.CXX || 'c++').split(' ');
  return succeeds(command, [...options, '-std=c++20', '-fsyntax-only', '-x', 'c++', '-'], source);
}

function succeeds(command, commandArguments, input = '') {
  return spawnSync(command, commandArguments, { input, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = checkPrerequisites() ? 0 : 1;
}
