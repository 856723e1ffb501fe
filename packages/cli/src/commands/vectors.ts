import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HoldfastError } from '@holdfast/base'
import { type Backend, init } from '@holdfast/crypto'
import { runVectors, type VectorSuite } from '@holdfast/testkit'
import { EXIT } from '../exit-code'
import type { Io } from '../io'

export async function runVectorsCommand(
  io: Io,
  files: readonly string[],
  options: { readonly backend: 'auto' | Backend; readonly json?: boolean },
): Promise<number> {
  const engine = await init({ backend: options.backend })
  const total = { passed: 0, failed: 0, skipped: 0, failures: [] as unknown[], unknownOps: new Set<string>() }
  const passedOver: string[] = []
  for (const file of files) {
    const suite = await loadSuite(file)
    if (!suite) {
      passedOver.push(file)
      continue
    }
    const report = await runVectors(engine, [suite], {
      loadFile: async (name) => new Uint8Array(await readFile(resolve(dirname(file), name))),
    })
    total.passed += report.passed
    total.failed += report.failed
    total.skipped += report.skipped
    total.failures.push(...report.failures)
    for (const failure of report.failures)
      if (!options.json) io.stdout(`FAILED ${file} ${failure.id} (${failure.op}): expected ${failure.expected}, got ${failure.got}\n`)
    for (const op of report.unknownOps) total.unknownOps.add(op)
  }
  if (passedOver.length === files.length) {
    throw new HoldfastError('no_vectors', `no vectors: none of ${files.join(', ')} has the schema holdfast-vectors/1; pass vector files`, {
      remedy: 'fix-input',
    })
  }
  if (options.json) io.stdout(`${JSON.stringify({ backend: engine.backend, ...total, unknownOps: [...total.unknownOps], passedOver })}\n`)
  else {
    for (const file of passedOver) io.stdout(`passed over: ${file} holds no vectors\n`)
    for (const op of total.unknownOps) io.stdout(`skipped: ${op} is not known to this version\n`)
    io.stdout(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
  }
  return total.failed === 0 ? EXIT.ok : EXIT.damaged
}

/** A JSON file of another kind beside the vectors (`package.json`, the schema) is passed over. */
async function loadSuite(file: string): Promise<VectorSuite | undefined> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new HoldfastError('file_unreadable', `the file cannot be read: ${file} (${cause.code}); check its path`, {
      remedy: 'fix-input',
      cause,
    })
  })
  try {
    const suite = JSON.parse(text) as VectorSuite
    return suite.schema === 'holdfast-vectors/1' ? suite : undefined
  } catch (cause) {
    throw new HoldfastError('invalid_json', `the file is not JSON: ${file}; pass vector files`, { remedy: 'fix-input', cause })
  }
}
