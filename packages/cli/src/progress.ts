import type { Io } from './io'

const QUIET_MS = 700
const WIDTH = 24

/** One line that redraws itself, once a step has taken longer than a moment; plain lines where nobody looks. */
export class Progress {
  readonly #io: Io
  readonly #enabled: boolean
  readonly #started = Date.now()
  #drawn = false

  constructor(io: Io, enabled: boolean) {
    this.#io = io
    this.#enabled = enabled && io.interactive
  }

  show({ phase, done, total }: { readonly phase: string; readonly done: number; readonly total: number }): void {
    if (!this.#enabled || Date.now() - this.#started < QUIET_MS) return
    const part = total > 0 ? Math.min(done / total, 1) : 0
    const filled = Math.round(part * WIDTH)
    this.#io.stderr(`\r\u001b[K${phase.padEnd(9)} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done}/${total}`)
    this.#drawn = true
  }

  end(): void {
    if (this.#drawn) this.#io.stderr('\r\u001b[K')
    this.#drawn = false
  }
}
