/**
 * Between wire objects and models (turtl §4.3). On the wire an object is its public fields and a `body`, the sealed
 * private ones. Here it is its public fields and `data`, the private ones in the clear. Fields nobody knows stay where
 * they were, public or private. The private fields of a file stand twice: sealed by themselves in `file.body`, and under
 * `file` among those of the note.
 */
import { type Bytes, encodeBase64, isObject, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { PrivateFields } from '@holdfast/keys'
import type { Board } from './board'
import { envelope, type Fields, readFields, whatIsInexact } from './field'
import type { Invite } from './invite'
import type { KeychainEntry } from './keychain-entry'
import type { Note } from './note'
import { encodePrivateJson } from './private-json'
import type { Space } from './space'
import type { User } from './user'

/** An object's key under that of a space, a board or a user (turtl §4.5). `k`: base64 of a 65-byte envelope. */
export type WrappedKey =
  | { readonly s: string; readonly k: string }
  | { readonly b: string; readonly k: string }
  | { readonly u: string; readonly k: string }

export interface SubmodelDefinition {
  readonly public: Fields
  readonly private: Fields
}

export interface ModelDefinition extends SubmodelDefinition {
  readonly submodels?: Readonly<Record<string, SubmodelDefinition>>
  /** Written without a wrapped key, it could never be opened again (turtl §4.7). */
  readonly hasWrappedKeys?: true
}

export interface Models {
  readonly user: User
  readonly keychain: KeychainEntry
  readonly space: Space
  readonly board: Board
  readonly note: Note
  readonly invite: Invite
}

export type ModelKind = keyof Models

type Members = Readonly<Record<string, unknown>>

/** An object as it is stored and sent: public fields, and `body`. */
export type WireModel = Members & { readonly id: string; readonly body: string }

/** A model from the public fields on the wire and the opened private ones. Never refuses: what has no meaning is absent. */
export function readModel(definition: ModelDefinition, wire: Members, data: PrivateFields): Members {
  const { body: _, data: __, ...rest } = wire
  const model: Record<string, unknown> = readFields(definition.public, rest)
  const fields: Record<string, unknown> = readFields(definition.private, data)
  for (const [name, submodel] of Object.entries(definition.submodels ?? {})) {
    replaceMember(model, name, readSubmodel(submodel.public, rest[name]))
    replaceMember(fields, name, readSubmodel(submodel.private, data[name]))
  }
  return { ...model, data: fields }
}

/** Nothing and `{}` are the same: no attachment (turtl §4.4). */
function readSubmodel(fields: Fields, value: unknown): Members | undefined {
  if (!isObject(value)) return undefined
  const { body: _, ...rest } = value
  const read = readFields(fields, rest)
  return Object.keys(read).length > 0 ? read : undefined
}

function replaceMember(target: Record<string, unknown>, name: string, value: unknown): void {
  delete target[name]
  if (value !== undefined) target[name] = value
}

export interface ToSeal {
  readonly definition: ModelDefinition
  readonly model: Members & { readonly id: string; readonly data: object }
  /** 32 bytes. */
  readonly key: Bytes
  /** 12 bytes each, random when left out; for vectors. `body` for the object's own, a submodel's under its name. */
  readonly nonces?: Readonly<Record<string, Uint8Array>>
}

/** Many models to wire objects in one call to the engine. @throws {StructureError} as `sealModel`. */
export function sealModels(engine: Engine, items: readonly ToSeal[]): WireModel[] {
  const pieces = items.map(prepare)
  const all = pieces.flatMap(({ sealed }, i) => sealed.map(({ name, plaintext }) => ({ name, plaintext, item: items[i] })))
  const envelopes = engine.envelopes.sealMany(
    all.flatMap(({ item }) => (item ? [item.key] : [])),
    all.map(({ item, name }) => item?.nonces?.[name] ?? engine.random(12)),
    all.map(({ plaintext }) => plaintext),
  )
  for (const { plaintext } of all) plaintext.fill(0)
  let at = 0
  return pieces.map(({ definition, publicFields, sealed }) => {
    const wire: Record<string, unknown> = { ...publicFields }
    for (const { name } of sealed) {
      const text = encodeBase64(envelopes[at++] ?? new Uint8Array())
      if (name === 'body') wire.body = text
      else wire[name] = { ...(wire[name] as object | undefined), body: text }
    }
    checkShape(definition, wire)
    return wire as WireModel
  })
}

function prepare({ definition, model }: ToSeal) {
  const { data, body: _, ...publicFields } = model
  const fields = data as Members
  refuseInexact(definition.private, fields, model.id, 'data.')
  const sealed: { readonly name: string; readonly plaintext: Bytes }[] = []
  const submodels: [string, Members][] = []
  for (const [name, submodel] of Object.entries(definition.submodels ?? {})) {
    const [own, shared] = [fields[name], publicFields[name]]
    if (own === undefined && shared === undefined) continue
    if ((own !== undefined && !isObject(own)) || (shared !== undefined && !isObject(shared)))
      throw refused(model.id, name, 'an object, or nothing', 'another kind')
    refuseInexact(submodel.private, own ?? {}, model.id, `data.${name}.`)
    sealed.push({ name, plaintext: encodePrivateJson(own ?? {}) })
    submodels.push([name, own ?? {}])
  }
  sealed.push({ name: 'body', plaintext: encodePrivateJson({ ...fields, ...Object.fromEntries(submodels) }) })
  return { definition, publicFields: withoutAbsent(publicFields), sealed }
}

const withoutAbsent = (members: Members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/**
 * Refuses a wire object that the original core would not take, which could keep it from loading any (turtl §9).
 *
 * @throws {StructureError} `invalid_field`: which field, what it should be and the kind of what it is.
 * @throws {StructureError} `no_wrapped_key`: `keys` is empty where only `keys` leads to the object's key.
 */
export function checkShape(definition: ModelDefinition, wire: Members): void {
  const id = typeof wire.id === 'string' ? wire.id : 'without id'
  refuseInexact({ ...definition.public, body: envelope }, wire, id, '')
  for (const [name, submodel] of Object.entries(definition.submodels ?? {})) {
    const value = wire[name]
    if (value === undefined) continue
    if (!isObject(value)) throw refused(id, name, 'an object, or nothing', value === null ? 'null' : 'another kind')
    refuseInexact({ ...submodel.public, body: envelope }, value, id, `${name}.`)
  }
  if (definition.hasWrappedKeys && Array.isArray(wire.keys) && wire.keys.length === 0)
    throw new StructureError('no_wrapped_key', {
      what: `object ${id}`,
      expected: 'its key wrapped by that of a space or board',
      got: 'no wrapped key',
    })
}

function refuseInexact(fields: Fields, value: Members, id: string, prefix: string): void {
  const wrong = whatIsInexact(fields, value)
  if (wrong) throw refused(id, prefix + wrong.name, wrong.expected, wrong.got)
}

function refused(id: string, name: string, expected: string, got: string): StructureError<'invalid_field'> {
  return new StructureError('invalid_field', { what: `object ${id}, field ${name}`, expected, got })
}
