/** What the container is measured on: the same bytes in every process, so that the reference packs what we pack. */

const SIZE = 5 << 20

/** `random`: incompressible, as photographs are. `text`: words, as documents are. */
export type Content = 'random' | 'text'

export function contentOf(content: Content): Uint8Array {
  const next = xorshift(0x2545f491)
  return content === 'random' ? randomContent(next) : textContent(next)
}

function randomContent(next: () => number): Uint8Array {
  const words = new Uint32Array(SIZE / 4)
  for (let i = 0; i < words.length; i++) words[i] = next()
  return new Uint8Array(words.buffer)
}

/** Lower-case words of a fixed vocabulary, the early ones often, as in any language; lines of about eighty bytes. */
function textContent(next: () => number): Uint8Array {
  const vocabulary = Array.from({ length: 4096 }, () =>
    Array.from({ length: 2 + (next() % 9) }, () => String.fromCharCode(97 + (next() % 26))).join(''),
  )
  const lines: string[] = []
  for (let length = 0; length < SIZE; ) {
    let line = ''
    while (line.length < 76) line += `${vocabulary[Math.floor(4096 ** (next() / 2 ** 32)) - 1]} `
    lines.push(line)
    length += line.length + 1
  }
  return new TextEncoder().encode(lines.join('\n')).subarray(0, SIZE)
}

function xorshift(state: number): () => number {
  let x = state
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x
  }
}
