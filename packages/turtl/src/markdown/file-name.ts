/** Names that every file system takes, Windows and macOS included, and that stay apart there too. */
import filenamify from 'filenamify/browser'

/** UTF-16 units; with a number and an ending at most 200 bytes, and three of them far below the 260 characters of a Windows path. */
const MOST_UNITS = 60
const UNTITLED = 'untitled'

/** A name for a title, without an ending: never empty, no device name, nothing hidden, nothing that leads out of the folder. */
export function safeName(title: string): string {
  return safe(title) || UNTITLED
}

/** As `safeName`, for a file that has its ending: that one stays. */
export function safeFileName(name: string): string {
  const [ending = ''] = /(?<=.)\.[A-Za-z0-9]{1,10}$/.exec(name) ?? []
  return safeName(name.slice(0, name.length - ending.length)) + ending
}

function safe(text: string): string {
  const visible = text.replace(/\p{Surrogate}/gu, '\ufffd').replace(/^[.\s]+/, '')
  return visible === '' ? '' : clean(shorten(clean(visible)))
}

/** Twice, for what is cut may end in a space, or be the name of a device. */
const clean = (text: string) => filenamify(text, { replacement: '-', maxLength: Number.MAX_SAFE_INTEGER })

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

function shorten(text: string): string {
  if (text.length <= MOST_UNITS) return text
  let kept = ''
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + segment.length > MOST_UNITS) break
    kept += segment
  }
  return kept
}

/** Hands out the names of one folder, each once: `name`, `name (2)`, … Upper and lower case count as the same. */
export class NamesInFolder {
  readonly #taken = new Set<string>()
  readonly #last = new Map<string, number>()

  constructor(reserved: readonly string[] = []) {
    for (const name of reserved) this.#taken.add(fold(name))
  }

  /** @param ending with its dot, or nothing. */
  take(stem: string, ending = ''): string {
    const key = fold(stem + ending)
    for (let nth = (this.#last.get(key) ?? 0) + 1; ; nth++) {
      const name = nth === 1 ? stem + ending : `${stem} (${nth})${ending}`
      if (this.#taken.has(fold(name))) continue
      this.#taken.add(fold(name))
      this.#last.set(key, nth)
      return name
    }
  }
}

/** Coarser than any file system's own folding: at worst a number too many. */
const fold = (name: string) => name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
