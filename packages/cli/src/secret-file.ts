import { readFile, stat } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/base'
import type { Io } from './io'

/** Reads a file that holds a secret, and says so when others may read it too. @throws `<what>_file_unreadable`. */
export async function readSecretFile(io: Io, path: string, what: 'phrase' | 'password' | 'login'): Promise<string> {
  try {
    const { mode } = await stat(path)
    if (mode & 0o077 && process.platform !== 'win32')
      io.stderr(`note: others may read ${path} (mode ${(mode & 0o777).toString(8)}); \`chmod 600\` it\n`)
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as { code?: string }
    throw new HoldfastError(`${what}_file_unreadable`, `the ${what} file cannot be read: ${path} (${code}); check its path`, {
      remedy: 'fix-input',
      cause,
    })
  }
}
