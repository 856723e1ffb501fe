import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// No 'import' here: it would reach `require` as well, and packages of both kinds would load as the wrong one.
const conditions = ['holdfast-source', 'module', 'node', 'default']

export default defineConfig({
  plugins: [readmeExamples()],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    pool: 'threads',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

/**
 * Lets a test import the n-th `ts` block of a README as a module: `import('…/README.md.0.ts')`. Package names resolve to
 * the workspace's sources, from any README, as they would for somebody who installed the package.
 */
function readmeExamples() {
  const example = /^(.*README\.md)\.(\d+)\.ts$/
  const packages = fileURLToPath(new URL('packages/', import.meta.url))
  return {
    name: 'readme-examples',
    enforce: 'pre' as const,
    resolveId(source: string, importer?: string): string | undefined {
      if (example.test(source)) return source
      const [, name, subpath = ''] = /^@holdfast\/([^/]+)(\/.+)?$/.exec(source) ?? []
      if (!name || !importer || !example.test(importer)) return undefined
      const { exports } = JSON.parse(readFileSync(`${packages}${name}/package.json`, 'utf8'))
      const entry = exports[`.${subpath}`]
      return `${packages}${name}/${(entry.node ?? entry)['holdfast-source']}`
    },
    load(id: string): string | undefined {
      const [, file, index] = example.exec(id) ?? []
      if (!file) return undefined
      const blocks = [...readFileSync(file, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
      const code = blocks[Number(index)]?.[1]
      if (code === undefined) throw new Error(`${file} has no example ${index}`)
      return code
    },
  }
}
