import type { Bytes } from '@holdfast/base'

/** The files that are backed up: paths are relative, with `/`. */
export interface FileStore {
  /** Every file, sorted. @throws `unsupported_file`: a link or a special file; `file_unreadable`. */
  list(): Promise<string[]>
  /** @returns `undefined` when it is not there. @throws `file_unreadable`. */
  read(path: string): Promise<Bytes | undefined>
  /** Atomic and durable: afterwards the file has the old bytes or the new ones. @throws `disk_full`, `file_unwritable`. */
  write(path: string, bytes: Uint8Array): Promise<void>
  remove(path: string): Promise<void>
}

/** Small named records of this device: secret, atomic, durable. */
export interface StateStore {
  load(name: string): Promise<string | undefined>
  save(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
}

/** Where a device keeps its files and its state. */
export interface Store {
  readonly files: FileStore
  readonly state: StateStore
  /** Keeps other processes out until released. @throws `store_busy`. */
  lock(): Promise<() => Promise<void>>
}
