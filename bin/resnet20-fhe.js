#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';

const program = new URL('../dist/cli/main.js', import.meta.url);
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const [oldest, found] = [engines.node.replace('>=', ''), process.versions.node];
const isOlder = (() => {
  const [[major, minor], [foundMajor, foundMinor]] = [oldest, found].map((version) => version.split('.').map(Number));
  return foundMajor < major || (foundMajor === major && foundMinor < minor);
})();

if (isOlder) {
  fail(`Node ${oldest} or later is needed, found ${found}; install a later one from https://nodejs.org`);
} else if (existsSync(program)) {
  await import(program.href);
} else {
  fail('the program is not compiled yet; run `npm run build` in its folder');
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
}
