const AEAD = { seal: 3, open: 3, sealBatch: 3, sealMany: 3, openBatch: 3, openMany: 3 } as const

/** The engine's methods that are jobs, and which of their arguments is bulk: given up unless asked otherwise. */
const JOBS = {
  'aead.chacha20poly1305': AEAD,
  'aead.xchacha20poly1305': AEAD,
  x25519: { derivePublicKeys: undefined, sharedSecrets: undefined },
  sealedBox: { seal: 1, open: 1, sealBatch: 1, sealMany: 1, openBatch: 1, openMany: 1 },
  hash: { blake2b: 0, blake3: 0 },
  kdf: { scrypt: undefined, argon2id: undefined },
  envelopes: { sealBatch: 2, sealMany: 2, openBatch: 1, openMany: 1 },
  container: { pack: 1, unpack: 0, packSealed: 2, unpackSealed: 1 },
} as const

type Jobs = typeof JOBS

/** `group.method`, as it is reached from the engine. */
export type JobName = { [Group in keyof Jobs]: `${Group}.${keyof Jobs[Group] & string}` }[keyof Jobs]

const BULK = new Map<string, number | undefined>(
  Object.entries(JOBS).flatMap(([group, methods]) =>
    Object.entries(methods).map(([method, bulk]): [string, number | undefined] => [`${group}.${method}`, bulk]),
  ),
)

/** Every job there is. */
export const jobNames: readonly JobName[] = [...BULK.keys()] as JobName[]

export const bulkArgumentOf = (name: JobName): number | undefined => BULK.get(name)

/** Calls the method of that name. @param target an engine, or a pool. */
export function callJob(target: unknown, name: JobName, args: readonly unknown[]): unknown {
  const path = name.split('.')
  const method = path.pop() as string
  const group = path.reduce((part, key) => (part as Record<string, unknown>)[key], target)
  return (group as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...args)
}
