/** The tables of a store in memory, and transactions over them: what a store adds is where the operations are kept. */
import type { TurtlTable, TurtlTables, TurtlTransaction } from '../store'

export type Operation =
  | { readonly op: 'put'; readonly table: TurtlTable; readonly key: string; readonly row: unknown }
  | { readonly op: 'remove'; readonly table: TurtlTable; readonly key: string }
  | { readonly op: 'put-attachment'; readonly noteId: string; readonly bytes: Uint8Array }
  | { readonly op: 'remove-attachment'; readonly noteId: string }

export class Tables {
  readonly #rows = new Map<TurtlTable, Map<string, unknown>>()
  /** Notes whose attachment is held, wherever its bytes are. */
  readonly #attached: Set<string>

  constructor(attached: Iterable<string> = []) {
    this.#attached = new Set(attached)
  }

  /** Runs `work` and gives what it wrote, in order; the tables themselves stay as they are until `apply`. */
  draft<Result>(work: (tx: TurtlTransaction) => Result): { readonly result: Result; readonly operations: readonly Operation[] } {
    const operations: Operation[] = []
    const drafts = new Map<TurtlTable, Map<string, unknown>>()
    const attached = new Set(this.#attached)
    const read = (table: TurtlTable) => drafts.get(table) ?? this.#table(table)
    const write = (table: TurtlTable) => {
      const draft = drafts.get(table) ?? new Map(this.#table(table))
      drafts.set(table, draft)
      return draft
    }
    const result = work({
      get: (table, key) => read(table).get(key) as TurtlTables[typeof table] | undefined,
      list: (table) => [...read(table)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row as TurtlTables[typeof table]),
      put(table, key, row) {
        const kept: unknown = JSON.parse(JSON.stringify(row)) // as it would come back from a disk
        write(table).set(key, kept)
        operations.push({ op: 'put', table, key, row: kept })
      },
      remove(table, key) {
        if (!read(table).has(key)) return
        write(table).delete(key)
        operations.push({ op: 'remove', table, key })
      },
      putAttachment(noteId, bytes) {
        attached.add(noteId)
        operations.push({ op: 'put-attachment', noteId, bytes: new Uint8Array(bytes) })
      },
      removeAttachment(noteId) {
        if (attached.delete(noteId)) operations.push({ op: 'remove-attachment', noteId })
      },
      hasAttachment: (noteId) => attached.has(noteId),
    })
    return { result, operations }
  }

  apply(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if (operation.op === 'put') this.#table(operation.table).set(operation.key, operation.row)
      if (operation.op === 'remove') this.#table(operation.table).delete(operation.key)
      if (operation.op === 'put-attachment') this.#attached.add(operation.noteId)
      if (operation.op === 'remove-attachment') this.#attached.delete(operation.noteId)
    }
  }

  /** Everything, as the operations that would make it. */
  *operations(): Generator<Operation> {
    for (const [table, rows] of this.#rows) for (const [key, row] of rows) yield { op: 'put', table, key, row }
  }

  #table(name: TurtlTable): Map<string, unknown> {
    const table = this.#rows.get(name) ?? new Map<string, unknown>()
    this.#rows.set(name, table)
    return table
  }
}
