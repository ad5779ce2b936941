import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests read sources, not builds.
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    reporters: ['default', './test/closing-line.ts'],
    // Its tsconfig must include the type tests themselves: under one that doesn't, a false one passes.
    typecheck: {
      include: ['packages/*/src/**/*.test-d.ts', 'test/**/*.test-d.ts'],
      tsconfig: './test/tsconfig.json',
    },
  },
})
