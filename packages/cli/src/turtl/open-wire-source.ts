/** An account from its wire objects and the master key; where they lay makes no difference. */
import { AuthenticationError, type Bytes, encodeBase64, encodeUtf8, HoldfastError, systemClock, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { MasterKey, WireObject } from '@holdfast/keys'
import { createIdSource, createMemoryIdStore, type Note, openAttachment, openTurtlAccount, type TurtlAccount } from '@holdfast/turtl'
import { sealEnvelope } from '@holdfast/wire'
import type { OpenedSource } from './opened-source'
import { toProblem } from './problem'
import type { FoundAccount } from './wire-account'

export interface WireSource {
  readonly engine: Engine
  readonly description: string
  readonly found: FoundAccount
  /** Not wiped: the caller's. */
  readonly masterKey: MasterKey
  readonly username: string
  /** The stored bytes of a note's attachment, or `undefined`. */
  sealedAttachmentOf(note: Note): Promise<Bytes | undefined>
}

export interface OpenedWireSource extends OpenedSource {
  readonly account: TurtlAccount
}

/** @throws `turtl_wrong_password`. */
export function openWireSource({ engine, description, found, masterKey, username, sealedAttachmentOf }: WireSource): OpenedWireSource {
  const ids = createIdSource({ store: createMemoryIdStore(), clock: systemClock, random: engine.random })
  const user = found.user ?? standInUser(engine, masterKey, found)
  const account = open()
  const isClosed =
    found.keychain.length > 0 &&
    account.spaces.size === 0 &&
    account.unreadable.filter(({ kind }) => kind === 'keychain').length === found.keychain.length
  if (!found.user && isClosed) throw wrongPassword(username)

  function open(): TurtlAccount {
    try {
      return openTurtlAccount({ engine, ids, clock: systemClock }, masterKey, { ...found, user })
    } catch (error) {
      throw error instanceof AuthenticationError ? wrongPassword(username, error) : error
    }
  }

  return {
    description,
    username,
    account,
    contents: account,
    problems: account.unreadable.map(toProblem),
    async attachmentOf(note) {
      const sealed = await sealedAttachmentOf(note)
      const key = account.keyOf(note.id)
      return sealed && key?.use((bytes) => openAttachment(engine, bytes, sealed))
    },
    close: () => account.wipe(),
  }
}

/** The record of the user proves the password and holds nothing that is exported: without it the keychain proves it. */
function standInUser(engine: Engine, masterKey: MasterKey, { keychain }: FoundAccount): WireObject {
  const [entry] = keychain as readonly { readonly user_id?: unknown }[]
  return { id: textOf(entry?.user_id ?? '0'), body: masterKey.use((key) => encodeBase64(sealEnvelope(engine, key, encodeUtf8('{}')))) }
}

export function wrongPassword(username: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    'turtl_wrong_password',
    `the account does not open: not the password of ${username}, or another e-mail at the time the data was stored; check both (the password's case counts), and pass --email`,
    { remedy: 'authenticate-main-factor', cause },
  )
}
