import { decodeHex, StructureError } from '@holdfast/base'
import { deriveBackupAccount, deriveSubkey, loadRootKey, loadSigningKey, signWithBackupAccount, solveChallenge } from '@holdfast/keys'
import {
  attestationRequestHash,
  decodeContainer,
  decodeManifest,
  decodeRootKey,
  encodeRootKey,
  hashManifest,
  openBackup,
  openBackupSecret,
  resolvePaths,
} from '@holdfast/wire'
import type { Operation } from './ops-crypto'

function decimal(text: string): bigint {
  if (!/^\d+$/.test(text))
    throw new StructureError('invalid_number', { what: 'subkey id', expected: 'decimal digits', got: text.slice(0, 24) })
  return BigInt(text)
}

export const WORLD_OPERATIONS: Readonly<Record<string, Operation>> = {
  'world.rootkey.parse': async (_, input) => ({ json: encodeRootKey(decodeRootKey(input.text('json'))) }),
  'world.rootkey.account': async (engine, input) => {
    const account = deriveBackupAccount(engine, loadRootKey(input.text('json')))
    return { ...account, secretKey: account.secretKey.expose() }
  },
  'world.rootkey.subkey': async (engine, input) => ({
    subkey: deriveSubkey(engine, loadRootKey(input.text('json')), decimal(input.text('id'))),
  }),
  'world.rootkey.sign': async (engine, input) => ({
    signature: signWithBackupAccount(engine, loadRootKey(input.text('json')), await input.bytes('message')),
  }),
  'world.filerecord.encode': async (engine, input) => ({
    cbor: engine.container.encodeRecord({
      designator: input.text('designator'),
      path: input.text('path'),
      content: await input.bytes('content'),
    }),
  }),
  'world.filerecord.decode': async (engine, input) => ({ ...engine.container.decodeRecord(await input.bytes('cbor')) }),
  'world.container.decode': async (engine, input) => {
    const { rootKeyJson, files } = decodeContainer(engine, await input.bytes('container'))
    return { rootKeyJson, files }
  },
  'world.manifest.hash': async (engine, input) => ({ hash: hashManifest(engine, decodeManifest(input.text('json'))) }),
  'world.backup.open': async (engine, input) => {
    const keyPair = openBackupSecret(engine, decodeHex(input.text('factorSecret'), 'factor secret'), input.text('encryptedBackupKeypair'))
    const { rootKeyJson, files, manifest } = openBackup(engine, keyPair, await input.bytes('sealedBackup'))
    resolvePaths(manifest)
    return { rootKeyJson, backupPublicKey: keyPair.publicKey, files, manifestHash: hashManifest(engine, manifest) }
  },
  'world.factor.open': async (engine, input) => {
    const keyPair = openBackupSecret(engine, decodeHex(input.text('factorSecret'), 'factor secret'), input.text('encryptedBackupKeypair'))
    return { backupSecret: keyPair.secretKey, backupPublic: keyPair.publicKey }
  },
  'world.attestation.requesthash': async (_, input) => ({
    hash: attestationRequestHash({ method: input.text('method'), path: input.text('path'), body: input.text('body') }),
  }),
  'world.keypairproof.sign': async (_, input) => {
    const { publicKey, signature } = solveChallenge(loadSigningKey(await input.bytes('secretKey')), input.text('challenge'))
    return { publicKey, signature }
  },
}
