/** Wire objects put together to an account, from the forms in which accounts are handed over. Lenient: what is no object is passed over. */
import { isObject, textOf } from '@holdfast/base'
import type { WireObject } from '@holdfast/keys'

/** As `WireAccount`, but the user may be missing: old databases and partial dumps lack it. */
export interface FoundAccount {
  readonly user: WireObject | undefined
  readonly keychain: readonly WireObject[]
  readonly spaces: readonly WireObject[]
  readonly boards: readonly WireObject[]
  readonly notes: readonly WireObject[]
}

type Members = Readonly<Record<string, unknown>>
type List = 'users' | 'keychain' | 'spaces' | 'boards' | 'notes'

const LIST_OF_TYPE: Readonly<Record<string, List>> = {
  user: 'users',
  keychain: 'keychain',
  space: 'spaces',
  board: 'boards',
  note: 'notes',
}

/** Collects objects by the name of their table (turtl §6.1) or of their sync type (turtl §6.2). A later one of the same id wins. */
export class AccountCollector {
  readonly #lists: Readonly<Record<List, Map<string, WireObject>>> = {
    users: new Map(),
    keychain: new Map(),
    spaces: new Map(),
    boards: new Map(),
    notes: new Map(),
  }

  add(name: string, object: unknown): void {
    const list = this.#lists[(LIST_OF_TYPE[name] ?? name) as List] as Map<string, WireObject> | undefined
    if (!list || !isObject(object) || object.missing === true || object.deleted === true) return
    const { id } = object
    if (typeof id !== 'string' && typeof id !== 'number') return
    list.set(String(id), { ...object, id: String(id) } as WireObject)
  }

  /** @param userId which of several users; the first, when left out. */
  account(userId?: string): FoundAccount {
    const { users, keychain, spaces, boards, notes } = this.#lists
    return {
      user: users.get(userId ?? '') ?? [...users.values()][0],
      keychain: [...keychain.values()],
      spaces: [...spaces.values()],
      boards: [...boards.values()],
      notes: [...notes.values()],
    }
  }
}

/** Records of `GET /sync/full` (turtl §6.5), as they came or decoded. */
export function accountFromRecords(records: readonly unknown[]): FoundAccount {
  const collector = new AccountCollector()
  for (const record of records) {
    if (!isObject(record) || record.action === 'delete' || record.missing === true) continue
    collector.add(textOf(record.type), record.data)
  }
  return collector.account()
}

/** `{ user, keychain, spaces, boards, notes }`. */
export function accountFromLists(dump: Members): FoundAccount {
  const collector = new AccountCollector()
  collector.add('user', dump.user)
  for (const name of ['keychain', 'spaces', 'boards', 'notes']) {
    const list = dump[name]
    if (Array.isArray(list)) for (const object of list) collector.add(name, object)
  }
  return collector.account()
}
