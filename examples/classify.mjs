// Classifies one picture and prints its class and scores.
//
//   node examples/classify.mjs [picture] [engine]
//
// With the engine `simulator` nothing is encrypted and no keys are needed; without it the profile's own engine is
// used, and keys must have been made: `resnet20-fhe generate-keys`.
import { FheError, infer } from 'resnet20-fhe';

const [picture, engine] = process.argv.slice(2);

try {
  const { images, classes, encrypted } = await infer({ inputs: picture ? [picture] : undefined, engine });
  for (const image of images) {
    if (image.error) {
      process.stderr.write(`${image.error.code}: ${image.error.message}\n`);
      process.exitCode = 1;
      continue;
    }
    process.stdout.write(`${image.input}: ${image.class} (${encrypted ? 'encrypted' : 'not encrypted'})\n`);
    for (const [index, score] of image.scores.entries()) {
      process.stdout.write(`  ${classes[index]}: ${score.toFixed(3)}\n`);
    }
  }
} catch (error) {
  if (!(error instanceof FheError)) {
    throw error;
  }
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
