// Runs operations of the compiled program one after another: their options come as messages, and their results or errors
// go back. In a process of its own, so that a crash or an operation without an end is seen from outside.
import { decrypt, encrypt, evaluate, FheError, generateKeys, infer } from '../../dist/index.js';

const operations = { decrypt, encrypt, evaluate, generateKeys, infer };

process.on('message', async ({ operation, options }) => {
  try {
    const result = await operations[operation]({ ...options, onEvent: () => {} });
    process.send({ result });
  } catch (error) {
    process.send({ error: { code: error instanceof FheError ? error.code : undefined, text: String(error?.stack) } });
  }
});
