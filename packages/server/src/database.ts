/** Kysely over PGlite (embedded) or PostgreSQL: the same SQL, the same schema. */
import { HoldfastError } from '@holdfast/base'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'

export interface Tables {
  backups: { id: string; manifest_hash: string; metadata: string; blob_key: string }
  factors: { scope: string; factor_key: string; backup_id: string }
  used_tokens: { hash: string; expires_at: number }
  sync_factor_tokens: { hash: string; backup_id: string; used: boolean; expires_at: number }
}

export type Database = Kysely<Tables>

/** @param source a PostgreSQL URL, or the folder of an embedded database; `undefined` keeps it in memory. */
export async function openDatabase(source: { readonly url: string } | { readonly folder: string | undefined }): Promise<Database> {
  const database = 'url' in source ? await connectPostgres(source.url) : await openEmbedded(source.folder)
  await migrate(database)
  return database
}

async function connectPostgres(url: string): Promise<Database> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  // An idle connection that the database closes is replaced when next needed: no reason for the server to die.
  pool.on('error', () => {})
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
}

async function openEmbedded(folder: string | undefined): Promise<Database> {
  const { PGlite } = await import('@electric-sql/pglite')
  try {
    // Every commit is on disk before it is answered for: durability is not relaxed.
    const pglite = await PGlite.create({ ...(folder === undefined ? {} : { dataDir: folder }), relaxedDurability: false })
    return new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new EmbeddedDriver(pglite),
        createIntrospector: (database) => new PostgresIntrospector(database),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    })
  } catch (cause) {
    throw new HoldfastError(
      'database_unavailable',
      `the embedded database did not open: ${folder ?? 'in memory'}; check that the folder is writable and not in use`,
      {
        remedy: 'change-environment',
        cause,
      },
    )
  }
}

interface Embedded {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[]; affectedRows?: number }>
  close(): Promise<void>
}

/** One connection, lent to one user at a time: a transaction keeps it until it ends. */
class EmbeddedDriver implements Driver {
  readonly #pglite: Embedded
  #free: Promise<void> = Promise.resolve()
  readonly #releases = new WeakMap<DatabaseConnection, () => void>()

  constructor(pglite: Embedded) {
    this.#pglite = pglite
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free
    let release = () => {}
    this.#free = new Promise((resolve) => {
      release = resolve
    })
    await before
    const connection: DatabaseConnection = {
      executeQuery: async <Row>({ sql: text, parameters }: CompiledQuery) => {
        const { rows, affectedRows } = await this.#pglite.query(text, [...parameters])
        return { rows: rows as Row[], numAffectedRows: BigInt(affectedRows ?? 0) }
      },
      // biome-ignore lint/correctness/useYield: the embedded database does not stream.
      streamQuery: async function* () {
        throw new Error('the embedded database does not stream')
      },
    }
    this.#releases.set(connection, release)
    return connection
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#releases.get(connection)?.()
  }

  async destroy(): Promise<void> {
    await this.#pglite.close()
  }
}

/** Any number of servers may start at once: the schema is made under a lock of the database. */
async function migrate(database: Database): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(7205759403)`.execute(transaction)
    await sql`create table if not exists backups (id text primary key, manifest_hash text not null, metadata text not null, blob_key text not null)`.execute(
      transaction,
    )
    await sql`create table if not exists factors (scope text not null, factor_key text not null, backup_id text not null, primary key (scope, factor_key))`.execute(
      transaction,
    )
    await sql`create table if not exists used_tokens (hash text primary key, expires_at double precision not null)`.execute(transaction)
    await sql`create table if not exists sync_factor_tokens (hash text primary key, backup_id text not null, used boolean not null, expires_at double precision not null)`.execute(
      transaction,
    )
  })
}
