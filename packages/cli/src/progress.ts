import type { ProgressEvent } from '@holdfast/backup'
import { formatBytes } from './format'
import type { Io } from './io'

const QUIET_MS = 500
const MOST_WIDE = 24

/** What one phase is called while it runs. */
const DOING: Readonly<Record<ProgressEvent['phase'], string>> = {
  read: 'reading',
  seal: 'sealing',
  upload: 'sending',
  download: 'fetching',
  open: 'opening',
  apply: 'writing',
}

/** One line on stderr that redraws itself, where a person looks; it is gone when the work is done. */
export class Progress {
  readonly #io: Io
  readonly #started = Date.now()
  #drawn = false

  constructor(io: Io) {
    this.#io = io
  }

  readonly show = ({ phase, done, total }: ProgressEvent): void => {
    if (!this.#io.interactive) return
    const counted = (phase === 'read' || phase === 'apply') && total > 0
    if (counted && Date.now() - this.#started < QUIET_MS) return // a phase without steps is shown at once: it cannot report later
    const label = `${DOING[phase].padEnd(8)} `
    const text = counted ? label + bar(done / total, `${done}/${total}`, this.#io.columns - label.length) : label + detail(phase, total)
    this.#io.stderr(`\r\u001b[K${text.slice(0, this.#io.columns - 1)}`)
    this.#drawn = true
  }

  end(): void {
    if (this.#drawn) this.#io.stderr('\r\u001b[K')
    this.#drawn = false
  }
}

const detail = (phase: ProgressEvent['phase'], total: number) => (phase === 'upload' && total > 1 ? `${formatBytes(total)} …` : '…')

/** Shrinks with the terminal; below a few characters only the count is left. */
function bar(part: number, count: string, room: number): string {
  const width = Math.min(MOST_WIDE, room - count.length - 2)
  if (width < 4) return count
  const filled = Math.round(Math.min(part, 1) * width)
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${count}`
}
