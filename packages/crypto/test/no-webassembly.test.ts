/** In a process of its own, since libsodium chooses between its two builds when it is loaded. Runs the built package, as an application does. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const entry = new URL('../dist/node.js', import.meta.url).href

function startWith(webAssembly: string): unknown {
  const script = `
    globalThis.WebAssembly = ${webAssembly}
    const { backendInfo, init } = await import(${JSON.stringify(entry)})
    const engine = await init()
    const { reason, selfTest } = backendInfo()
    console.log(JSON.stringify({ backend: engine.backend, reason, selfTest: selfTest.passed }))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  return stdout ? JSON.parse(stdout) : stderr
}

test('where WebAssembly is missing, libsodium takes over and passes its self-test', () => {
  expect(startWith('undefined')).toEqual({ backend: 'sodium', reason: 'webassembly_missing', selfTest: true })
})

test('where compiling is refused, libsodium takes over and passes its self-test', () => {
  const refusing = `(await import('node:vm')).runInNewContext('WebAssembly', {}, { contextCodeGeneration: { strings: false, wasm: false } })`
  expect(startWith(refusing)).toEqual({ backend: 'sodium', reason: 'webassembly_refused', selfTest: true })
})
