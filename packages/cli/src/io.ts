import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { HoldfastError } from '@holdfast/base'

/** Everything the command has of the world, so that tests run it in process. */
export interface Io {
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?(on: boolean): unknown }
  stdout(text: string): void
  stderr(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person looks at stderr: progress bars, prompts. */
  readonly interactive: boolean
  readonly signal?: AbortSignal
}

export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    env: process.env,
    interactive: process.stderr.isTTY === true,
  }
}

/** Asks for a line that is not shown while it is typed. */
export async function promptSecret(io: Io, question: string): Promise<string> {
  if (!io.stdin.isTTY) {
    throw new HoldfastError(
      'phrase_needed',
      'the recovery phrase is needed: there is no terminal to ask on; pass --phrase-file or --phrase-stdin',
      { remedy: 'authenticate-main-factor' },
    )
  }
  io.stderr(question)
  io.stdin.setRawMode?.(true)
  let line = ''
  try {
    for await (const chunk of io.stdin) {
      for (const character of String(chunk)) {
        if (character === '\r' || character === '\n') return line
        if (character === '\u0003')
          throw new HoldfastError('interrupted', 'interrupted: nothing was changed; run the command again', { remedy: 'retry' })
        line = character === '\u007f' ? line.slice(0, -1) : line + character
      }
    }
    return line
  } finally {
    io.stdin.setRawMode?.(false)
    io.stdin.pause()
    io.stderr('\n')
  }
}

export async function readLine(io: Io): Promise<string> {
  for await (const line of createInterface({ input: io.stdin })) return line
  return ''
}
