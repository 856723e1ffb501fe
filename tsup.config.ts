import { defineConfig, type Options } from 'tsup'

/** One build for every package: ESM for Node 20 and browsers, with types. A package adds only its entries. */
export function holdfastPackage(entry: readonly string[] = ['src/index.ts'], options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: [...entry],
    format: ['esm'],
    target: 'es2022',
    dts: { compilerOptions: { customConditions: [], incremental: false } },
    sourcemap: true,
    clean: true,
    ...options,
  })
}

export default holdfastPackage()
