/** One object at a time between wire and model; whole accounts go through `openTurtlAccount`. */
import { type Bytes, decodeBase64, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { type PrivateFields, parsePrivateJson } from '@holdfast/keys'
import { openEnvelope } from '@holdfast/wire'
import { BOARD } from './board'
import { INVITE } from './invite'
import { KEYCHAIN_ENTRY } from './keychain-entry'
import { checkShape, type ModelDefinition, type ModelKind, type Models, readModel, sealModels, type ToSeal, type WireModel } from './model'
import { NOTE } from './note'
import { SPACE } from './space'
import { USER } from './user'

export const DEFINITIONS: Readonly<Record<ModelKind, ModelDefinition>> = {
  user: USER,
  keychain: KEYCHAIN_ENTRY,
  space: SPACE,
  board: BOARD,
  note: NOTE,
  invite: INVITE,
}

/** Public fields from the wire, and private ones that are open already. Never refuses. */
export function decodeModel<Kind extends ModelKind>(
  kind: Kind,
  wire: Readonly<Record<string, unknown>>,
  data: PrivateFields,
): Models[Kind] {
  return readModel(DEFINITIONS[kind], wire, data) as unknown as Models[Kind]
}

/**
 * Seals a model's private fields and gives its wire object, checked to be exactly what the original core takes.
 *
 * @param key 32 bytes: the object's own; for users and keychain entries the master key.
 * @param nonces for vectors.
 * @throws {StructureError} `invalid_field`, `no_wrapped_key`, `lone_surrogate`, `not_json`, `too_deep`.
 * @example
 * ```ts
 * const wire = sealModel(engine, 'space', space, spaceKey)
 * ```
 */
export function sealModel<Kind extends ModelKind>(
  engine: Engine,
  kind: Kind,
  model: Models[Kind],
  key: Bytes,
  nonces: ToSeal['nonces'] = {},
): WireModel {
  const [wire] = sealModels(engine, [{ definition: DEFINITIONS[kind], model: model as unknown as ToSeal['model'], key, nonces }])
  if (!wire) throw new StructureError('invalid_field', { what: kind, expected: 'one object', got: 'none' })
  return wire
}

/**
 * Opens one object with its key.
 *
 * @param key 32 bytes.
 * @throws {AuthenticationError} `auth_failed`: another key, or damage.
 * @throws {StructureError} `truncated`, `unsupported_version`, `unsupported_algorithm`, `noncanonical_header`, `invalid_base64`, `invalid_private_json`.
 */
export function openModel<Kind extends ModelKind>(
  engine: Engine,
  kind: Kind,
  wire: Readonly<Record<string, unknown>>,
  key: Bytes,
): Models[Kind] {
  const data = openFields(engine, wire.body, key)
  const { file } = wire
  const sealed = kind === 'note' && typeof file === 'object' && file !== null ? (file as { body?: unknown }).body : undefined
  if (typeof sealed !== 'string') return decodeModel(kind, wire, data)
  return decodeModel(kind, wire, { ...data, file: { ...openFields(engine, sealed, key), ...(data.file as object | null | undefined) } })
}

function openFields(engine: Engine, body: unknown, key: Bytes): PrivateFields {
  const plaintext = openEnvelope(engine, key, decodeBase64(typeof body === 'string' ? body : '', 'body', 'optional'))
  const fields = parsePrivateJson(plaintext)
  plaintext.fill(0)
  if (fields) return fields
  throw new StructureError('invalid_private_json', { what: 'private fields', expected: 'a JSON object', got: 'something else' })
}

/** As the writer checks what it writes; for those who check what others wrote. @throws {StructureError} `invalid_field`, `no_wrapped_key`. */
export function checkWireShape(kind: ModelKind, wire: Readonly<Record<string, unknown>>): void {
  checkShape(DEFINITIONS[kind], wire)
}
