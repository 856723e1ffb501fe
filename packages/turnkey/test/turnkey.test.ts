import { readFileSync } from 'node:fs'
import { decodeHex, encodeHex, encodeUtf8 } from '@holdfast/base'
import { describe, expect, test } from 'vitest'
import { oidcNonce, openExportBundle, stampWithApiKey } from '../src/index'

const QUORUM =
  '04cf288fe433cc4e1aa0ce1632feac4ea26bf2f5a09dcfe5a42c398e06898710330f0572882f4dbdf0f5304b8fc8703acd69adca9a4bbf7f5d00d20a5e364b2569'
const organizationId = 'b0fe0618-60b0-4fd1-a28f-fa3ba5b7b97b'
const sessionSecretKey = decodeHex('a528d4d2c23d25bef52192d421a4e2555c9a4a9c3e5ed7c7910fa563d8613b7a')
const data = JSON.stringify({
  encappedPublic:
    '04cacfc7d0fc6a5f5fd87d75f3260b3df74c53073cffed8db981c77a4b1c4b89dabfb42d5f37e47c159862ba3445dbe573d852eef93fe00a8b1953c71584347115',
  ciphertext: 'ed79dc75fd8ec144e82baec819be6a3dc551523dbec16371f9ca91214d4fa9af3648e3ad0ea17a77aeb690ea2839122f',
  organizationId,
})
const known = {
  version: 'v1.0.0',
  data: encodeHex(encodeUtf8(data)),
  dataSignature:
    '3045022100ba94be796eb38fb1824c96962deece559cae57d0a4889aa9d5bdb10f711f00ac02207b19d5d787312f1485f428e2ec5ef04343bf8eb3343d20765805aa9c987f59c4',
  enclaveQuorumPublic: QUORUM,
}
const open = (bundle: object) => openExportBundle({ bundle: JSON.stringify(bundle), sessionSecretKey, organizationId })

describe('export bundle (world-backup-client §10.7)', () => {
  test('the known answer opens to its factor secret', async () => {
    expect((await open(known)).use(encodeHex)).toBe('e5a5b45eb81b64fd76322e54b2df5f6d5cea37ff631f27d58dd57119ac69a6d2')
  })

  test.each([
    ['another version', { ...known, version: 'v1.0.1' }, 'invalid_bundle'],
    ['a missing member', { ...known, data: undefined }, 'invalid_bundle'],
    ['another signer', { ...known, enclaveQuorumPublic: QUORUM.replace('04cf', '04ce') }, 'untrusted_signer'],
    ['changed data', { ...known, data: known.data.replace(/7d$/, '207d') }, 'invalid_signature'],
    ['a signature that is not DER', { ...known, dataSignature: '00' }, 'invalid_signature'],
  ])('%s is refused before the session key is used', async (_, bundle, code) => {
    await expect(open(bundle)).rejects.toMatchObject({ code })
  })

  test('a duplicate of a known member is refused, an unknown member passed over', async () => {
    const text = JSON.stringify({ unknown: [], ...known })
    const openText = (bundle: string) => openExportBundle({ bundle, sessionSecretKey, organizationId })
    expect((await openText(text)).length).toBe(32)
    await expect(openText(text.replace('{', '{"version":"v1.0.0",'))).rejects.toMatchObject({ code: 'invalid_bundle' })
    await expect(openText('{')).rejects.toMatchObject({ code: 'invalid_bundle' })
  })

  test.each([0, 31, 33])('a session key that is no scalar (%i bytes) is a mistake of the caller', async (length) => {
    const request = { bundle: JSON.stringify(known), sessionSecretKey: new Uint8Array(length), organizationId }
    await expect(openExportBundle(request)).rejects.toMatchObject({ code: 'invalid_argument' })
  })

  test('the secret it opens to does not print', async () => {
    expect(`${await open(known)}`).toBe('[secret factor-secret]')
  })

  test('a bundle for another organization is refused', async () => {
    await expect(openExportBundle({ bundle: JSON.stringify(known), sessionSecretKey, organizationId: 'another' })).rejects.toMatchObject({
      code: 'organization_mismatch',
    })
  })

  test('the wrong session key is one opaque failure', async () => {
    const request = { bundle: JSON.stringify(known), sessionSecretKey: new Uint8Array(32).fill(7), organizationId }
    await expect(openExportBundle(request)).rejects.toMatchObject({ code: 'auth_failed' })
  })
})

describe('OIDC nonce (world-backup-client §9.2)', () => {
  test('the known answer', () => {
    const key = decodeHex('0394e549c71fa99dd5cf752fba623090be314949b74e4cdf7ca72031dd638e281a')
    expect(oidcNonce(key)).toBe('1663bba492a323085b13895634a3618792c4ec6896f3c34ef3c26396df22ef82')
  })

  test('anything but a compressed point is refused', () => {
    expect(() => oidcNonce(new Uint8Array(33))).toThrow(/compressed P-256 point/)
  })
})

describe('request stamp (world-backup-client §10.2, §17)', () => {
  const secretKey = decodeHex('8b380767b1947c1c67da42dbc6929a9137202bab770bca2ddcdeaa1dbdd505b8')

  test('holds public key, scheme and signature, in this order', () => {
    const stamp = JSON.parse(
      Buffer.from(stampWithApiKey({ scheme: 'SIGNATURE_SCHEME_TK_API_P256', secretKey, body: '{"example":123}' }), 'base64url').toString(),
    )
    expect(Object.keys(stamp)).toEqual(['publicKey', 'scheme', 'signature'])
    expect(stamp).toMatchObject({
      publicKey: '032c5e01c8659d3399143d89f243f01245c7185575b3c73254b17ecbaa9bcad113',
      signature:
        '30440220648d8dcd1ab3bb7f7651820f495ec0548c4f3e5187b24b59209bca696291d661022015725823b8ce040f9dec24daf82856f96feca6bcc48142c7d16927802c2f3f41',
    })
  })

  test.each(['', '{', '"\\ud800"', '1e999', `${'['.repeat(128)}${']'.repeat(128)}`])('body %j is refused', (body) => {
    expect(() => stampWithApiKey({ scheme: 'SIGNATURE_SCHEME_TK_API_P256', secretKey, body })).toThrow(/invalid json/)
  })

  test.each(['null', '{"a":1,"a":2}', ' [] ', `${'['.repeat(127)}${']'.repeat(127)}`])('body %j is stamped as it is', (body) => {
    expect(stampWithApiKey({ scheme: 'SIGNATURE_SCHEME_TK_API_P256', secretKey, body })).toMatch(/^[\w-]+$/)
  })

  test('the README example runs', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const body = code.replace(/^import .*$/m, '')
    const stamp = new Function('stampWithApiKey', `${body}; return stamp`)(stampWithApiKey)
    expect(Buffer.from(stamp, 'base64url').toString()).toContain('SIGNATURE_SCHEME_TK_API_P256')
  })
})
