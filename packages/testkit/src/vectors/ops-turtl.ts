import { decodeUtf8, encodeBase64, encodeHex, type Secret } from '@holdfast/base'
import {
  deriveAuthToken,
  deriveMasterKey,
  openAccount,
  openInvite,
  openLoginToken,
  type SealedInvite,
  sealInviteMessage,
  type WireAccount,
} from '@holdfast/keys'
import { openEnvelope, openMessage, sealEnvelope } from '@holdfast/wire'
import { openLegacy } from '@holdfast/wire/turtl-legacy'
import type { Operation } from './ops-crypto'

export const TURTL_OPERATIONS: Readonly<Record<string, Operation>> = {
  'turtl.envelope.seal': async (engine, input) => ({
    envelope: sealEnvelope(engine, await input.bytes('key'), await input.bytes('plaintext'), await input.bytes('nonce')),
  }),
  'turtl.envelope.open': async (engine, input) => ({
    plaintext: openEnvelope(engine, await input.bytes('key'), await input.bytes('envelope')),
  }),
  'turtl.legacy.open': async (_, input) => ({
    plaintext: await openLegacy(crypto.subtle, await input.bytes('key'), await input.bytes('serialized')),
  }),
  'turtl.sealed.open': async (engine, input) => ({
    plaintext: openMessage(
      engine,
      { publicKey: await input.bytes('publicKey'), secretKey: await input.bytes('secretKey') },
      await input.bytes('message'),
    ),
  }),
  'turtl.masterkey': async (engine, input) => ({
    key: deriveMasterKey(engine, input.text('username'), input.text('password')).expose(),
  }),
  'turtl.authtoken': async (engine, input) => ({ token: deriveAuthToken(engine, input.text('username'), input.text('password')) }),
  'turtl.invite.open': async (engine, input) => {
    const recipient = input.has('publicKey')
      ? { publicKey: await input.bytes('publicKey'), secretKey: await input.bytes('secretKey') }
      : undefined
    return {
      spaceKey: openInvite(
        engine,
        input.object<SealedInvite>('invite'),
        input.has('passphrase') ? input.text('passphrase') : null,
        recipient,
      ).expose(),
    }
  },
  'turtl.invite.seal': async (engine, input) => ({
    body: sealInviteMessage(
      engine,
      await input.bytes('message'),
      input.has('passphrase') ? input.text('passphrase') : null,
      await input.bytes('nonce'),
    ),
  }),
  'turtl.logintoken.open': async (engine, input) => {
    const { id, username, masterKey, authToken } = openLoginToken(engine, input.text('token'))
    return { id, key: masterKey.use(encodeBase64), auth: authToken.use((bytes) => decodeUtf8(bytes)), username }
  },
  'turtl.account.open': async (engine, input) => {
    const account = Object.fromEntries(
      ['user', 'keychain', 'spaces', 'boards', 'notes'].map((name) => [name, input.object(name)]),
    ) as unknown as WireAccount
    const opened = openAccount(engine, input.text('username'), input.text('password'), account)
    const withHex = (objects: readonly { id: string; key: Secret; data: unknown }[]) =>
      objects.map(({ id, key, data }) => ({ id, key: key.use(encodeHex), data }))
    return { spaces: withHex(opened.spaces), boards: withHex(opened.boards), notes: withHex(opened.notes), unreadable: opened.unreadable }
  },
  'turtl.file.open': async (engine, input) => ({ plaintext: openEnvelope(engine, await input.bytes('key'), await input.bytes('file')) }),
}
