/**
 * What becomes of an object that has changed on the server, against what is waiting here to be sent, and against what was
 * sent before and is gone now (turtl §6.9). The server compares nothing and keeps no history: the last write wins, whole.
 * So it is compared here, by the version every edit carries (`versionOf`):
 *
 * - A change that has arrived, though its answer was lost, is taken off the queue.
 * - Only one side changed the content, or only the place: both hold.
 * - Both changed the content of a note: the server's stays, the other is kept beside it as a note of its own, "… (conflict)",
 *   which reaches every device and client, with the attachment of that version. Of two titles of a space or board, both are
 *   kept in one.
 * - An edit beats a deletion: what was edited here and deleted there is added again, and the other way round.
 * - What was edited and lies in a space that is gone is kept in a space of one's own.
 * - A write that was acknowledged and then overwritten by somebody who had not seen it is found in the same way. Who
 *   overwrote without carrying a version (the original client) is held to have seen it, unless that happened before its
 *   author read the log again.
 * - A deletion carries no version. Within four minutes after an edit, by the server's clock, it may have been on its way
 *   already, and the author of the edit takes it as a deletion of something else; later it is held to have seen the edit.
 * - The server takes the wrapped keys of an edit, but not its space. So an edit that crosses a move leaves the object in the
 *   new space under the key of the old one: whoever can open it wraps it by the space it is in.
 *
 * Nothing is written here: the outcome is a plan.
 */
import { isObject, textOf } from '@holdfast/base'
import type { TurtlAccount } from '../account'
import type { Board } from '../models/board'
import type { Note } from '../models/note'
import type { Space } from '../models/space'
import type { SyncRecord } from '../models/sync-record'
import { covers, joinVersions, type Version, versionOf, withoutVersion, withVersion } from '../models/version'
import { mayDo, roleIn } from '../sharing/permissions'
import type { Conflict, ObjectTable, Written } from '../store'
import { type Incoming, keyOf, type Touched } from './incoming'
import type { ServerState } from './server-state'

export type Kind = 'space' | 'board' | 'note'
export type Model = Space | Board | Note

export interface Sides {
  /** What the server was known to hold. */
  readonly before: ServerState
  readonly incoming: Incoming
  readonly queue: readonly SyncRecord[]
  /** By `<kind>:<id>`. */
  readonly written: ReadonlyMap<string, Written>
  /** Opened: the same two states, and what this device shows. */
  readonly old: TurtlAccount
  readonly now: TurtlAccount
  /** But for deletions of spaces, so that what waits in them can be compared. */
  readonly local: TurtlAccount
}

/** In `save` an object stays itself, in `copy` it becomes a note of its own, in `rescue` it goes into a space of one's own. */
export interface Step {
  readonly do: 'save' | 'copy' | 'rescue'
  readonly kind: Kind
  readonly model: Model
}

export interface Plan {
  /** Ids of records that are not to be sent any more. */
  readonly dropped: ReadonlySet<string>
  readonly steps: readonly Step[]
  readonly conflicts: readonly Pick<Conflict, 'what' | 'kind' | 'itemId'>[]
}

/** Twice what a request to send may take: whoever compares and then sends has sent by then. */
export const UNSEEN_MS = 240_000

const KINDS: readonly string[] = ['space', 'board', 'note'] satisfies Kind[]
const isKind = (type: string): type is Kind => KINDS.includes(type)

export function reconcile(sides: Sides): Plan {
  const plan = new Reconciliation(sides)
  plan.undoDeletionsOfWhatChanged()
  for (const touched of sides.incoming.touched.values()) plan.settle(touched)
  plan.settleWhatHasNoSpace()
  for (const touched of sides.incoming.touched.values()) plan.wrapByItsSpace(touched)
  return plan
}

class Reconciliation implements Plan {
  readonly dropped = new Set<string>()
  readonly steps: Step[] = []
  readonly conflicts: Pick<Conflict, 'what' | 'kind' | 'itemId'>[] = []
  readonly #sides: Sides
  /** Spaces whose deletion waits, or has just arrived. */
  readonly #deletedHere: Set<string>

  constructor(sides: Sides) {
    this.#sides = sides
    this.#deletedHere = new Set(
      sides.queue.flatMap(({ type, action, item_id }) => (type === 'space' && action === 'delete' ? [item_id] : [])),
    )
  }

  settle(touched: Touched): void {
    const { kind, id } = touched
    const { before, incoming } = this.#sides
    const [was, is] = [before[kind].get(id), incoming.state[kind].get(id)]
    const chain = this.#waiting(kind, id)
    if (!isKind(kind)) {
      // Entries are the same under the same id; what is sealed anew after a password change is the newer.
      if (kind === 'keychain' && is) this.#drop(chain.filter(({ action }) => action === 'add'))
      return
    }
    const arrived = arrivedOf(chain, was, is)
    this.#drop(arrived)
    const waiting = chain.slice(arrived.length)
    if (waiting.length > 0) this.#meet(kind, id, waiting)
    else if (arrived.length === 0) this.#checkOverwritten(kind, touched)
  }

  /** Changes that wait, against what the server has now. */
  #meet(kind: Kind, id: string, waiting: readonly SyncRecord[]): void {
    const { before, incoming } = this.#sides
    const [was, is] = [before[kind].get(id), incoming.state[kind].get(id)]
    const [rm, vm, lm] = this.#models(kind, id)
    if (waiting.at(-1)?.action === 'delete') {
      const isSame = is && was && (is.body === was.body || (rm && vm && (isSameContent(rm, vm) || isOlder(vm, rm))))
      if (is && !isSame) this.#undoDeletion(kind, id)
      return
    }
    if (!lm) return
    if (this.#deletedHere.has(spaceOf(lm)) && kind !== 'space') {
      // It goes with its space, wherever it is; unless it has been taken out of it.
      if (!is || is.space_id !== spaceOf(lm)) this.#drop(waiting)
      return
    }
    if (!is) {
      this.#drop(waiting)
      this.#keep(kind, lm)
      return
    }
    if (was && was.body === is.body && placeOf(was) === placeOf(is)) return
    if (!vm) {
      this.#drop(waiting)
      this.#copy(kind, lm)
      return
    }
    this.#merge(kind, waiting, { rm, vm, lm })
  }

  #merge(kind: Kind, waiting: readonly SyncRecord[], { rm, vm, lm }: { rm: Model | undefined; vm: Model; lm: Model }): void {
    const [vr, vv, vl] = [versionOf(rm?.data), versionOf(vm.data), versionOf(lm.data)]
    const isSamePlace = placeOf(vm) === placeOf(lm)
    // A move is no version of its own.
    const isVersion = !vr || !vl || !covers(vr, vl)
    if (isVersion && vv && vl && covers(vl, vv) && (isSamePlace || (rm && placeOf(rm) === placeOf(vm)))) return
    this.#drop(waiting)
    if (isVersion && vv && vl && covers(vv, vl)) return
    const hasLocal = !rm || !isSameContent(rm, lm)
    const hasRemote = !rm || (!isSameContent(rm, vm) && !isOlder(vm, rm))
    if (hasLocal && hasRemote && !isSameContent(lm, vm)) {
      this.#bothChanged(kind, vm, lm)
      return
    }
    // What was to be moved here was overwritten there, by somebody who had not seen it.
    if (rm && !hasLocal && hasRemote && vr && vv && !covers(vv, vr)) this.#bothChanged(kind, vm, rm)
    const isMovedThere = rm !== undefined && placeOf(rm) !== placeOf(vm)
    const place = isMovedThere || !this.#isSpaceThere(lm) ? vm : lm
    if (!isSamePlace && isMovedThere && rm && placeOf(rm) !== placeOf(lm)) this.#note('place-lost', kind, vm.id)
    const content = hasLocal || !hasRemote ? lm : vm
    if (isSameContent(content, vm) && placeOf(place) === placeOf(vm)) return
    this.steps.push({ do: 'save', kind, model: { ...place, id: vm.id, data: withVersion(content.data, joinVersions(vv, vl)) } as Model })
  }

  /** Nothing waits: was what the server had overwritten, or removed, by somebody who had not seen it? */
  #checkOverwritten(kind: Kind, { id, syncId, at }: Touched): void {
    const { before, incoming, written } = this.#sides
    const [was, is] = [before[kind].get(id), incoming.state[kind].get(id)]
    const [rm, vm] = this.#models(kind, id)
    if (!was || !rm || was.body === is?.body) return
    const own = written.get(keyOf(kind, id))
    const isAfterOwn = own !== undefined && isLater(syncId, own.syncIds)
    if (!is) {
      if (isAfterOwn && mayHaveCrossed(own, at, incoming) && kind !== 'space') this.#keep(kind, rm)
      return
    }
    const [vr, vv] = [versionOf(rm.data), versionOf(vm?.data)]
    if (vm && isSameContent(rm, vm)) return
    if (!vm || !vv || !vr) {
      if (isAfterOwn && own.at === undefined) this.#bothChanged(kind, vm, rm)
      return
    }
    if (covers(vv, vr) || !this.#mayWrite(kind, vm)) return
    if (covers(vr, vv)) this.steps.push({ do: 'save', kind, model: { ...vm, data: rm.data } as Model })
    else this.#bothChanged(kind, vm, rm)
  }

  /** A space that is being deleted here, while something in it was added or changed there, stays. */
  undoDeletionsOfWhatChanged(): void {
    const { incoming, before } = this.#sides
    for (const { kind, id } of this.#deletedHere.size > 0 ? incoming.touched.values() : []) {
      if (kind !== 'note' && kind !== 'board') continue
      const [was, is] = [before[kind].get(id), incoming.state[kind].get(id)]
      const spaceId = textOf(is?.space_id)
      if (!is || !this.#deletedHere.has(spaceId) || (is.body === was?.body && is.space_id === was?.space_id)) continue
      // One's own change, whose answer was lost; unless somebody has moved it here since.
      if (this.#waiting(kind, id).some(({ data }) => data.body === is.body && data.space_id === is.space_id)) continue
      this.#deletedHere.delete(spaceId)
      this.#undoDeletion('space', spaceId)
    }
  }

  /** What waits for a space that is gone, or was to go through one, whoever deleted it. */
  settleWhatHasNoSpace(): void {
    const { queue, incoming, local, now } = this.#sides
    for (const { id, type, item_id, action } of queue) {
      if ((type !== 'board' && type !== 'note') || action === 'delete' || this.dropped.has(id)) continue
      const model = heldBy(local, type).get(item_id)
      const waiting = this.#waiting(type, item_id)
      const isDetour = waiting.some(
        ({ action, data }) => (action === 'add' || action === 'move-space') && !this.#isThere(textOf(data.space_id)),
      )
      if (!model || (this.#isSpaceThere(model) && !isDetour)) continue
      this.#drop(waiting)
      if (this.#deletedHere.has(spaceOf(model))) continue
      const vm = incoming.state[type].has(item_id) ? heldBy(now, type).get(item_id) : undefined
      const data = withVersion(model.data, joinVersions(versionOf(vm?.data), versionOf(model.data)))
      if (this.#isSpaceThere(model)) this.steps.push({ do: 'save', kind: type, model: { ...model, data } as Model })
      else if (!vm) this.#rescue(type, model)
      else {
        this.#note('place-lost', type, item_id)
        if (!isSameContent(vm, model)) this.steps.push({ do: 'save', kind: type, model: { ...vm, data } as Model })
      }
    }
  }

  /** What a plan or a waiting change seals anew is wrapped by that. */
  wrapByItsSpace({ kind, id }: Touched): void {
    if ((kind !== 'note' && kind !== 'board') || !this.#sides.incoming.state[kind].has(id)) return
    const model = heldBy(this.#sides.now, kind).get(id)
    if (!model || model.keys.some((key) => 's' in key && key.s === spaceOf(model))) return
    const isSaved = this.steps.some((step) => step.do === 'save' && step.model.id === id) || this.#waiting(kind, id).length > 0
    const isOpen = this.#sides.now.spaces.has(spaceOf(model)) && !this.#deletedHere.has(spaceOf(model))
    if (!isSaved && isOpen && this.#mayWrite(kind, model)) this.steps.push({ do: 'save', kind, model })
  }

  #bothChanged(kind: Kind, vm: Model | undefined, lost: Model): void {
    if (kind === 'note' || !vm) {
      this.#copy(kind, lost)
      return
    }
    this.#note('edited-twice', kind, vm.id)
    const title = mergeTitles((vm as Space | Board).data.title, (lost as Space | Board).data.title)
    const version = joinVersions(versionOf(vm.data), versionOf(lost.data))
    this.steps.push({ do: 'save', kind, model: { ...vm, data: withVersion({ ...vm.data, title }, version) } as Model })
  }

  #copy(kind: Kind, model: Model): void {
    if (kind === 'space') {
      this.#note('edited-twice', kind, model.id)
      return
    }
    if (kind === 'note' && this.#isSpaceThere(model) && this.#mayWrite('note', model)) {
      this.#note('edited-twice', kind, model.id)
      this.steps.push({ do: 'copy', kind, model })
    } else this.#rescue(kind, model)
  }

  /** Deleted there, edited here. */
  #keep(kind: Kind, model: Model): void {
    if (kind !== 'space' && !(this.#isSpaceThere(model) && this.#mayWrite(kind, model))) {
      this.#rescue(kind, model)
      return
    }
    this.#note('edited-and-deleted', kind, model.id)
    if (kind !== 'space') this.steps.push({ do: 'save', kind, model })
  }

  #rescue(kind: Kind, model: Model): void {
    this.#note('place-lost', kind, model.id)
    this.steps.push({ do: 'rescue', kind, model })
  }

  /** With that of a space go those of its keychain entries. */
  #undoDeletion(kind: Kind, id: string): void {
    this.#drop(this.#waiting(kind, id))
    this.#note('edited-and-deleted', kind, id)
    if (kind !== 'space') return
    const entries = [...this.#sides.before.keychain.values()].filter(({ item_id }) => textOf(item_id) === id)
    for (const entry of entries) this.#drop(this.#waiting('keychain', textOf(entry.id)).filter(({ action }) => action === 'delete'))
  }

  /** That a note's file is removed is a part of the edit that follows. */
  #waiting(kind: ObjectTable, id: string): readonly SyncRecord[] {
    const isOf = (type: string) => type === kind || (kind === 'note' && type === 'file')
    return this.#sides.queue.filter((record) => isOf(record.type) && record.item_id === id && !this.dropped.has(record.id))
  }

  #models(kind: Kind, id: string): readonly [Model | undefined, Model | undefined, Model | undefined] {
    const { old, now, local } = this.#sides
    return [heldBy(old, kind).get(id), heldBy(now, kind).get(id), heldBy(local, kind).get(id)]
  }

  #isSpaceThere = (model: Model): boolean => this.#isThere(spaceOf(model))

  /** On the server, or about to be. */
  #isThere(id: string): boolean {
    return this.#sides.incoming.state.space.has(id) || this.#waiting('space', id).some(({ action }) => action === 'add')
  }

  #mayWrite(kind: Kind, model: Model): boolean {
    const { now, local } = this.#sides
    const space = now.spaces.get(spaceOf(model)) ?? local.spaces.get(spaceOf(model))
    const role = space && roleIn(space, now.user.id)
    return role !== undefined && mayDo(role, `edit-${kind}`)
  }

  #drop(records: readonly SyncRecord[]): void {
    for (const { id } of records) this.dropped.add(id)
  }

  #note(what: Conflict['what'], kind: Kind, itemId: string): void {
    this.conflicts.push({ what, kind, itemId })
  }
}

/** By the server's clock; `undefined` as long as the log has not said. */
export function timeOf({ at, syncIds }: Written, { times }: Incoming): number | undefined {
  return at ?? syncIds.flatMap((id) => times.get(id) ?? []).at(-1)
}

/** Whether a deletion that was logged at that time may have been on its way already when this was written. */
export function mayHaveCrossed(own: Written, at: number | undefined, incoming: Incoming): boolean {
  const writtenAt = timeOf(own, incoming)
  return at === undefined || writtenAt === undefined || at - writtenAt <= UNSEEN_MS
}

export const heldBy = (account: TurtlAccount, kind: Kind): ReadonlyMap<string, Model> =>
  ({ space: account.spaces, board: account.boards, note: account.notes })[kind]

/** How many of the records that wait, from the first, the server has done already. */
function arrivedOf(
  chain: readonly SyncRecord[],
  was: object | undefined,
  is: { readonly body?: unknown; readonly space_id?: unknown } | undefined,
): readonly SyncRecord[] {
  if (!is) return chain.at(-1)?.action === 'delete' ? chain : []
  for (let i = chain.length - 1; i >= 0; i--) {
    const { action, data } = chain[i] as SyncRecord
    if ((action === 'add' || action === 'edit') && data.body === is.body) return chain.slice(0, i + 1)
  }
  const [first] = chain
  const isMoved = first?.action === 'move-space' && first.data.space_id === is.space_id
  return isMoved && (was as { space_id?: unknown } | undefined)?.space_id !== is.space_id ? [first] : []
}

const spaceOf = (model: Model) => ('space_id' in model ? model.space_id : model.id)
const placeOf = (model: object): string => {
  const { space_id = '', board_id = '' } = model as { space_id?: string; board_id?: string | null }
  return `${space_id}/${board_id ?? ''}`
}

/** Private fields, but for the version. */
const isSameContent = (one: Model, other: Model) => contentOf(one) === contentOf(other)

/** Of whatever anybody wrote, so not by the writer's rules. */
export function contentOf({ data }: Pick<Model, 'data'>): string {
  return JSON.stringify(withoutVersion(data), (_, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  )
}

function isOlder(one: Model, than: Model): boolean {
  const [a, b]: (Version | undefined)[] = [versionOf(one.data), versionOf(than.data)]
  return a !== undefined && b !== undefined && covers(b, a)
}

function mergeTitles(one: string, other: string): string {
  return one === other ? one : `${one} / ${other}`
}

/** Sequence numbers are text of up to 64 bits (trap 14). */
const isLater = (syncId: string, own: readonly string[]): boolean => own.every((id) => BigInt(syncId) > BigInt(id))
