import { AuthenticationError, type Clock, HoldfastError, type Random, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { TurtlAccount } from '../account'
import type { TurtlClient } from '../client'
import type { IdSource } from '../id-source'
import { CURSOR, type TurtlStore } from '../store'
import { loadState, wireAccount, withRecords } from './server-state'

export interface TurtlSyncOptions {
  readonly engine: Engine
  readonly client: TurtlClient
  readonly store: TurtlStore
  /** Of the user who is logged in; what is in the store is loaded into it. */
  readonly account: TurtlAccount
  /** The source the account takes its ids from: the queue is sorted by them. */
  readonly ids: IdSource
  readonly clock: Clock
  /** Jitter of retries. */
  readonly random: Random
}

export interface SyncContext extends TurtlSyncOptions {
  /** Runs alone among all that changes the account and the store; never waits for the network. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>
}

/** Shows in the account what the store says: what the server holds, and what waits for it. */
export async function showStored({ store, account }: Pick<SyncContext, 'store' | 'account'>): Promise<void> {
  const state = await store.transact((tx) => withRecords(loadState(tx), tx.list('queue')))
  const wire = wireAccount(state)
  if (wire) account.become(account.reopen(wire))
}

/**
 * As `showStored`, at the beginning. A store of before a password change elsewhere does not open: then everything is fetched
 * anew, and what waits for the server is kept.
 */
export async function showStoredOrFetchAnew(context: Pick<SyncContext, 'store' | 'account'>): Promise<void> {
  const { store, account } = context
  const [held] = await store.transact((tx) => tx.list('user'))
  if (held && textOf(held.id) !== account.user.id)
    throw new HoldfastError(
      'another_account',
      `the store is of another account: it holds user ${held.id}; open the store of user ${account.user.id}`,
    )
  try {
    await showStored(context)
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error
    await store.transact((tx) => {
      tx.remove('user', account.user.id)
      tx.remove('value', CURSOR)
    })
  }
}
