import { defineConfig } from 'vitest/config'

// No 'import' here: it would reach `require` as well, and packages of both kinds would load as the wrong one.
const conditions = ['holdfast-source', 'module', 'node', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    pool: 'threads',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
