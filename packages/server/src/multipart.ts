/**
 * multipart/form-data (RFC 7578) as the service reads it: parts by name, the last of a name wins, file names and types are
 * not looked at, and every part is bytes. The platform's own parser decodes parts without a file name as text, and would
 * corrupt a backup sent that way.
 */
const CRLF = '\r\n'

/** @returns `undefined` for a stream that is cut short or malformed. */
export function parseMultipart(bytes: Uint8Array, boundary: string): Map<string, Uint8Array> | undefined {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const delimiter = Buffer.from(`${CRLF}--${boundary}`)
  const parts = new Map<string, Uint8Array>()
  const opening = `--${boundary}`
  let at = body.subarray(0, opening.length).equals(Buffer.from(opening)) ? opening.length : endOf(body.indexOf(delimiter), delimiter.length)
  while (at >= 0) {
    if (body.subarray(at, at + 2).equals(Buffer.from('--'))) return parts
    const lineEnd = body.indexOf(CRLF, at)
    if (lineEnd < 0 || body.subarray(at, lineEnd).toString('latin1').trim() !== '') return undefined
    const headersEnd = body.indexOf(CRLF + CRLF, lineEnd)
    const end = headersEnd < 0 ? -1 : body.indexOf(delimiter, headersEnd + 2)
    if (end < 0) return undefined
    const headers = body.subarray(lineEnd, headersEnd).toString('utf8')
    const name = /^content-disposition:\s*form-data\s*;(?:.*;)?\s*name=(?:"([^"]*)"|([^;\s]+))/im.exec(headers)
    if (name) parts.set(name[1] ?? name[2] ?? '', body.subarray(Math.min(headersEnd + 4, end), end))
    at = end + delimiter.length
  }
  return undefined
}

const endOf = (start: number, length: number) => (start < 0 ? -1 : start + length)
