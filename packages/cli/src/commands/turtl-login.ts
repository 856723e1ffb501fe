import { rm, writeFile } from 'node:fs/promises'
import { HoldfastError, systemClock } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import { sealLoginToken } from '@holdfast/keys'
import { createIdSource, createMemoryIdStore, joinTurtl, type LoginWorld, loginToTurtl } from '@holdfast/turtl'
import { EXIT } from '../exit-code'
import type { Io } from '../io'
import { type CredentialOptions, readPassword, requireEmail } from '../turtl/credentials'
import { sendChanges } from '../turtl/send-changes'
import { stoppableFetch, toEndpoint } from '../turtl/server'

export interface TurtlLoginOptions extends Omit<CredentialOptions, 'login'> {
  readonly server: string
  readonly save?: string
  readonly join?: boolean
  readonly json?: boolean
}

const WARNING = 'WARNING: the file holds the master key: whoever reads it has the account; remove it when you are done'
const MISMATCH =
  'WARNING: the public key of this account is not that of its private one: invites sealed to it go to somebody else; ask the server\n'

/** Asks the server once, since failures are counted there (turtl §3.6). */
export async function turtlLoginCommand(io: Io, options: TurtlLoginOptions): Promise<number> {
  const username = requireEmail(options.email)
  const endpoint = toEndpoint(io, options.server)
  const password = await readPassword(io, options, username)
  const engine = await init()
  const ids = createIdSource({ store: createMemoryIdStore(), clock: systemClock, random: engine.random })
  const world: LoginWorld = { engine, ids, clock: systemClock, endpoint, fetch: stoppableFetch(io) }
  const session = options.join ? await join(io, world, username, password) : await loginToTurtl(world, username, password)
  try {
    if (options.save !== undefined) await saveLogin(options.save, sealLoginToken(engine, session))
    const { id, username: as, keyPairState } = session
    if (options.json)
      io.stdout(`${JSON.stringify({ kind: 'turtl-login', id, username: as, endpoint, keyPairState, saved: options.save })}\n`)
    else {
      io.stdout(`${options.join ? 'joined' : 'logged in'} at ${endpoint} as ${as} (user ${id})\n`)
      if (keyPairState === 'mismatched') io.stdout(MISMATCH)
      if (options.save !== undefined) io.stdout(`the login is in ${options.save}\n${WARNING}\n`)
    }
    return EXIT.ok
  } finally {
    session.masterKey.wipe()
    session.authToken.wipe()
  }
}

/** With the spaces and boards that everybody begins with (turtl §3.7). */
async function join(io: Io, world: LoginWorld, username: string, password: string) {
  const { session, account, changes } = await joinTurtl(world, username, password)
  await sendChanges(io, { endpoint: world.endpoint, client: session.client }, { ids: world.ids, userId: session.id }, changes, () => {})
  account.wipe()
  return session
}

/** For its owner only; an existing file is never overwritten. */
async function saveLogin(path: string, token: string): Promise<void> {
  try {
    await writeFile(path, `${token}\n`, { mode: 0o600, flag: 'wx', flush: true })
  } catch (cause) {
    const { code } = cause as { code?: string }
    if (code !== 'EEXIST') await rm(path, { force: true })
    const why = code === 'EEXIST' ? 'it is there already, and is never overwritten' : code
    throw new HoldfastError('file_unwritable', `the login file cannot be written: ${path} (${why}); choose a new file`, {
      remedy: 'fix-input',
      cause,
    })
  }
}
