import { decodeHex } from '@holdfast/base'
import { oidcNonce, openExportBundle, type StampScheme, stampWithApiKey } from '@holdfast/turnkey'
import type { Operation } from './ops-crypto'

export const TURNKEY_OPERATIONS: Readonly<Record<string, Operation>> = {
  'turnkey.stamp.apikey': async (_, input) => ({
    stamp: stampWithApiKey({
      scheme: input.text('scheme') as StampScheme,
      secretKey: await input.bytes('secretKey'),
      body: input.text('body'),
    }),
  }),
  'turnkey.oidc.nonce': async (_, input) => ({ nonce: oidcNonce(decodeHex(input.text('publicKey'))) }),
  'turnkey.bundle.open': async (_, input) => ({
    secret: (
      await openExportBundle({
        bundle: input.text('bundle'),
        sessionSecretKey: await input.bytes('sessionSecretKey'),
        organizationId: input.text('organizationId'),
        quorumPublicKey: input.text('quorumPublicKey'),
      })
    ).expose(),
  }),
}
