import { cachedCalibration } from '../../../dist/sessions/calibration-cache.js';
import { singleFiles } from '../corpus.mjs';

/** The cache of measured rates: whatever it holds, there are rates afterwards. */
export const corpus = singleFiles('corpus/calibration', 'rates-avx2-2.json');

const { key, rates } = JSON.parse(corpus[0]['rates-avx2-2.json'].toString('utf8'));

export async function run(folder) {
  const found = await cachedCalibration(key, async () => rates, folder);
  for (const name of Object.keys(rates)) {
    if (!(Number.isFinite(found[name]) && found[name] > 0)) {
      throw new Error(`the rate ${name} is ${found[name]}`);
    }
  }
}
