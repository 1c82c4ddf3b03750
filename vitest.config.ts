import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Two projects: `unit` is what `npm test` runs; `full` holds the long encrypted runs (*.full.test.ts).
// Forks, because a native addon that uses OpenMP must not be unloaded when a worker thread ends.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // What the program measures of the machine and keeps for its next run stays out of the user's own folder.
    env: {
      XDG_CACHE_HOME: fileURLToPath(new URL('build/test-cache', import.meta.url)),
      RESNET20_FHE_TEST_PROFILES: '1',
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.full.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['test/**/*.full.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});
