/** Reading request bodies with the limits, order of checks and texts of the original (backup-service-api §0.3, §0.4, Appendix C). */
import { LIMITS } from '@holdfast/backup-service/contract'
import type { z } from 'zod'
import { decodeJsonBody, JsonMistake } from './json-body'
import { parseMultipart } from './multipart'
import { FrameworkRejection, Refusal, refuse } from './refusal'

/** A client hears why it was refused only if what it still sends is taken. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024

/** Keeps at most `limit` bytes. @returns `undefined` beyond it. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array | undefined> {
  if (declaredLength(request) > limit) return undefined
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of (request.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_DISCARDED_BYTES) return undefined
    if (length <= limit) chunks.push(chunk)
  }
  return length > limit ? undefined : Buffer.concat(chunks)
}

function declaredLength(request: Request): number {
  const header = request.headers.get('content-length')
  return header !== null && /^\d+$/.test(header) ? Number(header) : 0
}

export async function readJson<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const bytes = await readBytes(request, LIMITS.jsonBytes)
  if (!bytes) throw new FrameworkRejection(413, 'Failed to buffer the request body: length limit exceeded')
  return parseJsonBody(request, bytes, schema)
}

export function parseJsonBody<Schema extends z.ZodType>(request: Request, bytes: Uint8Array, schema: Schema): z.infer<Schema> {
  const essence = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!/^application\/(?:[^/]+\+)?json$/.test(essence))
    throw new FrameworkRejection(415, 'Expected request with `Content-Type: application/json`')
  try {
    return decodeJsonBody(bytes, schema)
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error
    if (error.kind === 'syntax') throw new FrameworkRejection(400, 'Failed to parse the request body as JSON')
    throw new FrameworkRejection(422, 'Failed to deserialize the JSON body into the target type')
  }
}

/** Parts of a create or sync, judged as §1.7 steps 1–6. */
export async function readBackupForm<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<{ payload: z.infer<Schema>; backup: Uint8Array }> {
  const declared = declaredLength(request)
  if (declared > LIMITS.multipartBytes) throw new Refusal('content_too_large', `Request body of ${declared} bytes is too large.`)
  const boundary = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(request.headers.get('content-type') ?? '')
  if (!boundary) throw new FrameworkRejection(400, 'Invalid `boundary` for `multipart/form-data` request')
  const bytes = await readBytes(request, LIMITS.multipartBytes)
  if (!bytes) throw new Refusal('multipart_error', 'failed to read stream')
  const parts = parseMultipart(bytes, boundary[1] ?? boundary[2] ?? '')
  if (!parts) throw new Refusal('multipart_error', 'incomplete multipart stream')
  const payload = parts.get('payload')
  if (!payload) throw refuse('missing_payload_field')
  const decoded = decodePayload(payload, schema)
  const backup = parts.get('backup')
  if (!backup) throw refuse('missing_backup_field')
  if (backup.length === 0) throw refuse('empty_backup_file')
  if (backup.length > LIMITS.sealedBackupBytes) throw new Refusal('content_too_large', 'Backup file exceeds maximum allowed size.')
  return { payload: decoded, backup }
}

function decodePayload<Schema extends z.ZodType>(payload: Uint8Array, schema: Schema): z.infer<Schema> {
  try {
    return decodeJsonBody(payload, schema)
  } catch (error) {
    if (error instanceof JsonMistake) throw new Refusal('invalid_payload', 'Failed to deserialize payload')
    throw error
  }
}
