/**
 * The two logins before Turtl 0.7 (turtl appendix A), for accounts that were never migrated. Everything in them is derived
 * from username and password, so that one account has one token for ever. Version 0 is weak by any measure: 400 rounds of
 * PBKDF2-HMAC-SHA1, salted by the username alone.
 */
import { type Bytes, concatBytes, encodeBase64, encodeHex, encodeUtf8, Secret } from '@holdfast/base'
import { sha256 } from '@noble/hashes/sha2.js'
import { normaliseUsername } from './master-key'

const KEY_BYTES = 32
const BLOCK_BYTES = 16
/** Version 5, two bytes of description: AES, GCM. */
const VERSION_5_HEADER = Uint8Array.of(0, 5, 2, 0, 1)

/** 32 bytes: opens the user record and the keychain of an account before 0.7, with `openLegacy`. */
export type LegacyMasterKey = Secret<'turtl-legacy-master-key'>

/** What an old server is asked with, and what opens its answer. */
export interface LegacyLogin {
  readonly version: 0 | 1
  /** As it went into the derivation: as typed, or lowercased. */
  readonly username: string
  readonly key: LegacyMasterKey
  /** Base64 (version 1) or the text of version 0. Sent as `Authorization: Basic base64("user:" + authToken)`. */
  readonly authToken: string
}

/**
 * The logins to try, in the order old clients did: version 1, version 0, then both with the lowercased username unless it is
 * in lower case already. Each is derived only when asked for. Wipe the keys of those that fail.
 *
 * @param subtle the platform's own cryptography: `crypto.subtle`.
 * @param username as typed: its case matters here.
 * @param password taken as it is, neither trimmed nor normalised.
 * @example
 * ```ts
 * const { deriveLegacyLogins } = await import('@holdfast/keys/turtl-legacy')
 * for await (const login of deriveLegacyLogins(crypto.subtle, username, password)) {
 *   if (await accepted(login.authToken)) return login.key
 *   login.key.wipe()
 * }
 * ```
 */
export async function* deriveLegacyLogins(
  subtle: SubtleCrypto,
  username: string,
  password: string,
): AsyncGenerator<LegacyLogin, void, undefined> {
  for (const name of new Set([username, normaliseUsername(username)])) {
    yield await deriveLegacyLoginV1(subtle, name, password)
    yield await deriveLegacyLoginV0(subtle, name, password)
  }
}

/** Version 1: PBKDF2-HMAC-SHA256, 100 000 rounds; the token is a version-5 ciphertext with a derived IV and marker. */
export async function deriveLegacyLoginV1(subtle: SubtleCrypto, username: string, password: string): Promise<LegacyLogin> {
  const usernameHash = hexSha256(username)
  const record = `${hexSha256(password)}:${usernameHash}`
  const marker = Number.parseInt(record.slice(18, 20), 16) >> 1
  const iv = encodeUtf8(hexSha256(password + username).slice(0, BLOCK_BYTES))
  const header = concatBytes(VERSION_5_HEADER, iv)
  const key = await derivePbkdf2(subtle, password, { hash: 'SHA-256', salt: usernameHash, iterations: 100_000 })
  try {
    const aes = await subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt'])
    const plaintext = concatBytes(Uint8Array.of(marker), encodeUtf8(record))
    const sealed = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: header }, aes, plaintext)
    const authToken = encodeBase64(concatBytes(header, new Uint8Array(sealed)))
    return { version: 1, username, key: new Secret('turtl-legacy-master-key', key), authToken }
  } finally {
    key.fill(0)
  }
}

/** Version 0: PBKDF2-HMAC-SHA1, 400 rounds; the token is a version-0 text with the username's first bytes as IV. */
export async function deriveLegacyLoginV0(subtle: SubtleCrypto, username: string, password: string): Promise<LegacyLogin> {
  const iv = encodeUtf8(`${username}4c281987249be78a`).slice(0, BLOCK_BYTES)
  const record = encodeUtf8(`${hexSha256(password)}:${username}`)
  const key = await derivePbkdf2(subtle, password, { hash: 'SHA-1', salt: `${username}:a_pinch_of_salt`, iterations: 400 })
  try {
    const aes = await subtle.importKey('raw', key, 'AES-CBC', false, ['encrypt'])
    const sealed = await subtle.encrypt({ name: 'AES-CBC', iv }, aes, padAnsiX923(record))
    // The platform has appended a block of its own padding.
    const ciphertext = new Uint8Array(sealed).subarray(0, -BLOCK_BYTES)
    const authToken = `${encodeBase64(ciphertext)}:i${encodeHex(iv)}`
    return { version: 0, username, key: new Secret('turtl-legacy-master-key', key), authToken }
  } finally {
    key.fill(0)
  }
}

interface Pbkdf2 {
  readonly hash: 'SHA-1' | 'SHA-256'
  readonly salt: string
  readonly iterations: number
}

async function derivePbkdf2(subtle: SubtleCrypto, password: string, { hash, salt, iterations }: Pbkdf2): Promise<Bytes> {
  const bytes = legacyWords(password)
  try {
    const source = await subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits'])
    return new Uint8Array(await subtle.deriveBits({ name: 'PBKDF2', hash, salt: encodeUtf8(salt), iterations }, source, KEY_BYTES * 8))
  } finally {
    bytes.fill(0)
  }
}

/**
 * The bytes old clients made of a password: four UTF-16 code units at a time are shifted into 32 bits, a byte each, and a unit
 * above 255 runs over into its neighbour and is lost in part. For ASCII these are the plain bytes.
 */
export function legacyWords(text: string): Bytes {
  const bytes = new Uint8Array(text.length)
  for (let start = 0; start < text.length; start += 4) {
    let word = 0
    // Past the end the code unit is NaN, which shifts in as 0.
    for (let i = start; i < start + 4; i++) word = (word << 8) | text.charCodeAt(i)
    const group = Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word)
    bytes.set(group.subarray(0, text.length - start), start)
  }
  return bytes
}

function padAnsiX923(bytes: Bytes): Bytes {
  const count = BLOCK_BYTES - (bytes.length % BLOCK_BYTES)
  const padding = new Uint8Array(count)
  padding[count - 1] = count
  return concatBytes(bytes, padding)
}

function hexSha256(text: string): string {
  return encodeHex(sha256(encodeUtf8(text)))
}
