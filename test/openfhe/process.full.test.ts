import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import { nativeParameters } from '../../src/engine/openfhe/native-parameters.js';
import { bootstrappedParameters, describeOpenFhe } from './parameters.js';

/** Runs JavaScript in a process of its own, with `addon` and `parameters` defined. */
function runApart(body: string): { status: number | null; output: string } {
  const { bootstrapLevelBudget, ...parameters } = nativeParameters(
    bootstrappedParameters({ ringDimension: 2 ** 13, slots: 2 ** 12 }),
  );
  const script = `
    const addon = require(${JSON.stringify(addonPath('openfhe'))});
    const parameters = { ...${JSON.stringify(parameters)},
      bootstrapLevelBudget: Int32Array.from(${JSON.stringify([...bootstrapLevelBudget])}) };
    ${body}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describeOpenFhe('openfhe addon in a process', () => {
  it('lets the process end with its status before a running task has finished', () => {
    const { status, output } = runApart(`
      addon.open(parameters).then((engine) => {
        addon.libraryBootstrapAutomorphisms(engine.handle).then(() => console.log('finished'));
        setTimeout(() => { console.log('leaving'); process.exit(130); }, 50);
      });`);
    expect(output).toBe('leaving\n');
    expect(status).toBe(130);
  });

  it('lets the process end by itself when its tasks are done', () => {
    const { status, output } = runApart('addon.open(parameters).then((engine) => console.log(engine.depth > 9));');
    expect(output).toBe('true\n');
    expect(status).toBe(0);
  });

  it('serves one JavaScript thread at a time, and survives the end of a worker that used it', () => {
    const { status, output } = runApart(`
      const { Worker } = require('node:worker_threads');
      const source = 'try { require(' + ${JSON.stringify(JSON.stringify(addonPath('openfhe')))} +
        '); console.log("loaded") } catch (error) { console.log(error.code) }';
      new Worker(source, { eval: true }).on('exit', (code) => console.log(code));`);
    expect(output).toBe('ERR_ENGINE_UNAVAILABLE\n0\n');
    expect(status).toBe(0);
  });

  it('names refused parameters as a profile error, with the text of OpenFHE as the cause', () => {
    const { output } = runApart(`
      addon.open({ ...parameters, securityLevel: 'HEStd_128_classic' })
        .catch((error) => console.log(error.code, error.cause.includes('ring dimension')));`);
    expect(output).toBe('ERR_PROFILE true\n');
  });
});
