import type { Clock, Random } from '@holdfast/base'
import type { OwnedDatabase } from './database'

/** What every part of the server stands on. */
export interface Context {
  readonly database: OwnedDatabase
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
  /** Whether an account is confirmed as soon as it is made. */
  readonly confirmed: boolean
}

export type Members = Readonly<Record<string, unknown>>

/** Who asks: a user whose password has been checked. */
export interface Caller {
  readonly id: string
  readonly username: string
  readonly confirmed: boolean
}

/** Of rows and of what is made from them: ISO 8601. */
export const timestamp = (context: Context): string => new Date(context.clock.now()).toISOString()
