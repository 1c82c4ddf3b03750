import { spawnSync } from 'node:child_process';

/** The interpreter that tests use: PYTHON, else `python3`. */
export const python = process.env.PYTHON || 'python3';

/** Those of `modules` that the interpreter does not find; undefined where it does not start or is older than 3.11. */
export function missingModules(modules) {
  const program = [
    'import sys, importlib.util',
    'assert sys.version_info >= (3, 11)',
    'print(*[name for name in sys.argv[1:] if importlib.util.find_spec(name) is None])',
  ].join('\n');
  const { status, stdout } = spawnSync(python, ['-c', program, ...modules], { encoding: 'utf8' });
  return status === 0 ? stdout.split(/\s+/).filter((name) => name !== '') : undefined;
}
