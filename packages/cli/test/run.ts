/** The command in process: what a user types, hands in and sees. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Io } from '../src/io'
import { main } from '../src/main'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** The one object that `--json` promises; parsing fails on anything else. */
  json(): Record<string, unknown> & { error: { code: string; message: string } }
}

export interface Given {
  /** Keys pressed at a terminal; without it there is no terminal. */
  readonly typed?: string
  readonly stdin?: string
  readonly columns?: number
  readonly interactive?: boolean
  readonly signal?: AbortSignal
  readonly onStdout?: (text: string) => void
}

export class Desk {
  readonly root: string
  readonly env: Record<string, string>

  constructor(root: string) {
    this.root = root
    this.env = { XDG_STATE_HOME: join(root, 'state'), XDG_DATA_HOME: join(root, 'data') }
  }

  static async make(): Promise<Desk> {
    return new Desk(await mkdtemp(join(tmpdir(), 'holdfast cli ')))
  }

  path(...names: string[]): string {
    return join(this.root, ...names)
  }

  async run(argv: readonly string[], given: Given = {}): Promise<Ran> {
    let stdout = ''
    let stderr = ''
    const stdin = Object.assign(new PassThrough(), given.typed === undefined ? {} : { isTTY: true, setRawMode: () => {} })
    if (given.typed === undefined) stdin.end(given.stdin ?? '')
    else stdin.write(given.typed)
    const io: Io = {
      stdin,
      stdout: (text) => {
        stdout += text
        given.onStdout?.(text)
      },
      stderr: (text) => {
        stderr += text
      },
      env: this.env,
      interactive: given.interactive ?? false,
      columns: given.columns ?? 80,
      signal: given.signal ?? new AbortController().signal,
    }
    const code = await main(argv, io)
    return { code, stdout, stderr, json: () => JSON.parse(stdout) }
  }

  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(this.path(name)), { recursive: true })
      await writeFile(this.path(name), content)
    }
  }

  /** Every file below a folder, with its content. */
  async contents(folder: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    for (const entry of await readdir(this.path(folder), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      found[path.slice(this.path(folder).length + 1)] = await readFile(path, 'latin1')
    }
    return found
  }

  async clear(): Promise<void> {
    await chmod(this.root, 0o700)
    await rm(this.root, { recursive: true, force: true })
  }
}
