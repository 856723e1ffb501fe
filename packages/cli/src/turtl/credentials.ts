/** Who somebody is to Turtl. A password is asked for, or read from a file or standard input; never an argument, never the environment. */
import { HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { deriveMasterKey, deriveTurtlLogin, openLoginToken, type TurtlLogin, verifyTurtlDerivations } from '@holdfast/keys'
import { type Io, promptSecret, readInput } from '../io'
import { readSecretFile } from '../secret-file'

export interface CredentialOptions {
  readonly email?: string
  readonly passwordFile?: string
  readonly passwordStdin?: boolean
  /** A file that `turtl login --save` wrote. */
  readonly login?: string
}

/** @throws `password_needed`, `password_file_unreadable`, `interrupted`. */
export async function readPassword(io: Io, options: CredentialOptions, username: string): Promise<string> {
  if (options.passwordFile !== undefined) return withoutLineEnd(await readSecretFile(io, options.passwordFile, 'password'))
  if (options.passwordStdin && !io.stdin.isTTY) return withoutLineEnd(await readInput(io))
  if (io.stdin.isTTY) return withoutLineEnd(await promptSecret(io, `password of ${username} (not shown): `, () => undefined))
  throw new HoldfastError(
    'password_needed',
    'the password is needed: there is no terminal to ask on; pass --password-file FILE or --password-stdin',
    { remedy: 'authenticate-main-factor' },
  )
}

/** Everything else counts: Turtl neither trims nor normalises (turtl §3.1). */
const withoutLineEnd = (text: string) => text.replace(/\r?\n$/, '')

/** The master key for data that lies here. @param known the e-mail that stands with the data. */
export async function readMasterKey(
  io: Io,
  engine: Engine,
  options: CredentialOptions,
  known: string | undefined,
): Promise<Pick<TurtlLogin, 'username' | 'masterKey'>> {
  if (options.login !== undefined) return readLoginFile(io, engine, options.login)
  const username = requireEmail(options.email ?? known)
  const password = await readPassword(io, options, username)
  return { username, masterKey: deriveMasterKey(engine, username, password) }
}

/** What a server is asked with. The caller wipes both secrets. */
export async function readLogin(io: Io, engine: Engine, options: CredentialOptions): Promise<TurtlLogin> {
  if (options.login !== undefined) return readLoginFile(io, engine, options.login)
  const username = requireEmail(options.email)
  const password = await readPassword(io, options, username)
  verifyTurtlDerivations(engine)
  return deriveTurtlLogin(engine, username, password)
}

async function readLoginFile(io: Io, engine: Engine, path: string): Promise<TurtlLogin> {
  return openLoginToken(engine, (await readSecretFile(io, path, 'login')).trim())
}

export function requireEmail(email: string | undefined): string {
  if (email !== undefined && email !== '') return email
  throw new HoldfastError('email_needed', 'the e-mail of the account is needed: it is part of the key; pass --email', {
    remedy: 'fix-call',
  })
}
