/** Where a folder's device state lies, and how the command opens it. */
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { BackupOptions } from '@holdfast/backup'
import { createServiceClient } from '@holdfast/backup-service'
import { HoldfastError } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import type { Store } from '@holdfast/sync'
import { openFolderStore } from '@holdfast/sync/node'
import type { Io } from './io'

export interface DeviceOptions {
  readonly state?: string
}

export interface OpenedDevice {
  readonly options: BackupOptions
  readonly store: Store
  readonly stateDir: string
  readonly serviceUrl: string
}

/** A device that is being made: as long as nothing has arrived, all of it can be taken back. */
export interface NewDevice extends OpenedDevice {
  takeBack(): Promise<void>
}

/** Records of the state folder that only Holdfast writes: by one of them it is known as such. */
const DEVICE = 'device.json'
const SERVICE = 'service.json'
const RESTORING = 'restoring.json'
const CREATING = 'creating.json'

/** Outside the folder: `$XDG_STATE_HOME/holdfast/<hash of the folder's path>`. */
async function stateDirOf(io: Io, folder: string, chosen: string | undefined): Promise<string> {
  if (chosen !== undefined) return resolve(chosen)
  const name = createHash('sha256')
    .update(await realPathOf(folder))
    .digest('hex')
    .slice(0, 16)
  return join(io.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'holdfast', name)
}

/** @throws `no_such_folder`, `no_backup_here`, `state_not_yours`. */
export async function openDevice(
  io: Io,
  folder: string,
  { state }: DeviceOptions,
  onProgress: BackupOptions['onProgress'],
): Promise<OpenedDevice> {
  await checkFolder(folder)
  const stateDir = await stateDirOf(io, folder, state)
  const records = await listRecords(stateDir)
  if (!records.includes(SERVICE) || records.includes(RESTORING)) throw noBackupHere(folder, stateDir, records.includes(RESTORING))
  await keepToOwner(io, stateDir)
  const store = await openFolderStore({ folder, stateDir })
  const serviceUrl = (await store.state.load('service')) ?? ''
  return { ...(await connect(store, serviceUrl, onProgress)), stateDir }
}

/**
 * Makes the state folder of a new backup (`init`).
 *
 * @throws `no_such_folder`, `backup_already_here`, `state_not_empty`, `state_inside_folder`.
 */
export async function makeDevice(
  io: Io,
  folder: string,
  { state, service }: DeviceOptions & { readonly service: string },
  onProgress: BackupOptions['onProgress'],
): Promise<NewDevice> {
  checkUrl(service)
  await checkFolder(folder)
  const stateDir = await stateDirOf(io, folder, state)
  const records = await listRecords(stateDir)
  if (records.includes(DEVICE)) {
    throw new HoldfastError(
      'backup_already_here',
      `there is a backup of this folder already: its state lies in ${stateDir}; run \`holdfast sync\`, or pass --state NEW-FOLDER to make another`,
      { remedy: 'fix-call' },
    )
  }
  checkState(stateDir, records)
  return make(io, folder, stateDir, service, onProgress)
}

/**
 * Makes folder and state of a restored backup. State of an earlier device of the same folder is set aside, not lost; a
 * restore that was cut short goes on in its own.
 *
 * @throws `folder_not_empty`, `state_not_empty`, `state_inside_folder`.
 */
export async function makeRestoredDevice(
  io: Io,
  folder: string,
  { state, service }: DeviceOptions & { readonly service: string },
  onProgress: BackupOptions['onProgress'],
): Promise<NewDevice> {
  checkUrl(service)
  const stateDir = await stateDirOf(io, folder, state)
  const records = await listRecords(stateDir)
  const goesOn = records.includes(RESTORING)
  if (!goesOn) await checkEmpty(folder)
  checkState(stateDir, records)
  const aside = !goesOn && records.includes(DEVICE) ? await setAside(io, stateDir) : undefined
  const device = await make(io, folder, stateDir, service, onProgress)
  await device.store.state.save('restoring', resolve(folder))
  return {
    ...device,
    async takeBack() {
      if (goesOn) return
      await device.takeBack()
      if (aside !== undefined) await rename(aside, stateDir)
    },
  }
}

/** The restore is complete. */
export const endRestore = ({ store }: OpenedDevice) => store.state.remove('restoring')

async function make(
  io: Io,
  folder: string,
  stateDir: string,
  service: string,
  onProgress: BackupOptions['onProgress'],
): Promise<NewDevice> {
  await checkOutside(folder, stateDir)
  const existed = await exists(stateDir)
  const madeFolder = await makeFolder(folder)
  const madeState = await makeFolder(stateDir, 0o700)
  const takeBack = async () => {
    if ((await listRecords(stateDir)).includes(DEVICE)) return // it has arrived
    if (existed) for (const record of await listRecords(stateDir)) await rm(join(stateDir, record))
    else if (madeState !== undefined) await rm(madeState, { recursive: true, force: true })
    if (madeFolder !== undefined) await rm(madeFolder, { recursive: true, force: true })
  }
  try {
    await keepToOwner(io, stateDir)
    const store = await openFolderStore({ folder, stateDir })
    await store.state.save('service', service)
    return { ...(await connect(store, service, onProgress)), stateDir, takeBack }
  } catch (error) {
    await takeBack()
    throw error
  }
}

async function connect(store: Store, serviceUrl: string, onProgress: BackupOptions['onProgress']): Promise<Omit<OpenedDevice, 'stateDir'>> {
  checkUrl(serviceUrl)
  const engine = await init()
  const client = createServiceClient({ baseUrl: serviceUrl, fetch })
  return { options: { engine, service: client, store, ...(onProgress ? { onProgress } : {}) }, store, serviceUrl }
}

/** The directory made first, or `undefined` when all were there. */
async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  return mkdir(path, { recursive: true, mode }).catch((cause) => {
    throw new HoldfastError('file_unwritable', `the folder cannot be made: ${path} (${cause.code}); choose another place`, {
      remedy: 'fix-input',
      cause,
    })
  })
}

/** @throws `state_not_yours`: another user owns it. */
async function keepToOwner(io: Io, stateDir: string): Promise<void> {
  if (process.platform === 'win32') return
  const mine = process.getuid?.() ?? 0
  const { uid } = await stat(stateDir)
  if (uid !== mine && mine !== 0) {
    throw new HoldfastError(
      'state_not_yours',
      `the state folder belongs to another user (${uid}): ${stateDir}; run as that user, or pass --state with a folder of yours`,
      { remedy: 'fix-call' },
    )
  }
  const paths = [stateDir, ...(await listRecords(stateDir)).map((name) => join(stateDir, name))]
  let opened = 0
  for (const path of paths) {
    const { mode } = await stat(path).catch(() => ({ mode: 0 })) // a lock that was just released
    if ((mode & 0o077) === 0) continue
    await chmod(path, path === stateDir ? 0o700 : 0o600)
    opened++
  }
  if (opened > 0) io.stderr(`note: others could read this device's keys in ${stateDir}; it is for its owner only now\n`)
}

/** @throws `state_not_empty`: a folder of something else, which must not be taken over. */
function checkState(stateDir: string, records: readonly string[]): void {
  const isOurs = [DEVICE, SERVICE, RESTORING, CREATING].some((name) => records.includes(name))
  if (records.length === 0 || isOurs) return
  throw new HoldfastError(
    'state_not_empty',
    `the state folder holds other things: ${stateDir} has ${records.length} entries and none of Holdfast's; pass a new folder as --state`,
    { remedy: 'fix-call' },
  )
}

async function setAside(io: Io, stateDir: string): Promise<string> {
  let aside = `${stateDir}.before-restore`
  for (let n = 2; await exists(aside); n++) aside = `${stateDir}.before-restore-${n}`
  await rename(stateDir, aside)
  io.stderr(`note: this folder was backed up here before; that state is kept in ${aside}\n`)
  return aside
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error) => ({ isDirectory: () => false, code: String(error.code) }))
  if (found.isDirectory()) return
  const why = 'code' in found ? found.code : 'it is a file'
  throw new HoldfastError('no_such_folder', `no such folder: ${folder} (${why}); pass the folder that is backed up`, { remedy: 'fix-call' })
}

async function checkEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((cause) => {
    if (cause.code === 'ENOENT') return []
    throw new HoldfastError('file_unreadable', `the folder cannot be read: ${folder} (${cause.code}); choose another`, {
      remedy: 'fix-input',
      cause,
    })
  })
  if (entries.length === 0) return
  throw new HoldfastError(
    'folder_not_empty',
    `the folder is not empty: ${folder} holds ${entries.length} entries; restore into a new folder`,
    { remedy: 'fix-call' },
  )
}

/** Links are followed: the state must not come to lie inside by a detour. */
async function checkOutside(folder: string, stateDir: string): Promise<void> {
  const [outer, inner] = [await realPathOf(folder), await realPathOf(stateDir)]
  if (inner !== outer && !inner.startsWith(outer + sep)) return
  throw new HoldfastError(
    'state_inside_folder',
    `the state folder lies inside the backed-up folder: ${stateDir}; pass --state with one outside, or its secrets would be backed up`,
    { remedy: 'fix-call' },
  )
}

/** Whether a file to be written would come to lie in the folder. */
export async function isInside(folder: string, file: string): Promise<boolean> {
  return (await realPathOf(file)).startsWith((await realPathOf(folder)) + sep)
}

/** The real path of what is there, and the rest as given. */
async function realPathOf(path: string): Promise<string> {
  const full = resolve(path)
  try {
    return await realpath(full)
  } catch (error) {
    if (dirname(full) === full) throw error
    return join(await realPathOf(dirname(full)), basename(full))
  }
}

async function listRecords(stateDir: string): Promise<string[]> {
  return readdir(stateDir).catch((cause) => {
    if (cause.code === 'ENOENT') return []
    throw new HoldfastError('file_unreadable', `the state folder cannot be read: ${stateDir} (${cause.code}); pass another as --state`, {
      remedy: 'fix-input',
      cause,
    })
  })
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

function noBackupHere(folder: string, stateDir: string, isHalfRestored: boolean): HoldfastError {
  const [what, next] = isHalfRestored
    ? ['was restored only in part', 'run the same `holdfast restore` again to finish it']
    : ['is not backed up from this device', '`holdfast init` makes a backup of it, `holdfast restore` fetches one']
  return new HoldfastError('no_backup_here', `no backup here: ${folder} ${what} (no state in ${stateDir}); ${next}`, { remedy: 'fix-call' })
}

/** @throws `invalid_service`. */
export function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return
  const given = url && (url.username || url.password) ? 'it holds a user name or password' : text
  throw new HoldfastError('invalid_service', `not a service address: ${given}; pass one such as http://127.0.0.1:8787`, {
    remedy: 'fix-call',
  })
}
