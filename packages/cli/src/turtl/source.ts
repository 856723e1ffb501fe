/** Where an account is taken from: a live server, Turtl's local database, or a JSON file. */
import { HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { Io } from '../io'
import type { Progress } from '../progress'
import { type CredentialOptions, readLogin, readMasterKey, readPassword, requireEmail } from './credentials'
import { FilesFolder } from './files-folder'
import { isOld, openOldSource } from './open-old-source'
import { type OpenedWireSource, openWireSource } from './open-wire-source'
import type { OpenedSource } from './opened-source'
import { filesBeside, readDatabase } from './read-database'
import { readDump } from './read-dump'
import { connect, fetchSealedAttachment, type Server, unlessInterrupted, withRetries } from './server'
import { accountFromRecords, type FoundAccount } from './wire-account'

export interface SourceOptions extends CredentialOptions {
  readonly server?: string
  readonly database?: string
  readonly dump?: string
  /** Folder of the sealed attachments; by default `files` beside the database or the dump. */
  readonly files?: string
}

export interface SourceWorld {
  readonly io: Io
  readonly engine: Engine
  readonly progress: Progress
}

/** @throws `one_source_needed`, and what reading, asking and opening throw. */
export async function openSource(world: SourceWorld, options: SourceOptions): Promise<OpenedSource> {
  const { server, database, dump } = options
  const given = [server, database, dump].filter((source) => source !== undefined)
  if (given.length !== 1) {
    throw new HoldfastError(
      'one_source_needed',
      `where the account is must be said once: ${given.length} of --server, --database and --dump were given; pass one`,
      { remedy: 'fix-call' },
    )
  }
  if (server !== undefined) return (await openServer(world, server, options)).opened
  if (database !== undefined) return openDatabase(world, database, options)
  return openDump(world, dump ?? '', options)
}

export interface OpenedServer {
  readonly opened: OpenedWireSource
  readonly server: Server
  readonly userId: string
}

/** An account as the server has it now. @throws `turtl_login_failed`, `turtl_wrong_password` and the codes of the client. */
export async function openServer({ io, engine, progress }: SourceWorld, url: string, options: CredentialOptions): Promise<OpenedServer> {
  const login = await readLogin(io, engine, options)
  try {
    const server = connect(io, url, login)
    const userId = await unlessInterrupted(io, () => server.client.authenticate()) // once: five failures lock the account (turtl §3.6)
    progress.show({ phase: 'download', done: 0, total: 1 })
    const { records } = await withRetries(io, () => server.client.fetchFullSync())
    progress.show({ phase: 'open', done: 0, total: 1 })
    const opened = openWireSource({
      ...login,
      engine,
      description: `the server ${server.endpoint}`,
      found: accountFromRecords(records),
      sealedAttachmentOf: (note) => fetchSealedAttachment(io, server, note),
    })
    const close = () => {
      opened.close()
      login.authToken.wipe()
    }
    return { opened: { ...opened, close }, server, userId }
  } catch (error) {
    login.authToken.wipe()
    throw error
  } finally {
    login.masterKey.wipe()
  }
}

async function openDatabase(world: SourceWorld, path: string, options: SourceOptions): Promise<OpenedSource> {
  const { file, found, problems } = await readDatabase(path)
  const files = await FilesFolder.open(options.files ?? filesBeside(file), options.files !== undefined)
  const opened = await openLocal(world, options, { description: `the database ${file}`, found, files })
  return { ...opened, problems: [...problems, ...opened.problems] }
}

async function openDump(world: SourceWorld, path: string, options: SourceOptions): Promise<OpenedSource> {
  const dump = await readDump(path)
  const description = `the file ${path}`
  if (dump.kind === 'export') {
    const { contents } = dump
    return { description, contents, problems: [], attachmentOf: async ({ id }) => contents.attachmentOf(id), close: () => {} }
  }
  const files = await FilesFolder.open(options.files ?? filesBeside(path), options.files !== undefined)
  return openLocal(world, options, { description, found: dump.found, files })
}

interface Local {
  readonly description: string
  readonly found: FoundAccount
  readonly files: FilesFolder
}

async function openLocal(
  { io, engine, progress }: SourceWorld,
  options: SourceOptions,
  { description, found, files }: Local,
): Promise<OpenedSource> {
  const { username: stored } = (found.user ?? {}) as { readonly username?: unknown }
  const known = typeof stored === 'string' ? stored : undefined
  if (isOld(found)) {
    const username = requireEmail(options.email ?? known)
    const password = await readPassword(io, options, username)
    progress.show({ phase: 'open', done: 0, total: 1 })
    return openOldSource({ engine, description, found, username, password, files })
  }
  const { username, masterKey } = await readMasterKey(io, engine, options, known)
  progress.show({ phase: 'open', done: 0, total: 1 })
  try {
    return openWireSource({ engine, description, found, masterKey, username, sealedAttachmentOf: ({ id }) => files.load(id) })
  } finally {
    masterKey.wipe()
  }
}
