// The two sides of the computation, each with its own folder: the server's never holds a secret key or a picture.
//
//   node examples/client-server.mjs [profile] [picture] [weights]
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decrypt, encrypt, evaluate, generateKeys } from 'resnet20-fhe';

const defaultPicture = fileURLToPath(new URL('../inputs/default.png', import.meta.url));
const [profile, picture = defaultPicture, weights] = process.argv.slice(2);

const folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-example-'));
const clientKeys = join(folder, 'client', 'keys');
const serverKeys = join(folder, 'server', 'evaluation');
// The set is made current in this folder rather than in the user's own.
process.env.RESNET20_FHE_KEYS = join(folder, 'client');

try {
  // The client makes the keys once, and hands the evaluation keys to the server.
  await generateKeys({ profile, weights, out: clientKeys });
  await cp(join(clientKeys, 'evaluation'), serverKeys, { recursive: true });

  // The client encrypts; the file goes to the server.
  const request = join(folder, 'request.fhe');
  const { bytes } = await encrypt({ inputs: [picture], weights, keys: clientKeys, out: request });
  process.stdout.write(`request: ${bytes} bytes\n`);

  // The server classifies what it can't read; the encrypted scores go back.
  const answer = join(folder, 'answer.fhe');
  const { bytes: answerBytes } = await evaluate({ input: request, weights, keys: serverKeys, out: answer });
  process.stdout.write(`answer: ${answerBytes} bytes\n`);

  // Only the client can read the answer. It must not tell the server the scores: they are noisy in a way that
  // depends on the secret key.
  const { images } = await decrypt({ input: answer, weights, keys: clientKeys });
  process.stdout.write(`class: ${images[0].class}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
