/** The container in native Rust, as a child process that tells how long its work alone took. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Content, contentOf } from './content'

export type Reference = (job: { readonly work: 'pack' | 'unpack'; readonly content: Content }) => Promise<ReferenceAnswer>

export interface ReferenceAnswer {
  readonly milliseconds: number
  /** Of the container, or of the content unpacked. */
  readonly bytes: number
}

export interface ReferenceProcess {
  readonly ask: Reference
  close(): void
}

const CARGO = ['run', '--release', '--locked', '--quiet', '--package', 'holdfast-core', '--example', 'container-reference']

/**
 * Builds and starts it.
 *
 * @param root the repository.
 * @param packed what the engine packs of a content: the reference unpacks the same container.
 * @returns `undefined` without cargo.
 */
export async function startReference(root: string, packed: (content: Content) => Uint8Array): Promise<ReferenceProcess | undefined> {
  if (spawnSync('cargo', ['--version']).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  for (const content of ['random', 'text'] as const) {
    writeFileSync(join(folder, `pack-${content}`), contentOf(content))
    writeFileSync(join(folder, `unpack-${content}`), packed(content))
  }
  const child = spawn('cargo', CARGO, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  try {
    await nextLine(lines, child)
  } catch (cause) {
    remove()
    throw cause
  }
  return {
    async ask({ work, content }) {
      child.stdin.write(`${work} ${join(folder, `${work}-${content}`)}\n`)
      const [milliseconds, bytes] = (await nextLine(lines, child)).split(' ').map(Number)
      if (milliseconds === undefined || bytes === undefined) throw new Error('the container reference gave half an answer')
      return { milliseconds, bytes }
    },
    close() {
      child.stdin.end()
      remove()
    },
  }
}

async function nextLine(lines: AsyncIterator<string>, child: ChildProcess): Promise<string> {
  const { value, done } = await lines.next()
  if (!done) return value
  throw new Error(`the container reference ended (code ${child.exitCode}); see what cargo printed above`)
}
