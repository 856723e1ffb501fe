import { HoldfastError } from '@holdfast/base'
import { type TurtlSession, takesLogin } from './session'

/**
 * Deletes the account, and every space it owns with all in it, for every member (turtl §6.7). Throw the device's own store away
 * afterwards.
 *
 * @returns `deleted`; or `unknown`: the answer was lost, and the server no longer takes the login, which may be because the
 *   account is gone or because it is locked.
 * @throws {HoldfastError} the client's codes: not deleted.
 * @example
 * ```ts
 * if ((await deleteTurtlAccount(session)) === 'deleted') await rm(folder, { recursive: true })
 * ```
 */
export async function deleteTurtlAccount({ client, id }: Pick<TurtlSession, 'client' | 'id'>): Promise<'deleted' | 'unknown'> {
  try {
    await client.deleteUser(id)
    return 'deleted'
  } catch (error) {
    const isLost = error instanceof HoldfastError && error.code === 'turtl_unreachable'
    if (isLost && !(await takesLogin(client))) return 'unknown'
    throw error
  }
}
