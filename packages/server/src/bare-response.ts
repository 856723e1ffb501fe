import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Marks an answer that goes out without a content type: the adapter would give every answer one. */
export const NO_CONTENT_TYPE = ''

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/** An answer without a body has no content type (backup-service-api §0.4, §7). */
export class BareResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    const given = typeof reason === 'string' ? headers : reason
    if (given && !Array.isArray(given) && given['content-type'] === NO_CONTENT_TYPE) delete given['content-type']
    return super.writeHead(status, given)
  }
}
