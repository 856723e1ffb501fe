/** What a browser loads: the size of the core and of the script, and nothing of libsodium before it is chosen. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CORE } from './engines'

let out = ''
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'))
  await build({
    config: false,
    silent: true,
    entry: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    outDir: out,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    splitting: true,
    noExternal: [/./],
    esbuildOptions(options) {
      options.conditions = ['holdfast-source', 'browser']
    },
  })
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

/** The entry and what it imports statically; a dynamic import is not followed. */
function loadedAtFirst(): string {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const text = readFileSync(join(out, name), 'utf8')
    for (const [, next] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) visit(next as string)
  }
  visit('index.js')
  return [...seen].map((name) => readFileSync(join(out, name), 'utf8')).join('\n')
}

describe('the bundle of a browser', () => {
  test('has nothing of libsodium, noble or fflate in what is loaded at first', () => {
    const text = loadedAtFirst()
    for (const forbidden of ['crypto_scalarmult', 'sodium_malloc', 'AGFzbQ', 'inflate', 'personalization'])
      expect(text.includes(forbidden), forbidden).toBe(false)
    const all = readdirSync(out).map((name) => readFileSync(join(out, name), 'utf8'))
    expect(all.some((other) => other.includes('crypto_scalarmult'))).toBe(true)
  })

  test('asks for no more of a content security policy than wasm-unsafe-eval', () => {
    expect(loadedAtFirst()).not.toMatch(/\beval\(|new Function\(/)
  })

  test('names the core by an expression that bundlers find', () => {
    expect(loadedAtFirst()).toMatch(/new URL\("\.\.\/wasm\/core\.wasm",import\.meta\.url\)/)
  })

  test('is small', () => {
    // The engine's TypeScript, base's errors and codecs: 13 KB; half as much again is a change to look at.
    expect(gzipSync(loadedAtFirst(), { level: 9 }).length).toBeLessThan(20 << 10)
  })
})

test('the core is self-contained', () => {
  expect(WebAssembly.Module.imports(new WebAssembly.Module(CORE))).toEqual([])
})

test('the core is no larger than its kernels make it', () => {
  expect(gzipSync(CORE, { level: 9 }).length).toBeLessThanOrEqual(60 << 10)
})
