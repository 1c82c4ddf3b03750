import { readFileSync } from 'node:fs';
import { findProfile } from '../../../dist/catalogue/profiles.js';
import { parametersHash, planHash } from '../../../dist/planning/plan.js';
import { readPlanFile } from '../../../dist/sessions/plan-file.js';
import { folderFiles, withJson } from '../corpus.mjs';

const plan = JSON.parse(readFileSync(new URL('../../../plans/params_fast.json', import.meta.url), 'utf8'));
const profile = findProfile('params_fast');

/** A network's folder with a plan: that of params_fast, which is committed. */
export const corpus = [
  { ...folderFiles('corpus/network'), 'plan.json': Buffer.from(JSON.stringify({ profile, plan })) },
];

/** The hashes are no secret: who writes a plan can make them fit. */
export function seal({ 'plan.json': bytes, ...others }) {
  const sealed = withJson(bytes, (deployment) => {
    deployment.plan.parametersHash = parametersHash(deployment.profile.parameters);
    deployment.plan.hash = planHash(deployment.plan);
  });
  return { ...others, 'plan.json': sealed };
}

export function run(folder) {
  return readPlanFile(folder);
}
