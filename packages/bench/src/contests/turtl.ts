/** A whole Turtl account (turtl §4.6), as a server gives it, against the loop that anybody would write over libsodium.js. */
import { encodeUtf8 } from '@holdfast/base'
import { deriveMasterKey, Keyring, openAccountWithMasterKey, type WireAccount, type WireObject } from '@holdfast/keys'
import { makeSampleAccount } from '@holdfast/turtl/sample'
import type { Lab } from '../lab'
import { FALLBACK, HOLDFAST } from '../library'
import type { Contest } from '../measure'

const SEED = 1
const HEADER = 17

interface Account {
  readonly wire: WireAccount
  readonly masterKey: Uint8Array<ArrayBuffer>
}

/** To the private JSON of everything: keychain, then spaces, boards and notes by their wrapped keys. Nothing is parsed. */
export async function decryptAccountContest(lab: Lab): Promise<Contest> {
  const account = await loadAccount(lab)
  return {
    operation: 'Turtl account of 10,000 notes, decrypted',
    expected: encodeUtf8([...decryptByLoop(lab, account)].map((bytes) => lab.libsodium.toText(bytes)).join('')),
    contenders: [
      { name: 'libsodium.js', contract: 'api', variant: 'one by one', run: () => decryptByLoop(lab, account) },
      { name: HOLDFAST, contract: 'api', run: () => decryptByKeyring(lab.wasm, account) },
      { name: FALLBACK, contract: 'api', run: () => decryptByKeyring(lab.sodium, account) },
    ],
  }
}

/** The same to objects: with the JSON parsed. */
export async function openAccountContest(lab: Lab): Promise<Contest> {
  const account = await loadAccount(lab)
  const open = (engine: Lab['wasm']) => {
    const masterKey = deriveMasterKeyOnce(lab)
    const { spaces, boards, notes } = openAccountWithMasterKey(engine, masterKey, account.wire)
    return summed([...spaces, ...boards, ...notes].map(({ data }) => data))
  }
  const loop = () => summed(decryptByLoop(lab, account).map((bytes) => JSON.parse(lab.libsodium.toText(bytes))))
  return {
    operation: 'Turtl account of 10,000 notes, opened',
    expected: loop().bytes,
    contenders: [
      { name: 'libsodium.js', contract: 'api', variant: 'one by one', run: loop },
      { name: HOLDFAST, contract: 'api', run: () => open(lab.wasm) },
      { name: FALLBACK, contract: 'api', run: () => open(lab.sodium) },
    ],
  }
}

/** What is compared of the objects, computed only when it is. */
const summed = (objects: readonly unknown[]) => ({
  get bytes() {
    return encodeUtf8(JSON.stringify(objects.map((object) => (object as { readonly title?: string }).title)))
  },
})

const accounts = new WeakMap<Lab, Promise<Account>>()
const masterKeys = new WeakMap<Lab, ReturnType<typeof deriveMasterKey>>()

function deriveMasterKeyOnce(lab: Lab): ReturnType<typeof deriveMasterKey> {
  const known = masterKeys.get(lab) ?? deriveMasterKey(lab.wasm, 'sample@example.com', 'correct horse battery staple')
  masterKeys.set(lab, known)
  return known
}

function loadAccount(lab: Lab): Promise<Account> {
  const known = accounts.get(lab) ?? makeAccount(lab)
  accounts.set(lab, known)
  return known
}

async function makeAccount(lab: Lab): Promise<Account> {
  const { wire, account } = await makeSampleAccount({ engine: lab.wasm, seed: SEED })
  account.wipe()
  return { wire: JSON.parse(JSON.stringify(wire)), masterKey: deriveMasterKeyOnce(lab).expose() }
}

interface Keyed extends WireObject {
  readonly keys: readonly { readonly k: string; readonly s?: string; readonly b?: string }[]
}

const objectsOf = ({ spaces, boards, notes }: WireAccount) => [...spaces, ...boards, ...notes] as readonly Keyed[]

function decryptByLoop({ libsodium }: Lab, { wire, masterKey }: Account): Uint8Array[] {
  const open = (key: Uint8Array, text = '') => {
    const envelope = libsodium.decodeBase64(text)
    const header = envelope.subarray(0, HEADER)
    return libsodium.open(key, header.subarray(HEADER - 12), header, envelope.subarray(HEADER))
  }
  const keys = new Map<string, Uint8Array>()
  for (const { item_id = '', body } of wire.keychain) {
    const { k } = JSON.parse(libsodium.toText(open(masterKey, body)))
    keys.set(item_id, libsodium.decodeBase64(k))
  }
  return objectsOf(wire).map((object) => {
    const wrap = object.keys.find(({ s, b }) => keys.has(s ?? b ?? ''))
    const key = wrap ? open(keys.get(wrap.s ?? wrap.b ?? '') as Uint8Array, wrap.k) : (keys.get(object.id) as Uint8Array)
    keys.set(object.id, key)
    return open(key, object.body)
  })
}

function decryptByKeyring(engine: Lab['wasm'], { wire, masterKey }: Account): Uint8Array[] {
  const keyring = new Keyring(engine)
  keyring.hold('7', masterKey)
  const entries = keyring.search(wire.keychain.map(({ body }) => ({ id: '7', wraps: [], body })))
  const texts = entries.map((entry) => (entry.found ? JSON.parse(new TextDecoder().decode(entry.plaintext)).k : ''))
  const { bytes, offsets } = engine.envelopes.decodeTexts(texts)
  wire.keychain.forEach(({ item_id = '' }, i) => {
    keyring.hold(item_id, bytes.subarray(offsets[i], offsets[i + 1]))
  })
  const searches = keyring.search(
    objectsOf(wire).map(({ id, keys, body }) => ({ id, body, wraps: keys.map(({ s, b, k }) => ({ by: s ?? b ?? '', envelope: k })) })),
  )
  const plaintexts = searches.map((search) => (search.found ? search.plaintext : new Uint8Array()))
  keyring.wipe()
  return plaintexts
}
