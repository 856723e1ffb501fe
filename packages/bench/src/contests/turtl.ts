/** A whole Turtl account (turtl §4.6), as a server gives it, against the loop that anybody would write over libsodium.js. */
import { concatBytes, encodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import {
  deriveMasterKey,
  Keyring,
  type MasterKey,
  openAccountWithMasterKey,
  parsePrivateJson,
  type WireAccount,
  type WireObject,
} from '@holdfast/keys'
import { makeSampleAccount } from '@holdfast/turtl/sample'
import type { Lab } from '../lab'
import { FALLBACK, HOLDFAST } from '../library'
import type { Contest } from '../measure'

const SEED = 1
const HEADER = 17
/** Any id will do: entries of the keychain are sealed under the master key itself. */
const USER = 'user'

interface Account {
  readonly wire: WireAccount
  readonly masterKey: MasterKey
}

/** To the private JSON of everything: keychain, then spaces, boards and notes by their wrapped keys. Nothing is parsed. */
export async function decryptAccountContest(lab: Lab): Promise<Contest> {
  const account = await loadAccount(lab)
  return {
    operation: 'Turtl account of 10,000 notes, decrypted',
    expected: concatBytes(...decryptByLoop(lab, account)),
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
  const { wire, masterKey } = account
  const open = (engine: Engine) => {
    const { spaces, boards, notes } = openAccountWithMasterKey(engine, masterKey, wire)
    return comparable([...spaces, ...boards, ...notes].map(({ data }) => data))
  }
  const loop = () => comparable(decryptByLoop(lab, account).map((bytes) => JSON.parse(lab.libsodium.toText(bytes))))
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
const comparable = (objects: readonly { readonly title?: string }[]) => ({
  get bytes() {
    return encodeUtf8(JSON.stringify(objects.map(({ title }) => title)))
  },
})

const accounts = new WeakMap<Lab, Promise<Account>>()

/** Made once for both contests: it takes seconds. */
function loadAccount(lab: Lab): Promise<Account> {
  const known = accounts.get(lab) ?? makeAccount(lab)
  accounts.set(lab, known)
  return known
}

async function makeAccount({ wasm }: Lab): Promise<Account> {
  const { wire, account, username, password } = await makeSampleAccount({ engine: wasm, seed: SEED })
  account.wipe()
  return { wire: JSON.parse(JSON.stringify(wire)), masterKey: deriveMasterKey(wasm, username, password) }
}

interface Keyed extends WireObject {
  readonly keys: readonly { readonly k: string; readonly s?: string; readonly b?: string }[]
}

const objectsOf = ({ spaces, boards, notes }: WireAccount) => [...spaces, ...boards, ...notes] as readonly Keyed[]

function decryptByLoop({ libsodium }: Lab, { wire, masterKey }: Account): Uint8Array[] {
  const master = masterKey.expose()
  const open = (key: Uint8Array, text = '') => {
    const envelope = libsodium.decodeBase64(text)
    const header = envelope.subarray(0, HEADER)
    return libsodium.open(key, header.subarray(HEADER - 12), header, envelope.subarray(HEADER))
  }
  const keys = new Map<string, Uint8Array>()
  for (const { item_id = '', body } of wire.keychain) {
    const { k } = JSON.parse(libsodium.toText(open(master, body)))
    keys.set(item_id, libsodium.decodeBase64(k))
  }
  return objectsOf(wire).map((object) => {
    const wrap = object.keys.find(({ s, b }) => keys.has(s ?? b ?? ''))
    const key = wrap ? open(keys.get(wrap.s ?? wrap.b ?? '') as Uint8Array, wrap.k) : (keys.get(object.id) as Uint8Array)
    keys.set(object.id, key)
    return open(key, object.body)
  })
}

function decryptByKeyring(engine: Engine, { wire, masterKey }: Account): Uint8Array[] {
  const keyring = new Keyring(engine)
  masterKey.use((key) => keyring.hold(USER, key))
  const entries = keyring.search(wire.keychain.map(({ body }) => ({ id: USER, wraps: [], body })))
  const texts = entries.map((entry) => String((entry.found ? parsePrivateJson(entry.plaintext) : undefined)?.k))
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
