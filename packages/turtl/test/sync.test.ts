/** One device and another at a Turtl server: turtl §6.2–6.9, with what Holdfast does against the weaknesses of §6.9. */
import type { Fetch } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import { createFakeClock, createFaultyFetch, type Fault, seededRandom } from '@holdfast/testkit'
import { makeTurtlServer, type TurtlServer } from '@holdfast/testkit/turtl-server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { encodeSyncRecord, type NoteDraft, openModel, sealModel } from '../src/index'
import { CURSOR } from '../src/store'
import { UNSEEN_MS } from '../src/sync/reconcile'
import { fetchFrom } from './server'
import { type Device, joinAs, makeDevice, type Person } from './two-devices'
import { masterKeyOf } from './world'

const clock = createFakeClock()
let server: TurtlServer
beforeAll(async () => {
  server = await makeTurtlServer({ clock, random: seededRandom('server') })
})
afterAll(() => server.close())

/** Both engines take turns in sync-schedules.test.ts. */
const engine = await init()

describe('two devices', () => {
  let person: Person
  let a: Device
  let b: Device
  let faults: (Fault | undefined)[]
  let home: string
  let work: string

  const connect = (seed: string, of = person) =>
    makeDevice({ engine, fetch: createFaultyFetch(fetchFrom(server), () => faults.shift(), clock), clock, person: of, seed })

  beforeEach(async () => {
    faults = []
    await server.reset()
    person = await joinAs(engine, fetchFrom(server), clock, 'alice@example.com')
    a = await connect('a')
    b = await connect('b')
    const spaces = await a.sync.edit((account) => account.saveSpaces([{ data: { title: 'Home' } }, { data: { title: 'Work' } }]))
    ;[home = '', work = ''] = spaces.objects.map(({ id }) => id)
    await settle(a, b)
  })

  async function settle(...devices: Device[]) {
    for (let i = 0; i < 2; i++) for (const { sync } of devices) expect(await sync.sync()).toMatchObject({ kind: 'synced', waiting: 0 })
  }
  const add = async (device: Device, draft: Partial<NoteDraft> & { title: string }) => {
    const { title, ...rest } = draft
    const { objects } = await device.sync.edit((account) => account.saveNotes([{ space_id: home, data: { type: 'text', title }, ...rest }]))
    return objects[0]?.id ?? ''
  }
  const noteOf = (device: Device, id: string) => {
    const note = device.account.notes.get(id)
    if (!note) throw new Error('the note is there')
    return note
  }
  const rename = (device: Device, id: string, title: string) =>
    device.sync.edit((account) => account.saveNotes([{ ...noteOf(device, id), data: { ...noteOf(device, id).data, title } }]))
  const titles = ({ account }: Device) => [...account.notes.values()].map(({ data }) => data.title).sort()
  const expectBoth = (...expected: string[]) => {
    expect(titles(a)).toEqual(expected.sort())
    expect(titles(b)).toEqual(expected)
  }

  test('show the same: spaces, boards and notes', async () => {
    const board = await a.sync.edit((account) => account.saveBoards([{ space_id: home, data: { title: 'Board' } }]))
    await add(a, { title: 'one', board_id: board.objects[0]?.id ?? null })
    await settle(a, b)
    expectBoth('one')
    expect([...b.account.spaces.values()].map(({ data }) => data.title)).toEqual(['Home', 'Work'])
    expect([...b.account.boards.values()].map(({ data }) => data.title)).toEqual(['Board'])
    await rename(b, [...b.account.notes.keys()][0] ?? '', 'two')
    await settle(b, a)
    expectBoth('two')
    expect(await a.sync.conflicts()).toEqual([])
  })

  test('that both edit a note offline keep both versions, on both', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'by a')
    await rename(b, id, 'by b')
    await settle(a, b)
    expectBoth('by a', 'by b (conflict)')
    expect(await b.sync.conflicts()).toMatchObject([
      { what: 'edited-twice', kind: 'note', itemId: id, copyId: expect.stringMatching(/^[0-9a-f]{80}$/) },
    ])
    expect(await a.sync.conflicts()).toEqual([])
  })

  test('that edit alike have no conflict', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'same')
    await rename(b, id, 'same')
    await settle(a, b)
    expectBoth('same')
    expect(await b.sync.conflicts()).toEqual([])
  })

  test.each(['edit first', 'delete first'])('an edit beats a deletion: %s', async (first) => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'edited')
    await b.sync.edit((account) => account.removeNote(id))
    await (first === 'edit first' ? settle(a, b) : settle(b, a))
    await settle(a, b)
    expectBoth('edited')
    const conflicts = [...(await a.sync.conflicts()), ...(await b.sync.conflicts())]
    expect(conflicts).toMatchObject([{ what: 'edited-and-deleted', itemId: id }])
  })

  test('a deletion of what nobody edited is a deletion', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    clock.advance(UNSEEN_MS + 1)
    await b.sync.edit((account) => account.removeNote(id))
    await settle(b, a)
    expectBoth()
    expect([...(await a.sync.conflicts()), ...(await b.sync.conflicts())]).toEqual([])
  })

  test('a deletion that comes within four minutes of an edit may not have seen it: the edit stays', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'edited')
    const late = b.client.sendChanges([
      encodeSyncRecord('ff', person.user.id, { action: 'delete', type: 'note', item_id: id, data: { id } }),
    ])
    await a.sync.sync()
    await late
    await settle(a, b)
    expectBoth('edited')
    expect(await a.sync.conflicts()).toMatchObject([{ what: 'edited-and-deleted', itemId: id }])
  })

  test('an edit that overwrites one it has not seen is found by the author of that one', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'by a')
    await rename(b, id, 'by b')
    const [record] = await b.sync.pending()
    await a.sync.sync()
    await b.client.sendChanges(record ? [record] : [])
    await settle(a, b)
    expectBoth('by a (conflict)', 'by b')
    expect(await a.sync.conflicts()).toMatchObject([{ what: 'edited-twice', itemId: id }])
  })

  test('an edit that was overwritten unseen is found also while a move of the note waits', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'by a')
    await rename(b, id, 'by b')
    const [record] = await b.sync.pending()
    faults = [undefined, undefined, 'drop-request'] // the look after sending is lost
    await a.sync.sync()
    await b.client.sendChanges(record ? [record] : [])
    await a.sync.edit((account) => account.saveNotes([{ ...noteOf(a, id), space_id: work }]))
    await settle(a, b)
    await settle(a, b)
    expectBoth('by a (conflict)', 'by b')
    for (const device of [a, b]) expect(noteOf(device, id).space_id).toBe(work)
  })

  test('a request that arrives once more, after a later edit, does not bring back the older version', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'first')
    const records = await a.sync.pending()
    await settle(a, b)
    await rename(b, id, 'second')
    await settle(b, a)
    await a.client.sendChanges(records)
    await settle(a, b)
    expectBoth('second')
    expect([...(await a.sync.conflicts()), ...(await b.sync.conflicts())]).toEqual([])
  })

  test.each(['edit first', 'move first'])('a move and an edit both hold: %s', async (first) => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'edited')
    await b.sync.edit((account) => account.saveNotes([{ ...noteOf(b, id), space_id: work }]))
    await (first === 'edit first' ? settle(a, b) : settle(b, a))
    await settle(a, b)
    expectBoth('edited')
    for (const device of [a, b]) expect(noteOf(device, id)).toMatchObject({ space_id: work, keys: [{ s: work }] })
    expect([...(await a.sync.conflicts()), ...(await b.sync.conflicts())]).toEqual([])
  })

  test('an edit that crosses a move keeps the keys of the old space: its author wraps it by the new one, and all devices can open it', async () => {
    const id = await add(a, { title: 'note', space_id: work })
    await settle(a, b)
    await rename(b, id, 'edited')
    const edit = await b.sync.pending()
    await a.sync.edit((account) => account.saveNotes([{ ...noteOf(a, id), space_id: home }]))
    await a.sync.edit((account) => account.removeSpace(work))
    await settle(a)
    await b.client.sendChanges(edit)
    await settle(b, a)
    expectBoth('edited')
    const fresh = await connect('fresh')
    await settle(fresh)
    for (const device of [a, b, fresh]) expect(noteOf(device, id)).toMatchObject({ space_id: home, keys: [{ s: home }] })
  })

  test('such an edit is also wrapped by the device that is about to delete the old space', async () => {
    const id = await add(a, { title: 'note', space_id: work })
    await settle(a, b)
    await rename(b, id, 'edited')
    await a.sync.edit((account) => account.saveNotes([{ ...noteOf(a, id), space_id: home }]))
    await a.client.sendChanges(await a.sync.pending())
    await a.sync.edit((account) => account.removeSpace(work))
    await b.client.sendChanges(await b.sync.pending())
    await settle(a)
    expect(titles(a)).toEqual(['edited'])
    await settle(b)
    expectBoth('edited')
    expect([...(await a.sync.conflicts()), ...(await b.sync.conflicts())]).toEqual([])
  })

  test('an edit of a note whose space is deleted elsewhere is kept in another space', async () => {
    const id = await add(a, { title: 'note', space_id: work })
    await settle(a, b)
    clock.advance(UNSEEN_MS + 1)
    await rename(a, id, 'edited')
    await b.sync.edit((account) => account.removeSpace(work))
    await settle(b, a)
    await settle(a, b)
    expectBoth('edited')
    expect(await a.sync.conflicts()).toMatchObject([{ what: 'place-lost', itemId: id }])
    expect([...a.account.notes.values()]).toMatchObject([{ space_id: home }])
  })

  test('a note added to a space that was being deleted unseen is kept in another space', async () => {
    await add(a, { title: 'note', space_id: work })
    faults = [undefined, undefined, 'drop-request'] // the look after sending is lost
    await a.sync.sync()
    await b.client.sendChanges([
      encodeSyncRecord('ff', person.user.id, { action: 'delete', type: 'space', item_id: work, data: { id: work } }),
    ])
    await settle(a, b)
    expectBoth('note')
    expect([...b.account.notes.values()]).toMatchObject([{ space_id: home }])
  })

  test('a space is not deleted while something new is in it', async () => {
    await add(a, { title: 'note', space_id: work })
    await b.sync.edit((account) => account.removeSpace(work))
    await settle(a, b)
    await settle(a, b)
    expectBoth('note')
    expect(b.account.spaces.has(work)).toBe(true)
    expect(await b.sync.conflicts()).toMatchObject([{ what: 'edited-and-deleted', kind: 'space', itemId: work }])
  })

  test('a space is not deleted while a note was moved into it, also when the last edit of that note is of this device', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(b, id, 'edited')
    faults = [undefined, 'drop-answer']
    await b.sync.sync()
    await a.sync.edit((account) => account.saveNotes([{ ...noteOf(a, id), space_id: work }]))
    await a.client.sendChanges(await a.sync.pending())
    await b.sync.edit((account) => account.removeSpace(work))
    await settle(b, a)
    expectBoth('edited')
    expect(noteOf(b, id).space_id).toBe(work)
    expect(await b.sync.conflicts()).toMatchObject([{ what: 'edited-and-deleted', kind: 'space', itemId: work }])
  })

  test('two titles of a space become one', async () => {
    for (const [device, title] of [
      [a, 'A'],
      [b, 'B'],
    ] as const)
      await device.sync.edit((account) => account.saveSpaces([{ id: home, data: { title } }]))
    await settle(a, b)
    for (const { account } of [a, b]) expect(account.spaces.get(home)?.data.title).toBe('A / B')
  })

  test('an edit whose answer was lost is not made twice', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(a, id, 'edited')
    faults = [undefined, 'drop-answer']
    expect(await a.sync.sync()).toMatchObject({ kind: 'unreachable' })
    await rename(b, id, 'by b').catch(() => undefined)
    await settle(a, b)
    expect(await a.sync.pending()).toEqual([])
    expect(titles(a)).toEqual(titles(b))
  })

  test('an older draft is refused, and can be saved beside', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    const draft = noteOf(a, id)
    await rename(b, id, 'by b')
    await settle(b, a)
    const saving = a.sync.edit((account) => account.saveNotes([{ ...draft, data: { ...draft.data, title: 'by a' } }]))
    await expect(saving).rejects.toMatchObject({ code: 'stale_draft' })
    expectBoth('by b')
  })

  test('nothing is asked of the server again once it refuses the login', async () => {
    await add(a, { title: 'unsent' })
    let requests = 0
    const device = await makeDevice({
      engine,
      fetch: async (url, init) => {
        requests++
        return fetchFrom(server)(url, init)
      },
      clock,
      person: { ...person, auth: 'of yesterday' },
      seed: 'c',
    })
    for (let i = 0; i < 3; i++) expect(await device.sync.sync()).toMatchObject({ kind: 'stopped', cause: { code: 'turtl_login_failed' } })
    expect(requests).toBe(1)
  })

  test('a file goes up from one and comes down to the other', async () => {
    const id = await add(a, { title: 'note' })
    await a.sync.attach(id, { name: 'a.txt', type: 'text/plain' }, new Uint8Array([1, 2, 3]))
    await settle(a, b)
    expect(await b.sync.loadFile(id)).toEqual(new Uint8Array([1, 2, 3]))
    expect(noteOf(b, id)).toMatchObject({ has_file: true, data: { file: { name: 'a.txt' } } })
    expect(await a.sync.transfers()).toEqual([])
  })

  const attach = (device: Device, id: string, ...bytes: number[]) => device.sync.attach(id, { name: 'a.bin' }, new Uint8Array(bytes))
  const filesOf = async ({ account, sync }: Device) => {
    const files: Record<string, number[] | undefined> = {}
    for (const { id, data } of account.notes.values()) files[data.title ?? ''] = await sync.loadFile(id).then((file) => file && [...file])
    return files
  }
  const expectFiles = async (devices: readonly Device[], expected: Record<string, number[] | undefined>) => {
    for (const device of devices) expect(await filesOf(device)).toEqual(expected)
    for (const { sync } of devices) expect(await sync.transfers()).toEqual([])
  }

  test('that both attach a file to a note keep both, each with the version that names it, also under the same name', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await attach(a, id, 1)
    await attach(b, id, 2)
    await settle(a, b)
    const fresh = await connect('fresh')
    await settle(fresh)
    await expectFiles([a, b, fresh], { note: [1], 'note (conflict)': [2] })
    expect(await b.sync.conflicts()).toMatchObject([{ what: 'edited-twice', itemId: id }])
  })

  test('a file that replaces one stays, though the upload of the older comes later', async () => {
    const id = await add(a, { title: 'note' })
    await attach(a, id, 1)
    const older = await a.store.loadAttachment(id)
    await settle(a, b)
    await attach(b, id, 2)
    await settle(b, a)
    await a.client.uploadAttachment(id, older ?? new Uint8Array())
    await settle(a, b)
    const fresh = await connect('fresh')
    await settle(a, fresh)
    await expectFiles([a, b, fresh], { note: [2] })
  })

  test('a file that has been replaced elsewhere is not uploaded any more', async () => {
    const id = await add(a, { title: 'note' })
    await attach(a, id, 1)
    faults = [undefined, undefined, undefined, 'drop-request'] // the upload
    await a.sync.sync()
    await settle(b)
    await attach(b, id, 2)
    await settle(b, a)
    await expectFiles([a, b], { note: [2] })
  })

  test('a file that is attached while an older one is on its way goes out after it', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    const device = await makeInterrupted(async (device, method) => {
      if (method === 'PUT' && (await filesOf(device)).note?.[0] === 1) await attach(device, id, 2)
    })
    await settle(device)
    await attach(device, id, 1)
    await device.sync.sync()
    await settle(device, b)
    await expectFiles([device, b], { note: [2] })
  })

  /** A third device, on which something happens between the answer to a request and its hearing of it. */
  async function makeInterrupted(happen: (device: Device, method: string | undefined, url: string) => Promise<void>): Promise<Device> {
    const fetch: Fetch = async (url, init) => {
      const answer = await fetchFrom(server)(url, init)
      await happen(device, init?.method, url)
      return answer
    }
    const device = await makeDevice({ engine, fetch, clock, person, seed: 'c' })
    return device
  }

  test('a file that is attached while an older one comes down is not overwritten by it', async () => {
    const id = await add(a, { title: 'note' })
    await attach(a, id, 1)
    await settle(a)
    const device = await makeInterrupted(async (device, method, url) => {
      if (url.endsWith('/attachment') && method === 'GET' && !(await filesOf(device)).note) await attach(device, id, 2)
    })
    await device.sync.sync()
    await settle(device, a)
    await expectFiles([device, a], { note: [2] })
  })

  test('a file that is removed here and replaced there stays; the version without it is kept beside', async () => {
    const id = await add(a, { title: 'note' })
    await attach(a, id, 1)
    await settle(a, b)
    await a.sync.edit((account) => account.removeAttachment(id))
    await attach(b, id, 2)
    await settle(b, a)
    await settle(a, b)
    await expectFiles([a, b], { note: [2], 'note (conflict)': undefined })
  })

  test('a file that was attached and uploaded comes back when a removal that had not seen it takes it away', async () => {
    const id = await add(a, { title: 'note' })
    await attach(a, id, 1)
    await settle(a, b)
    await a.sync.edit((account) => account.removeAttachment(id))
    await attach(b, id, 2)
    await settle(b)
    await rename(b, id, 'by b')
    await a.client.sendChanges(await a.sync.pending())
    await b.client.sendChanges(await b.sync.pending())
    await settle(b, a)
    await settle(b, a)
    await expectFiles([a, b], { 'by b': [2], 'note (conflict)': undefined })
  })

  test('a full sync brings the files that are not here, of notes that have not changed too', async () => {
    const id = await add(a, { title: 'note' })
    await attach(a, id, 1)
    await settle(a, b)
    await b.store.transact((tx) => {
      tx.removeAttachment(id)
      tx.remove('value', CURSOR)
    })
    await settle(b)
    await expectFiles([b], { note: [1] })
  })

  test('a file goes with its note into another space, while the note is edited elsewhere', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await a.sync.edit((account) => account.saveNotes([{ ...noteOf(a, id), space_id: work }]))
    await attach(b, id, 1)
    await settle(a, b)
    await settle(a, b)
    await expectFiles([a, b], { note: [1] })
    expect(noteOf(a, id).space_id).toBe(work)
  })

  test('a note that is deleted while a file is attached to it elsewhere comes back with the file', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await attach(a, id, 1)
    await b.sync.edit((account) => account.removeNote(id))
    await settle(b, a)
    await settle(b, a)
    await expectFiles([a, b], { note: [1] })
  })

  test('the copy of a note whose file is not here yet gets it when it comes', async () => {
    const id = await add(a, { title: 'note' })
    await attach(a, id, 1)
    await settle(a)
    faults = [undefined, undefined, 'drop-request'] // the download
    await b.sync.sync()
    await rename(a, id, 'by a')
    await rename(b, id, 'by b')
    await settle(a, b)
    await settle(b, a)
    await expectFiles([a, b], { 'by a': [1], 'by b (conflict)': [1] })
  })

  test('a change of the password elsewhere stops it; over the same store it goes on with the new one, and nothing is lost', async () => {
    const id = await add(a, { title: 'note' })
    await settle(a, b)
    await rename(b, id, 'by b, unsent')
    await rename(a, id, 'by a')
    await settle(a)
    const changed = await changePassword(a, 2)
    expect(await b.sync.sync()).toMatchObject({ kind: 'stopped', cause: { code: 'turtl_login_failed' } })
    const again = await makeDevice({ engine, fetch: fetchFrom(server), clock, person: changed, seed: 'b again', store: b.store })
    for (let i = 0; i < 2; i++) expect(await again.sync.sync()).toMatchObject({ kind: 'synced', waiting: 0 })
    expect(titles(again)).toEqual(['by a', 'by b, unsent (conflict)'])
    expect(again.account.unreadable).toEqual([])
  })

  /** As turtl §6.7 has it: user and keychain under another master key. */
  async function changePassword({ account, client, store }: Device, fill: number): Promise<Person> {
    const body = (of: Parameters<typeof sealModel>[1], model: never) => sealModel(engine, of, model, masterKeyOf(fill).expose())
    const entries = await store.transact((tx) => tx.list('keychain'))
    const keychain = entries.map((entry) =>
      body('keychain', openModel(engine, 'keychain', entry, masterKeyOf(person.fill).expose()) as never),
    )
    const auth = `b${fill}`
    await client.changePassword(account.user.id, { user: body('user', account.user as never), auth, keychain })
    return { ...person, auth, fill }
  }

  test('one of yesterday that opens no more is not sent from; one that is not of this user is refused', async () => {
    const other = await joinAs(engine, fetchFrom(server), clock, 'bob@example.com', 3)
    const opening = makeDevice({ engine, fetch: fetchFrom(server), clock, person: other, seed: 'x', store: a.store })
    await expect(opening).rejects.toMatchObject({ code: 'another_account' })
  })

  test('an attachment that was damaged on its way is not kept, and one that is gone is not asked for again (§6.6)', async () => {
    const id = await add(a, { title: 'note' })
    await a.sync.attach(id, { name: 'a' }, new Uint8Array([1]))
    await settle(a)
    await a.client.uploadAttachment(id, new Uint8Array(40))
    await b.sync.sync()
    expect(await b.sync.transfers()).toMatchObject([
      { direction: 'download', noteId: id, errcount: 1, reason: expect.stringMatching(/unsupported|auth_failed|noncanonical/) },
    ])
    expect(await b.sync.loadFile(id)).toBeUndefined()
    await a.sync.edit((account) => account.removeAttachment(id))
    await settle(a, b)
    expect(await b.sync.transfers()).toEqual([])
  })

  test('a refused attachment holds up no other (§9)', async () => {
    const [first, second] = [await add(a, { title: '1' }), await add(a, { title: '2' })]
    await settle(a, b)
    const refusing: Fetch = (url, init) =>
      url.includes(`${first}/attachment`)
        ? Promise.resolve(Response.json({ error: { message: 'guest' } }, { status: 403 }))
        : fetchFrom(server)(url, init)
    const guest = await makeDevice({ engine, fetch: refusing, clock, person, seed: 'guest' })
    await a.sync.attach(first, { name: 'a' }, new Uint8Array([1]))
    await settle(a)
    await guest.sync.sync()
    await guest.sync.attach(second, { name: 'b' }, new Uint8Array([2]))
    await settle(guest, a)
    expect(await guest.sync.transfers()).toMatchObject([{ noteId: first, frozen: true, reason: 'turtl_rejected' }])
    expect(await a.sync.loadFile(second)).toEqual(new Uint8Array([2]))
    await guest.sync.unfreeze()
    expect(await guest.sync.transfers()).toMatchObject([{ frozen: false, errcount: 0 }])
  })

  test('runs by itself: edits go out at once, failures are waited out longer and longer, and it ends when told', async () => {
    const sleeps: number[] = []
    const stop = new AbortController()
    faults = Array.from({ length: 4 }, (): Fault => 'drop-request')
    const tick = () => new Promise((resolve) => setImmediate(resolve))
    const patient = {
      ...clock,
      sleep: async (ms: number) => {
        sleeps.push(ms)
        await tick()
      },
    }
    const device = await makeDevice({
      engine,
      fetch: createFaultyFetch(fetchFrom(server), () => faults.shift()),
      clock: patient,
      person,
      seed: 'c',
    })
    const running = device.sync.run(stop.signal)
    while (!device.account.spaces.has(home)) await tick()
    sleeps.slice(0, 4).forEach((ms, i) => {
      expect(ms).toBeGreaterThanOrEqual(500 * 2 ** i)
      expect(ms).toBeLessThanOrEqual(1000 * 2 ** i)
    })
    await add(device, { title: 'by itself' })
    while ((await device.sync.pending()).length > 0) await tick()
    stop.abort()
    expect(await running).toBeUndefined()
    await settle(a)
    expect(titles(a)).toEqual(['by itself'])
  })
})
