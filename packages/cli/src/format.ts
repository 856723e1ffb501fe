export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`
}

export function count(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`
}

export const shortHash = (hash: string | undefined) => (hash ? `${hash.slice(0, 12)}…` : 'none')
