/** Where a folder's device state lies, and how the command opens it. */
import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BackupOptions } from '@holdfast/backup'
import { createServiceClient } from '@holdfast/backup-service'
import { HoldfastError } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import type { Store } from '@holdfast/sync'
import { openFolderStore } from '@holdfast/sync/node'
import type { Io } from './io'

export interface DeviceOptions {
  readonly state?: string
  readonly service?: string
}

/** Owner-only, outside the folder: `$XDG_STATE_HOME/holdfast/<hash of the folder's path>`. */
export async function stateDirOf(io: Io, folder: string, chosen: string | undefined): Promise<string> {
  if (chosen !== undefined) return resolve(chosen)
  const path = await realpath(folder).catch(() => resolve(folder))
  const name = createHash('sha256').update(path).digest('hex').slice(0, 16)
  return join(io.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'holdfast', name)
}

export interface OpenedDevice {
  readonly options: BackupOptions
  readonly store: Store
  readonly stateDir: string
  readonly serviceUrl: string
}

/** @throws `no_backup_here`: no service is known for this folder. */
export async function openDevice(
  io: Io,
  folder: string,
  { state, service }: DeviceOptions,
  onProgress: BackupOptions['onProgress'],
): Promise<OpenedDevice> {
  const stateDir = await stateDirOf(io, folder, state)
  const store = await openFolderStore({ folder, stateDir })
  const serviceUrl = service ?? (await store.state.load('service'))
  if (serviceUrl === undefined) {
    throw new HoldfastError(
      'no_backup_here',
      `no backup in this folder: ${folder} has no state in ${stateDir}; run \`holdfast init\` or \`holdfast restore\` first`,
      {
        remedy: 'fix-call',
      },
    )
  }
  checkUrl(serviceUrl)
  const engine = await init()
  const client = createServiceClient({ baseUrl: serviceUrl, fetch })
  return { options: { engine, service: client, store, ...(onProgress ? { onProgress } : {}) }, store, stateDir, serviceUrl }
}

function checkUrl(text: string): void {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return
  throw new HoldfastError('invalid_service', `not a service address: ${text}; pass one such as http://127.0.0.1:8787`, {
    remedy: 'fix-call',
  })
}
