import { basename } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { FheError } from '../../../errors.js';
import { readInputFile } from '../../../input-file.js';
import { shown } from '../../../shown-text.js';
import { readExternalData } from './external-data.js';
import { type GraphProto, type ModelProto, ModelProtoSchema, type TensorProto } from './generated/onnx_pb.js';

/** A decoded model. */
export interface OnnxModel {
  readonly file: string;
  readonly graph: GraphProto;
  /** Version of ONNX's own operators. */
  readonly opset: number;
  /** The program that wrote it, as it says. */
  readonly producer: string;
  /** Bytes of the initialisers that lie in other files of the model's folder. */
  readonly external: ReadonlyMap<TensorProto, Uint8Array>;
}

const maximumBytes = 2 ** 30;
const opsets = { first: 9, last: 26 };

/** Reads an ONNX file, and what of its initialisers lies beside it. Throws ERR_FILE or ERR_NETWORK. */
export async function readOnnxModel(file: string): Promise<OnnxModel> {
  const bytes = await readInputFile(file, { expected: 'an ONNX model', maximumBytes });
  const model = decode(bytes, file);
  const { graph } = model;
  if (graph === undefined || graph.node.length === 0) {
    throw new FheError('ERR_NETWORK', `${file}: not an ONNX model, or one without a graph`);
  }
  const opset = Number(model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0);
  if (!(opset >= opsets.first && opset <= opsets.last)) {
    throw new FheError(
      'ERR_NETWORK',
      `${file}: opset ${opset}, expected ${opsets.first} to ${opsets.last}; export the model with opset 13 to 20`,
    );
  }
  const external = await readExternalData(graph, file);
  return { file, graph, opset, producer: shown(`${model.producerName} ${model.producerVersion}`.trim()), external };
}

function decode(bytes: Uint8Array, file: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new FheError(
      'ERR_NETWORK',
      `${file}: not an ONNX model, or damaged; expected a file that a program has exported as ONNX`,
      { cause },
    );
  }
}

/** A name for the network: the file's, without what names must not have. */
export function networkName(file: string): string {
  const name = basename(file)
    .replace(/\.onnx$/i, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9_]+/, '');
  return name === '' ? 'network' : name.slice(0, 100);
}
