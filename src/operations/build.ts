import { spawn } from 'node:child_process';
import { readFile, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { addonPath } from '../engine/addon-path.js';
import { FheError } from '../errors.js';
import { notice, type OperationControls } from '../sessions/events.js';
import { packageRoot } from '../sessions/package-files.js';
import { throwIfCancelled } from '../sessions/run-stages.js';
import { checkOptions } from './check-options.js';

export interface BuildOptions extends OperationControls {
  /** `ckks` (default) or `openfhe`. */
  readonly engine?: string | undefined;
  /** Folder of an installed OpenFHE. */
  readonly openfheDir?: string | undefined;
  /** Fetch the pinned OpenFHE libraries (Linux x64) first. */
  readonly prebuilt?: boolean | undefined;
}

export interface Build {
  readonly engine: 'ckks' | 'openfhe';
  readonly addon: string;
  readonly seconds: number;
}

/** Compiles an engine's addon in the package's folder. Throws ERR_USAGE, or ERR_NATIVE with the end of the compiler's output. */
export async function build(options: BuildOptions = {}): Promise<Build> {
  checkOptions(options);
  const started = performance.now();
  const engine = options.engine ?? 'ckks';
  if (engine !== 'ckks' && engine !== 'openfhe') {
    throw new FheError('ERR_USAGE', `engine: expected ckks or openfhe, found ${engine}`);
  }
  if (engine === 'ckks' && (options.openfheDir !== undefined || options.prebuilt === true)) {
    throw new FheError('ERR_USAGE', '--openfhe-dir and --prebuilt belong to `build openfhe`, found `build ckks`');
  }
  if (options.prebuilt === true) {
    notice(options, 'fetching the OpenFHE libraries');
    await run(process.execPath, [join(packageRoot, 'scripts', 'fetch-openfhe.mjs')], options);
  }
  await dropMovedBuild(join(packageRoot, 'build'), packageRoot);
  notice(options, `compiling the engine ${engine}; this takes a minute or more`);
  const cmakeJs = join(dirname(createRequire(import.meta.url).resolve('cmake-js/package.json')), 'bin', 'cmake-js');
  // Two commands: cmake-js's own `compile` keeps the configuration of an earlier build, and when that lacks the engine it
  // removes everything that was built. An empty OpenFHE_DIR undoes the one of an earlier build.
  const openfhe = `--CDRESNET20_FHE_OPENFHE=${engine === 'openfhe' ? 'ON' : 'OFF'}`;
  const openfheDir = `--CDOpenFHE_DIR=${options.openfheDir === undefined ? '' : resolve(options.openfheDir)}`;
  const inPackage = ['--directory', packageRoot];
  const configured = await run(process.execPath, [cmakeJs, 'configure', ...inPackage, openfhe, openfheDir], options);
  const choice = /OpenFHE.*: (?:installed|submodule|prebuilt), .*/.exec(configured)?.[0];
  if (choice !== undefined) {
    notice(options, choice);
  }
  await run(process.execPath, [cmakeJs, 'build', ...inPackage, '--target', engine], options);
  return { engine, addon: addonPath(engine), seconds: (performance.now() - started) / 1000 };
}

/**
 * Forgets what CMake noted in a build folder for sources in another place: it refuses to work after the folder was moved
 * or copied. What was built stays.
 */
export async function dropMovedBuild(buildFolder: string, sourceFolder: string): Promise<void> {
  const cache = join(buildFolder, 'CMakeCache.txt');
  const noted = await readFile(cache, 'utf8').catch(() => '');
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(noted)?.[1];
  if (home !== undefined && home !== (await realpath(sourceFolder)) && home !== resolve(sourceFolder)) {
    await rm(cache);
    await rm(join(buildFolder, 'CMakeFiles'), { recursive: true, force: true });
  }
}

const LINES_SHOWN = 30;

/** Runs a tool with its output kept back and resolves to it; a failure shows the end of it. */
function run(command: string, commandLine: readonly string[], options: OperationControls): Promise<string> {
  throwIfCancelled(options.signal);
  return new Promise((resolveOutput, reject) => {
    const child = spawn(command, commandLine, { cwd: packageRoot, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const keep = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const interrupt = (): void => killGroup(child.pid);
    options.signal?.addEventListener('abort', interrupt, { once: true });
    child.on('error', (cause) => reject(new FheError('ERR_NATIVE', `${command} can't be run`, { cause })));
    child.on('close', (status) => {
      options.signal?.removeEventListener('abort', interrupt);
      if (options.signal?.aborted === true) {
        reject(new FheError('ERR_CANCELLED', 'the build was interrupted'));
      } else if (status === 0) {
        resolveOutput(output);
      } else {
        const end = output.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
        reject(new FheError('ERR_NATIVE', `${[command, ...commandLine].join(' ')} failed:\n${end}`));
      }
    });
  });
}

/** The tool and the compilers that it started. */
function killGroup(pid: number | undefined): void {
  if (pid !== undefined) {
    process.kill(-pid, 'SIGTERM');
  }
}
