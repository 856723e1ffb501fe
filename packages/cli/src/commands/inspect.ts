import { readFile } from 'node:fs/promises'
import { recoveryPhrase } from '@holdfast/backup'
import { decodeUtf8, HoldfastError } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import { decodeContainer, decodeManifest, decodeRootKey, hashManifest } from '@holdfast/wire'
import { EXIT } from '../exit-code'
import { formatBytes } from '../format'
import type { Io } from '../io'

type Finding = { readonly kind: string } & Record<string, unknown>

/** Says what a file is, without a key and without showing a secret. */
export async function inspectCommand(io: Io, file: string, options: { readonly json?: boolean }): Promise<number> {
  const bytes = await readFile(file).catch((cause) => {
    throw new HoldfastError('file_unreadable', `the file cannot be read: ${file} (${cause.code}); check its path`, {
      remedy: 'fix-input',
      cause,
    })
  })
  const finding = await recognise(new Uint8Array(bytes))
  if (options.json) io.stdout(`${JSON.stringify({ file, bytes: bytes.length, ...finding })}\n`)
  else {
    io.stdout(`${file}: ${finding.kind} (${formatBytes(bytes.length)})\n`)
    for (const [name, value] of Object.entries(finding))
      if (name !== 'kind') io.stdout(`  ${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}\n`)
  }
  return EXIT.ok
}

async function recognise(bytes: Uint8Array): Promise<Finding> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return recogniseContainer(bytes)
  if (bytes[0] === 0 && bytes[1] === 6 && bytes[2] === 1 && bytes[4] === 12 && bytes.length >= 33) {
    return {
      kind: 'Turtl envelope, version 6',
      algorithm: bytes[3] === 0 ? 'ChaCha20-Poly1305' : `unknown (${bytes[3]})`,
      plaintextBytes: bytes.length - 33,
    }
  }
  const text = readText(bytes)
  if (text !== undefined) return recogniseText(text)
  if (bytes[0] === 3 && bytes.length >= 49) return { kind: 'possibly a Turtl sealed message, version 3', plaintextBytes: bytes.length - 49 }
  if (bytes.length >= 48)
    return { kind: 'possibly a sealed backup: a sealed box looks like random bytes', plaintextBytes: bytes.length - 48 }
  return { kind: 'unknown' }
}

async function recogniseContainer(bytes: Uint8Array): Promise<Finding> {
  try {
    const engine = await init()
    const { files, manifest } = decodeContainer(engine, bytes)
    const list = files.map(({ designator, path, content }) => ({ designator, path, bytes: content.length }))
    return {
      kind: 'World V0 container, NOT sealed: it holds a root key in the clear',
      manifestHash: hashManifest(engine, manifest),
      files: list,
    }
  } catch (error) {
    if (error instanceof HoldfastError) return { kind: 'gzip, but no V0 container', problem: error.code }
    throw error
  }
}

function recogniseText(text: string): Finding {
  const attempts: (() => Finding)[] = [
    () => {
      recoveryPhrase(text)
      return { kind: 'recovery phrase: a secret, the only way back into a backup' }
    },
    () => ({ kind: 'root key JSON: a secret', version: decodeRootKey(text.trim()).version }),
    () => {
      const { files } = decodeManifest(text)
      return { kind: 'World manifest', files: files.map(({ designator, path }) => ({ designator, path })) }
    },
    () => {
      const { schema, suite, cases } = JSON.parse(text) as { schema?: string; suite?: string; cases?: unknown[] }
      if (schema !== 'holdfast-vectors/1') throw new SyntaxError('another schema')
      return { kind: 'Holdfast vectors', suite, cases: cases?.length }
    },
    () => ({ kind: 'JSON', members: Object.keys(JSON.parse(text) as object) }),
  ]
  for (const attempt of attempts) {
    try {
      return attempt()
    } catch (error) {
      if (!(error instanceof HoldfastError || error instanceof SyntaxError || error instanceof TypeError)) throw error
    }
  }
  return { kind: 'text', characters: text.length }
}

function readText(bytes: Uint8Array): string | undefined {
  try {
    const text = decodeUtf8(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined // not text: the caller goes on guessing
  }
}
