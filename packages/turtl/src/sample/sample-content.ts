/** Notes as people write them, the same for the same seed: several scripts, tags, links, passwords, and odd titles. */
import type { Bytes } from '@holdfast/base'
import type { NoteData } from '../models/note'

/** Whole numbers from 0 to `below - 1`. */
export type Dice = (below: number) => number

const WORDS =
  'paella saffron garden ladder train ticket harbour winter invoice lamp recipe river kitchen passport album guitar señor Übergröße naïve žluťoučký привет мир 你好 世界 ελληνικά שלום 日本語 ☠ 🎸 👩‍👩‍👧'.split(
    ' ',
  )
const TAGS = ['recipe', 'travel', 'work', 'home', 'to read', 'music', 'año nuevo', '日本']
const TITLES = [
  '',
  'CON',
  'a/b\\c',
  '..',
  'What? "Yes": <maybe> | *no*',
  'ends with a dot.',
  'true',
  '- not a list',
  '# 1',
  'Éclair',
  'E\u0301clair',
]
const PARAGRAPHS = [
  (words: string) => words,
  (words: string) => `## ${words}`,
  (words: string) => `- ${words}\n- [ ] ${words}`,
  (words: string) => `> ${words}`,
  (words: string) => `\`\`\`\n${words}\n---\n\`\`\``,
  (words: string) => `[${words}](https://example.com/?q=${encodeURIComponent(words)})`,
  (words: string) => `---\n${words}`,
]

/** Mulberry32: for content, NEVER for keys. */
export function seededDice(seed: number): Dice {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const words = (dice: Dice, count: number) => Array.from({ length: count }, () => pick(dice, WORDS)).join(' ')

/** The private fields of one note. */
export function sampleNote(dice: Dice): NoteData {
  const type = pick(dice, ['text', 'text', 'text', 'link', 'password'])
  const title = dice(50) === 0 ? pick(dice, TITLES) : words(dice, 1 + dice(5))
  const text = Array.from({ length: dice(12) }, () => pick(dice, PARAGRAPHS)(words(dice, 3 + dice(20)))).join('\n\n')
  const tags = TAGS.filter(() => dice(6) === 0)
  const shared: NoteData = { type, title, text, ...(tags.length > 0 ? { tags } : {}), ...(dice(4) === 0 ? { color: dice(8) } : {}) }
  if (type === 'link') return { ...shared, url: `https://example.com/${dice(1_000_000)}` }
  if (type === 'password')
    return { ...shared, username: `${pick(dice, ['alice', 'bob'])}${dice(100)}`, password: `not-a-real-one-${dice(1e9)}` }
  return shared
}

/** What a note says of its attachment. */
export function sampleFile(dice: Dice, nth: number): Required<Pick<NoteData, 'type' | 'file'>> {
  const kinds = [
    { type: 'image', file: { name: `photo ${nth % 20}.png`, type: 'image/png', meta: { width: 640, height: 480 } } },
    { type: 'file', file: { name: `${words(dice, 2)}.pdf`, type: 'application/pdf' } },
    { type: 'file', file: { name: 'notes: draft?.txt', type: 'text/plain' } },
  ] as const
  return pick(dice, kinds)
}

/** Content of an attachment. */
export function sampleBytes(dice: Dice, length: number): Bytes {
  return Uint8Array.from({ length }, () => dice(256))
}

function pick<Item>(dice: Dice, items: readonly Item[]): Item {
  const item = items[dice(items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}
