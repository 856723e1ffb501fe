export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`
}

export function count(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`
}

export const shortHash = (hash: string | undefined) => (hash ? `${hash.slice(0, 12)}…` : 'none')

/** A file name may hold anything, terminal control included: what cannot be printed is shown as its code. */
export function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}

/** The first lines, and how many more there are. */
export function listed(lines: readonly string[], most = 20): string {
  const shown = lines.slice(0, most).map((line) => `  ${line}\n`)
  if (lines.length > most) shown.push(`  … and ${lines.length - most} more (--json lists all)\n`)
  return shown.join('')
}

/** A path as it can be pasted into a shell. */
export const quoted = (path: string) => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
