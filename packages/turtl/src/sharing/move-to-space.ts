/**
 * Moving boards and notes to another space (turtl §5.6). The original leaves them their keys: members of the old space, who
 * have seen those, can read what is written later, if the ciphertext reaches them. Here they may get new ones.
 */
import { HoldfastError, textOf } from '@holdfast/base'
import type { TurtlAccount } from '../account'
import type { TurtlStore } from '../store'
import { LiveState } from './live-state'
import { type Moved, type MoveWorld, moveObjects } from './move-objects'
import { refusePendingChanges } from './pending-changes'
import { type Permission, refuseUnlessPermitted } from './permissions'

export interface SpaceMoveWorld extends MoveWorld {
  /** Where the device keeps the account: for changes that have to be sent first. */
  readonly store: TurtlStore
}

export interface SpaceMove {
  /** With every note in them. */
  readonly boardIds?: readonly string[]
  /** By themselves: out of their boards, unless those go along. */
  readonly noteIds?: readonly string[]
  readonly to: string
  /** `new`: members of the old space can read nothing that is written from now on. `kept`: as the original does. */
  readonly keys: 'new' | 'kept'
}

/**
 * Moves objects on the server; the device sees it with its next sync. A call that failed is made again.
 *
 * @throws {HoldfastError} `permission_denied`, `not_found`, `pending_changes`, and the client's codes.
 * @example
 * ```ts
 * await moveToSpace(world, { boardIds: [boardId], to: familySpaceId, keys: 'new' })
 * ```
 */
export async function moveToSpace(world: SpaceMoveWorld, { boardIds = [], noteIds = [], to, keys }: SpaceMove): Promise<Moved> {
  const state = await LiveState.fetch(world)
  const absent = [...boardIds.filter((id) => !state.boards.has(id)), ...noteIds.filter((id) => !state.notes.has(id))]
  if (absent[0] !== undefined) throw missing(absent[0])
  const all = (of: LiveState) => [...boardsNamed(of, boardIds), ...notesNamed(of, boardIds, noteIds)]
  const elsewhere = (of: LiveState) => all(of).filter(({ space_id }) => textOf(space_id) !== to)
  for (const source of new Set(elsewhere(state).map(({ space_id }) => textOf(space_id)))) await refusePendingChanges(world.store, source)

  const lone = notesNamed(state, [], noteIds).filter(
    ({ space_id, board_id }) => textOf(space_id) !== to && !boardIds.includes(textOf(board_id)),
  )
  const account = state.open(lone.map(({ id }) => id))
  try {
    for (const { id, space_id } of elsewhere(state)) refuseMove(account, state.boards.has(id) ? 'board' : 'note', textOf(space_id), to)
    await takeOutOfBoards(state, account)
  } finally {
    account.wipe()
  }
  return moveObjects(world, state, {
    to,
    rekey: keys === 'new' ? 'everything' : 'nothing',
    waiting: (current) => elsewhere(current).map(({ id }) => id),
    stale: () => [],
    // What an earlier call has moved already gets a new key in this one: nothing has to be remembered.
    pending: keys === 'new' ? all(state).map(({ id }) => id) : [],
    remember: async () => {},
  })
}

const boardsNamed = ({ boards }: LiveState, boardIds: readonly string[]) => boardIds.flatMap((id) => boards.get(id) ?? [])

const notesNamed = ({ notes }: LiveState, boardIds: readonly string[], noteIds: readonly string[]) =>
  [...notes.values()].filter(({ id, board_id }) => noteIds.includes(id) || boardIds.includes(textOf(board_id)))

/** Out of the one space and into the other (turtl §5.6). */
function refuseMove(account: TurtlAccount, kind: 'board' | 'note', from: string, to: string): void {
  const refuse = (spaceId: string, permission: Permission) => {
    const space = account.spaces.get(spaceId)
    if (!space) throw missing(spaceId)
    refuseUnlessPermitted(space, account.user.id, permission)
  }
  refuse(from, `delete-${kind}`)
  refuse(to, `add-${kind}`)
}

/**
 * Before they move: the server keeps a note's board when it moves, and would keep one that is in another space. A note for
 * which this is refused moves all the same; readers take a board that is not there for none.
 */
async function takeOutOfBoards(state: LiveState, account: TurtlAccount): Promise<void> {
  const inBoards = [...account.notes.values()].filter(({ board_id }) => board_id !== null)
  const { changes } = await account.saveNotes(inBoards.map((note) => ({ ...note, board_id: null })))
  if (changes.length === 0) return
  await state.send(changes)
  await state.refresh()
}

const missing = (id: string) => new HoldfastError('not_found', `not moved: ${id} is nowhere this account can look; sync first`)
