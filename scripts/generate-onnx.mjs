// npm run generate:onnx    src/network/import/onnx/generated/onnx_pb.ts from the onnx.proto of the Python package onnx.
// Needs Python with test/network/import/requirements.txt as PYTHON, or python3, and fetches the generator by npx.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const generator = '@bufbuild/protoc-gen-es@2.12.1';
const target = fileURLToPath(new URL('../src/network/import/onnx/generated', import.meta.url));
const python = process.env.PYTHON ?? 'python3';

const proto = execFileSync(python, [
  '-c',
  'import onnx, pathlib; print(pathlib.Path(onnx.__file__).parent / "onnx.proto", end="")',
]).toString();
const folder = mkdtempSync(join(tmpdir(), 'generate-onnx-'));
try {
  const plugin = join(folder, 'protoc-gen-es');
  writeFileSync(plugin, `#!/bin/sh\nexec npx --yes --package ${generator} protoc-gen-es "$@"\n`, { mode: 0o755 });
  execFileSync(
    python,
    [
      '-m',
      'grpc_tools.protoc',
      `--proto_path=${dirname(proto)}`,
      `--plugin=protoc-gen-es=${plugin}`,
      `--es_out=${target}`,
      '--es_opt=target=ts,import_extension=js',
      proto,
    ],
    { stdio: 'inherit' },
  );
} finally {
  rmSync(folder, { recursive: true });
}
