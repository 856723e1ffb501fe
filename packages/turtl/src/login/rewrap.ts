/** What stands under the master key, from an old one to a new one (turtl §6.7): the user's record and the keychain. */
import { type Bytes, decodeBase64, encodeBase64, HoldfastError, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { MasterKey, TurtlLogin } from '@holdfast/keys'
import { openEnvelope, sealEnvelope } from '@holdfast/wire'
import type { WireFields } from '../client/answers'
import type { TurtlTransaction } from '../store'

/** A login before and after it was changed. */
export interface LoginPair {
  readonly before: TurtlLogin
  readonly after: TurtlLogin
}

/** The same private JSON under the new key, byte for byte; as it is, if the old key does not open it. */
export function rewrap(engine: Engine, { before, after }: LoginPair, wire: WireFields): WireFields {
  const body = rewrapBody(engine, before.masterKey, after.masterKey, wire.body)
  return body === undefined ? wire : { ...wire, body }
}

/** @returns `undefined`: the old key does not open it. */
export function rewrapBody(engine: Engine, from: MasterKey, to: MasterKey, body: unknown): string | undefined {
  const plaintext = openBody(engine, from, body)
  if (!plaintext) return undefined
  const sealed = encodeBase64(to.use((key) => sealEnvelope(engine, key, plaintext)))
  plaintext.fill(0)
  return sealed
}

function openBody(engine: Engine, key: MasterKey, body: unknown): Bytes | undefined {
  try {
    const envelope = decodeBase64(typeof body === 'string' ? body : '', 'body', 'optional')
    return key.use((bytes) => openEnvelope(engine, bytes, envelope))
  } catch (error) {
    if (error instanceof HoldfastError) return undefined // under another key, or damaged: the caller leaves it as it is
    throw error
  }
}

/**
 * Brings a device's own copies and unsent changes under the new master key. Doing it twice changes nothing more. It is also
 * what a device needs that was offline while the password was changed elsewhere: without it, what it has not sent yet is lost
 * with the old key.
 */
export function rewrapStored(engine: Engine, tx: TurtlTransaction, pair: LoginPair): void {
  for (const user of tx.list('user')) tx.put('user', textOf(user.id), { ...rewrap(engine, pair, user), username: pair.after.username })
  for (const entry of tx.list('keychain')) tx.put('keychain', textOf(entry.id), rewrap(engine, pair, entry))
  for (const record of tx.list('queue')) {
    if (record.type === 'keychain') tx.put('queue', record.id, { ...record, data: rewrap(engine, pair, record.data) })
    if (record.type === 'user')
      tx.put('queue', record.id, { ...record, data: { ...rewrap(engine, pair, record.data), username: pair.after.username } })
  }
}
