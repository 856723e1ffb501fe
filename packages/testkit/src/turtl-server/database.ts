/**
 * The tables of the original server (turtl §6.8) on PGlite, in a schema of their own, so that many servers can stand on
 * one database: starting one takes seconds, making a schema milliseconds. Only primary keys are unique, as in the
 * original; the indexes are for speed alone. Blobs, which the original keeps beside the database, are a table here.
 */

import { type PGlite, type Transaction, types } from '@electric-sql/pglite'
import { ArgumentError } from '@holdfast/base'

type Value = string | number | boolean | null | Uint8Array | readonly string[]

export interface Database {
  /** @param text SQL in which `@table` stands for a table of this server. 64-bit integers come back as text (turtl §4.2). */
  query<Row>(text: string, ...values: readonly Value[]): Promise<readonly Row[]>
}

export interface OwnedDatabase extends Database {
  /** Either all that `work` does is kept, or nothing. */
  transaction<Result>(work: (database: Database) => Promise<Result>): Promise<Result>
  /** Empty tables, and every sequence at its beginning. */
  reset(): Promise<void>
}

const TABLES = {
  users: `id bigserial primary key, username text not null, auth text not null, active boolean not null, confirmed boolean not null,
    confirmation_token text, data json not null, last_login text, login_failed_last double precision,
    login_failed_count integer not null default 0`,
  keychain: 'id text primary key, user_id bigint not null, item_id text not null, data json not null',
  spaces: 'id text primary key, data json not null',
  spaces_users: 'id bigserial primary key, space_id text not null, user_id bigint not null, role text not null',
  spaces_invites: 'id text primary key, space_id text not null, from_user_id bigint not null, to_user text not null, data json not null',
  boards: 'id text primary key, space_id text not null, data json not null',
  notes: 'id text primary key, space_id text not null, board_id text, data json not null',
  sync: 'id bigserial primary key, item_id text not null, type text not null, action text not null, user_id bigint not null',
  sync_users: 'id bigserial primary key, sync_id bigint not null, user_id bigint not null',
  blobs: 'note_id text primary key, bytes bytea not null',
}
const INDEXES = [
  ['users', 'username'],
  ['keychain', 'user_id'],
  ['spaces_users', 'space_id'],
  ['spaces_users', 'user_id'],
  ['spaces_invites', 'space_id'],
  ['boards', 'space_id'],
  ['notes', 'space_id'],
  ['sync_users', 'user_id, sync_id'],
]

/** @param schema a plain name; its tables are made unless they are there. */
export async function openDatabase(pglite: PGlite, schema: string): Promise<OwnedDatabase> {
  if (!/^[a-z][a-z0-9_]*$/.test(schema))
    throw new ArgumentError({ what: 'schema', expected: 'lowercase letters, digits and _', got: schema })
  const stamps = 'created text not null, updated text not null'
  const tables = Object.entries(TABLES).map(([name, columns]) => `create table if not exists ${schema}.${name} (${columns}, ${stamps});`)
  const indexes = INDEXES.map(([table, columns], i) => `create index if not exists index_${i} on ${schema}.${table} (${columns});`)
  await pglite.exec(`create schema if not exists ${schema}; ${tables.join('')} ${indexes.join('')}`)

  const over = (connection: PGlite | Transaction): Database => ({
    async query<Row>(text: string, ...values: readonly Value[]) {
      const sql = text.replaceAll('@', `${schema}.`)
      const { rows } = await connection.query<Row>(sql, [...values], { parsers: { [types.INT8]: (digits) => digits } })
      return rows
    },
  })
  return {
    ...over(pglite),
    transaction: (work) => pglite.transaction((transaction) => work(over(transaction))),
    async reset() {
      const sequences = Object.entries(TABLES).filter(([, columns]) => columns.includes('bigserial'))
      const emptied = Object.keys(TABLES).map((name) => `delete from ${schema}.${name};`)
      await pglite.exec(emptied.join('') + sequences.map(([name]) => `alter sequence ${schema}.${name}_id_seq restart;`).join(''))
    },
  }
}
