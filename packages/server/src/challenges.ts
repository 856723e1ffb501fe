/** Challenge tokens: all state is inside the encrypted token; the server remembers only the used ones (backup-service-api §2). */
import { createHash } from 'node:crypto'
import { type ChallengeContext, LIMITS } from '@holdfast/backup-service/contract'
import { type Clock, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8, type Random } from '@holdfast/base'
import { CompactEncrypt, compactDecrypt } from 'jose'
import type { Database } from './database'
import { refuse } from './refusal'

/** What a token is good for; the bound id is part of it (§2.2). */
export type Purpose =
  | { readonly kind: ChallengeContext }
  | { readonly kind: 'DELETEFACTOR'; readonly factorId: string }
  | { readonly kind: 'RESET'; readonly backupAccountId: string }

interface Claims {
  readonly payload: string
  readonly challenge_type: 'KEYPAIR'
  readonly challenge_context: Purpose
  readonly iat: number
  readonly nbf: number
  readonly exp: number
}

export class Challenges {
  readonly #key: Uint8Array
  readonly #clock: Clock
  readonly #random: Random
  readonly #database: Database

  /** @param key 32 bytes, the same for all servers of one database. */
  constructor(key: Uint8Array, clock: Clock, random: Random, database: Database) {
    this.#key = key
    this.#clock = clock
    this.#random = random
    this.#database = database
  }

  async issue(purpose: Purpose): Promise<{ challenge: string; token: string }> {
    const challenge = encodeBase64(this.#random(32))
    const now = Math.floor(this.#clock.now() / 1000)
    const claims: Claims = {
      payload: challenge,
      challenge_type: 'KEYPAIR',
      challenge_context: purpose,
      iat: now,
      nbf: now,
      exp: now + LIMITS.challengeSeconds,
    }
    const token = await new CompactEncrypt(encodeUtf8(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(this.#key)
    return { challenge, token }
  }

  /**
   * @param type what the authorization's kind answers to; every token of this server is a keypair's.
   * @returns the challenge's bytes.
   * @throws `jwt_error`, `unexpected_challenge_type`, then `invalid_challenge_context` (§2.5).
   */
  async open(token: string, purpose: Purpose, type: 'KEYPAIR' | 'PASSKEY' = 'KEYPAIR'): Promise<Uint8Array> {
    const claims = await this.#decrypt(token)
    const now = Math.floor(this.#clock.now() / 1000)
    if (!claims || claims.nbf > now || now > claims.exp) throw refuse('jwt_error')
    if (claims.challenge_type !== type) throw refuse('unexpected_challenge_type')
    if (!isSamePurpose(claims.challenge_context, purpose)) throw refuse('invalid_challenge_context')
    return decodeBase64(claims.payload)
  }

  async #decrypt(token: string): Promise<Claims | undefined> {
    // One token, one text: a second spelling of it would not be found among the used ones.
    if (!token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)) return undefined
    try {
      const { plaintext } = await compactDecrypt(token, this.#key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      })
      return JSON.parse(decodeUtf8(plaintext)) as Claims
    } catch {
      return undefined // tampered, foreign or garbage: all are one answer
    }
  }

  /** Atomic: of any number of uses, one succeeds. @throws `already_used`. */
  async consume(token: string): Promise<void> {
    const now = this.#clock.now()
    await this.#database.deleteFrom('used_tokens').where('expires_at', '<', now).execute()
    const inserted = await this.#database
      .insertInto('used_tokens')
      .values({ hash: hashToken(token), expires_at: now + LIMITS.challengeSeconds * 1000 })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (inserted.numInsertedOrUpdatedRows === 0n) throw refuse('already_used')
  }
}

function isSamePurpose(a: Purpose, b: Purpose): boolean {
  const boundId = (purpose: Purpose) =>
    'factorId' in purpose ? purpose.factorId : 'backupAccountId' in purpose ? purpose.backupAccountId : ''
  return a.kind === b.kind && boundId(a) === boundId(b)
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
