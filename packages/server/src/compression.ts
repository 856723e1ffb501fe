/** Answers above 32 bytes go out as brotli to those who take it; nothing else is offered (backup-service-api §0.1, Appendix C). */
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'

const compress = promisify(brotliCompress)
const SMALL = 32
/** Sealed backups do not shrink: quick before small. */
const QUALITY = 4

export async function compressAnswer(request: Request, answer: Response): Promise<Response> {
  if (answer.body === null) return answer
  const body = new Uint8Array(await answer.arrayBuffer())
  const headers = new Headers(answer.headers)
  const rebuilt = (bytes: Uint8Array) => new Response(new Uint8Array(bytes), { status: answer.status, headers })
  if (body.length <= SMALL) return rebuilt(body)
  headers.set('vary', 'accept-encoding')
  if (!takesBrotli(request.headers.get('accept-encoding') ?? '')) return rebuilt(body)
  headers.delete('content-length')
  headers.set('content-encoding', 'br')
  return rebuilt(
    await compress(body, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
  )
}

function takesBrotli(accepted: string): boolean {
  const weights = new Map(
    accepted.split(',').map((entry) => {
      const [coding = '', weight = 'q=1'] = entry.split(';').map((part) => part.trim().toLowerCase())
      return [coding, Number(weight.replace(/^q=/, ''))] as const
    }),
  )
  const brotli = weights.get('br') ?? 0
  return brotli > 0 && brotli >= (weights.get('identity') ?? 0)
}
