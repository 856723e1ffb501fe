/** Reading request bodies with the limits, order of checks and texts of the original (backup-service-api §0.3, §0.4, Appendix C). */
import { LIMITS } from '@holdfast/backup-service/contract'
import { decodeUtf8 } from '@holdfast/base'
import { type Json, parseJson } from '@holdfast/wire'
import type { z } from 'zod'
import { parseMultipart } from './multipart'
import { FrameworkRejection, Refusal } from './refusal'

/** Reads at most `limit` bytes. @returns `undefined` beyond it. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array | undefined> {
  if (declaredLength(request) > limit) return undefined
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of (request.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
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
  const json = parse(bytes)
  if (!json) throw new FrameworkRejection(400, 'Failed to parse the request body as JSON')
  const parsed = schema.safeParse(toValue(json))
  if (!parsed.success) throw new FrameworkRejection(422, 'Failed to deserialize the JSON body into the target type')
  return parsed.data
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
  if (!payload) throw new Refusal('missing_payload_field', 'Missing payload field in multipart data')
  const json = parse(payload)
  const parsed = json && schema.safeParse(toValue(json))
  if (!parsed?.success) throw new Refusal('invalid_payload', 'Failed to deserialize payload')
  const backup = parts.get('backup')
  if (!backup) throw new Refusal('missing_backup_field', 'Missing backup field in multipart data')
  if (backup.length === 0) throw new Refusal('empty_backup_file', 'Empty backup file')
  if (backup.length > LIMITS.sealedBackupBytes) throw new Refusal('content_too_large', 'Backup file exceeds maximum allowed size.')
  return { payload: parsed.data, backup }
}

function parse(bytes: Uint8Array): Json | undefined {
  try {
    return parseJson(decodeUtf8(bytes, 'request body'), 'request body')
  } catch {
    return undefined // the caller answers in the original's words
  }
}

/** A duplicate member makes the value one that no schema takes (Appendix C). */
function toValue(json: Json): unknown {
  switch (json.kind) {
    case 'literal':
      return json.value
    case 'number':
      return Number(json.text)
    case 'string':
      return json.text
    case 'array':
      return json.items.map(toValue)
    case 'object': {
      const members = new Map(json.members.map(({ key, value }) => [key.text, toValue(value)]))
      return members.size === json.members.length ? Object.fromEntries(members) : undefined
    }
  }
}
