import type { Readable } from 'node:stream'
import { HoldfastError } from '@holdfast/base'

/** Everything the command has of the world, so that tests run it in process. */
export interface Io {
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?(on: boolean): unknown }
  stdout(text: string): void
  stderr(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person looks at stderr: progress bars. */
  readonly interactive: boolean
  /** Characters in a line of that person's terminal. */
  readonly columns: number
  /** Ctrl-C, or a polite kill. */
  readonly signal: AbortSignal
}

export function processIo(): Io {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  return {
    stdin: process.stdin,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    env: process.env,
    interactive: process.stderr.isTTY === true && process.env.TERM !== 'dumb',
    get columns() {
      return process.stderr.columns ?? 80
    },
    signal: stop.signal,
  }
}

export function interrupted(): HoldfastError {
  return new HoldfastError('interrupted', 'interrupted: nothing is lost; run the same command again', {
    remedy: 'retry',
    retry: { safe: true },
  })
}

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CTRL_U = '\u0015'
const BACKSPACE = ['\u007f', '\b']
/** Arrow keys and the like. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal sends is control characters
const ESCAPE_SEQUENCES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.)?/g

/**
 * Asks for text that is not shown while it is typed.
 *
 * @param more given what stands so far at the end of a line, the question to go on with, or `undefined` when it is whole.
 * @throws `interrupted`: Ctrl-C.
 */
export async function promptSecret(io: Io, question: string, more: (text: string) => string | undefined): Promise<string> {
  const { stdin, signal } = io
  const listening = new AbortController()
  let text = ''
  io.stderr(question)
  stdin.setRawMode?.(true)
  try {
    return await new Promise((resolve, reject) => {
      let isOver = false
      const stop = (reason?: HoldfastError) => {
        isOver = true
        stdin.pause()
        if (reason) reject(reason)
        else resolve(text)
      }
      const type = (character: string) => {
        if (character === CTRL_C) return stop(interrupted())
        if (character === CTRL_D) return stop()
        if (character === CTRL_U) text = text.slice(0, text.lastIndexOf('\n') + 1)
        else if (BACKSPACE.includes(character)) text = text.endsWith('\n') ? text : text.slice(0, -1)
        else if (character === '\r' || character === '\n') {
          text += '\n'
          const next = more(text)
          if (next === undefined) return stop()
          io.stderr(`\n${next}`)
        } else if (character >= ' ' || character === '\t') text += character
      }
      const take = (chunk: unknown) => {
        const typed = [...String(chunk).replace(ESCAPE_SEQUENCES, '')]
        while (typed.length > 0 && !isOver) type(typed.shift() ?? '')
        if (typed.length > 0) stdin.unshift(Buffer.from(typed.join(''))) // typed ahead, for the next question
      }
      const end = () => resolve(text)
      stdin.on('data', take).on('end', end).on('error', reject)
      stdin.resume() // an earlier question has paused it
      listening.signal.addEventListener('abort', () => stdin.off('data', take).off('end', end).off('error', reject))
      signal.addEventListener('abort', () => reject(interrupted()), { signal: listening.signal })
    })
  } finally {
    listening.abort()
    stdin.setRawMode?.(false)
    stdin.pause()
    io.stderr('\n')
  }
}

/** Standard input to its end, at most 64 KiB of it. */
export async function readInput(io: Io): Promise<string> {
  let text = ''
  for await (const chunk of io.stdin) {
    text += String(chunk)
    if (text.length > 65_536) break
  }
  return text
}
