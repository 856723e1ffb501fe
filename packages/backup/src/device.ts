/** What a device keeps to sync on its own: everything but a key that opens the backup. */
import { decodeHex, encodeHex, HoldfastError, type Random } from '@holdfast/base'
import { loadSigningKey, makeSigningKey, type SigningKey } from '@holdfast/keys'
import type { StateStore } from '@holdfast/sync'
import type { Designator } from '@holdfast/wire'

export interface Device {
  readonly backupId: string
  readonly rootKeyJson: string
  /** X25519 public key that seals every version, hex. */
  readonly backupPublicKey: string
}

const DEVICE = 'device'
const SYNC_KEY = 'sync-key'
const DESIGNATORS = 'designators'

export async function loadDevice(state: StateStore): Promise<Device | undefined> {
  const text = await state.load(DEVICE)
  return text === undefined ? undefined : (JSON.parse(text) as Device)
}

export function saveDevice(state: StateStore, device: Device): Promise<void> {
  return state.save(DEVICE, JSON.stringify(device))
}

/** The key is saved before it is ever registered, so that a run that was cut short does not leave a factor behind. */
export async function loadOrMakeSyncKey(state: StateStore, random: Random): Promise<SigningKey> {
  const text = await state.load(SYNC_KEY)
  if (text !== undefined) return loadSigningKey(decodeHex(text))
  const key = makeSigningKey(random)
  await state.save(
    SYNC_KEY,
    key.secret.use((bytes) => encodeHex(bytes)),
  )
  return key
}

/** For a device that the service has forgotten: a registered key cannot be registered twice. */
export async function replaceSyncKey(state: StateStore, random: Random): Promise<SigningKey> {
  await state.remove(SYNC_KEY)
  return loadOrMakeSyncKey(state, random)
}

/** Files without an entry are documents. */
export async function loadDesignators(state: StateStore): Promise<Record<string, Designator>> {
  return JSON.parse((await state.load(DESIGNATORS)) ?? '{}') as Record<string, Designator>
}

export function saveDesignators(state: StateStore, designators: Record<string, Designator>): Promise<void> {
  return state.save(DESIGNATORS, JSON.stringify(designators))
}

export function noBackupHere(): HoldfastError {
  return new HoldfastError(
    'no_backup_here',
    'no backup on this device: the state folder holds none; create one, or restore one with the main factor',
    {
      remedy: 'authenticate-main-factor',
    },
  )
}
