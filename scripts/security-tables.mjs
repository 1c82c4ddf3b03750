// node scripts/security-tables.mjs           writes security/keys.json from the profiles, and security/table.json and
//                                            native/ckks/scheme/security_caps.h from security/estimates.json
// node scripts/security-tables.mjs --check [FOLDER]   writes nothing; fails and names what differs from what it would
//                                            write, of the checkout or of a copy of those files
// Between writing the keys and the tables, estimate: python3 -m resnet20_security (security/README.md).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProfile, profileNames } from '../dist/catalogue/profiles.js';
import { largestKeys } from '../dist/scheme/security.js';
import { root } from './lib/process.mjs';

const check = process.argv[2] === '--check';
const folder = check ? (process.argv[3] ?? root) : root;
const read = (path) => readFileSync(join(folder, path), 'utf8');

const estimates = JSON.parse(read('security/estimates.json'));
const written = {
  'security/keys.json': lines(offeredKeys()),
  'security/table.json': renderTable(),
  'native/ckks/scheme/security_caps.h': renderHeader(),
};
const differing = Object.keys(written).filter((path) => !check || read(path) !== written[path]);
for (const path of differing) {
  if (check) {
    process.stdout.write(`${path}: expected what scripts/security-tables.mjs writes, found something else; run it\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(root, path), written[path]);
  }
}
const unestimated = offeredKeys().filter((key) => !estimates.keys.some((estimated) => isSameKey(key, estimated)));
for (const { profile, key } of unestimated) {
  process.stdout.write(`${profile}, ${key} key: no estimate; run python3 -m resnet20_security (security/README.md)\n`);
  process.exitCode = 1;
}

function offeredKeys() {
  return profileNames.flatMap((profile) =>
    largestKeys(findProfile(profile).parameters).map((key) => ({ profile, ...key })),
  );
}

function isSameKey(key, estimated) {
  return Object.entries(key).every(([name, value]) => estimated[name] === value);
}

/** By secret and ring dimension: caps, and estimates in rows of log QP, classical and quantum bits. */
function renderTable() {
  const secrets = [...new Set(estimates.rings.map(({ secret }) => secret))];
  const rings = ({ ringDimension, caps, estimates }) => {
    const rows = estimates.map((row) => `        ${JSON.stringify(row)}`).join(',\n');
    return `    "${ringDimension}": {\n      "caps": ${JSON.stringify(caps)},\n      "estimates": [\n${rows}\n      ]\n    }`;
  };
  const objects = secrets.map((secret) => {
    const of = estimates.rings.filter((ring) => ring.secret === secret);
    return `  "${secret}": {\n${of.map(rings).join(',\n')}\n  }`;
  });
  return `{\n${objects.join(',\n')}\n}\n`;
}

function renderHeader() {
  const rows = estimates.rings
    .filter(({ secret }) => secret === 'uniform-ternary')
    .map(({ ringDimension, caps }) => `    {std::size_t{1} << ${Math.log2(ringDimension)}, ${caps.classical}},`);
  return `// Written by scripts/security-tables.mjs from security/estimates.json.
#pragma once

#include <array>
#include <cstddef>

namespace ckks {

/** log2 of the largest modulus of a key that keeps 128 bits against classical attacks; uniform ternary secret. */
struct SecurityCap {
  std::size_t ringDimension;
  double logModulus;
};

inline constexpr std::array<SecurityCap, ${rows.length}> kSecurityCaps{{
${rows.join('\n')}
}};

}  // namespace ckks
`;
}

function lines(objects) {
  return `[\n${objects.map((object) => `  ${JSON.stringify(object)}`).join(',\n')}\n]\n`;
}
