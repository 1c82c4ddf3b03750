// npm run quickstart   from a fresh clone to an encrypted answer: builds, makes keys where there are none, and
//                      classifies the default image under the default profile
import { spawnSync } from 'node:child_process';
import { compileAddon, compileTypeScript, installPackages } from './lib/prepare.mjs';
import { root } from './lib/process.mjs';
import { checkPrerequisites } from './prerequisites.mjs';

process.exitCode = (await quickstart()) ? 0 : 1;

async function quickstart() {
  const built =
    checkPrerequisites() && (await installPackages()) && (await compileTypeScript()) && (await compileAddon());
  if (!built) {
    return false;
  }
  const { defaultProfileName: profile } = await import('../dist/catalogue/profiles.js');
  // A set that is there but does not verify (damaged, or of an older version) is made anew.
  const hasKeys = program(['load-keys', profile], 'ignore');
  return (hasKeys || program(['generate-keys', profile, '--force'])) && program(['infer', '--profile', profile]);
}

/** Runs the program as a user would. */
function program(programArguments, stdio = 'inherit') {
  const launcher = `${root}bin/resnet20-fhe.js`;
  return spawnSync(process.execPath, [launcher, ...programArguments], { stdio }).status === 0;
}
