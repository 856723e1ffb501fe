/** The rules of the queue and of incoming records, one by one (turtl §6.3–6.5, §9, traps 25–33). */
import { describe, expect, test } from 'vitest'
import { BATCH_LIMIT, createMemoryTurtlStore, decodeSyncRecord, encodeSyncRecord, type SyncRecord, type WireFields } from '../src/index'
import { applyBatch, applyFullSync } from '../src/sync/incoming'
import { nextBatch, settleBatch, thawed } from '../src/sync/outgoing'
import { loadState, type ServerState } from '../src/sync/server-state'

const record = (id: string, over: Partial<SyncRecord> = {}): SyncRecord => ({
  ...encodeSyncRecord(id, '7', { action: 'edit', type: 'note', item_id: 'aa', data: { id: 'aa', space_id: '01', body: id } }),
  ...over,
})

describe('the outgoing queue', () => {
  test('is sent from its beginning to the first frozen record, at most 32 at once', () => {
    const many = Array.from({ length: 50 }, (_, i) => record(String(i).padStart(3, '0')))
    expect(nextBatch(many)).toEqual(many.slice(0, BATCH_LIMIT))
    expect(nextBatch([record('1'), record('2', { frozen: true }), record('3')])).toEqual([record('1')])
    expect(nextBatch([record('1', { frozen: true }), record('2')])).toEqual([])
  })

  async function settled(queue: readonly SyncRecord[], result: Partial<Parameters<typeof settleBatch>[1]>) {
    const store = createMemoryTurtlStore()
    return store.transact((tx) => {
      for (const waiting of queue) tx.put('queue', waiting.id, waiting)
      settleBatch(tx, { success: [], failures: [], blocked: [], ...result })
      return { queue: tx.list('queue'), notes: tx.list('note'), written: tx.list('written') }
    })
  }

  test('loses what arrived, and nothing that is in no list of the answer', async () => {
    const { queue, notes, written } = await settled([record('1'), record('2')], { success: [{ id: '1', syncIds: ['9', '10'], data: {} }] })
    expect(queue).toEqual([record('2')])
    expect(notes).toMatchObject([{ body: '1' }])
    expect(written).toEqual([{ kind: 'note', id: 'aa', syncIds: ['9', '10'] }])
  })

  test('counts four failures and freezes on the fifth; thawed, it counts from nothing', async () => {
    let queue: readonly SyncRecord[] = [record('1')]
    for (let failure = 1; failure <= 5; failure++) {
      queue = (await settled(queue, { failures: [{ id: '1', code: 404, reason: 'gone' }] })).queue
      expect(queue).toMatchObject([{ frozen: failure === 5, error: { code: 404, msg: 'gone' } }])
    }
    const again = thawed(queue[0] as SyncRecord)
    expect((await settled([again], { failures: [{ id: '1', reason: '' }] })).queue).toMatchObject([{ errcount: 1, frozen: false }])
  })

  test('answers about records that are not waiting any more change nothing', async () => {
    expect(await settled([], { success: [{ id: '1', syncIds: ['9'], data: {} }], failures: [{ id: '2', reason: '' }] })).toEqual({
      queue: [],
      notes: [],
      written: [],
    })
  })

  test('a space that was deleted takes along what had failed in it before', async () => {
    const deletion = record('2', { action: 'delete', type: 'space', item_id: '01', data: { id: '01' } })
    const { queue } = await settled([record('1'), deletion, record('3')], { success: [{ id: '2', syncIds: ['9'], data: {} }] })
    expect(queue.map(({ id }) => id)).toEqual(['3'])
  })

  test('a file that was removed takes nothing along: an edit of its note that failed before is sent again', async () => {
    const removal = record('2', { action: 'delete', type: 'file', data: { id: 'aa' } })
    const { queue } = await settled([record('1'), removal], {
      success: [{ id: '2', syncIds: ['9'], data: {} }],
      failures: [{ id: '1', reason: '' }],
    })
    expect(queue.map(({ id }) => id)).toEqual(['1'])
  })
})

describe('incoming records', () => {
  const state = (over: Partial<Record<keyof ServerState, readonly WireFields[]>> = {}): ServerState => {
    const table = (rows: readonly WireFields[] = []) => new Map(rows.map((row) => [String(row.id), row]))
    return {
      user: table(over.user),
      keychain: table(over.keychain),
      space: table(over.space),
      board: table(over.board),
      note: table(over.note),
      invite: table(over.invite),
    }
  }
  const batch = (...records: readonly Record<string, unknown>[]) => ({ records: records.map(decodeSyncRecord), syncId: '99' })
  const note = (id: string, over: WireFields = {}) => ({ id, space_id: '01', body: 'b', ...over })
  const add = (type: string, data: WireFields, over: object = {}) => ({ id: 1, action: 'add', type, item_id: data.id, data, ...over })

  test('are upserts and deletions, whatever is there already, and harmless a second time (traps 30, 33)', () => {
    const records = batch(
      add('note', note('aa')),
      { ...add('note', note('bb')), action: 'edit' },
      { id: 2, action: 'delete', type: 'note', item_id: 'cc', data: { id: 'cc' } },
      { id: 3, action: 'delete', type: 'board', item_id: 'never seen', data: {} },
    )
    const once = applyBatch(state({ note: [note('cc')] }), records).state
    expect([...once.note.keys()]).toEqual(['aa', 'bb'])
    expect(applyBatch(once, records).state).toEqual(once)
  })

  test('that are of no known kind or shape stop none of the others', () => {
    const { state: after } = applyBatch(
      state(),
      batch(
        { type: 'note' },
        { id: 1, action: 'add', type: 'note', item_id: 'aa', data: null },
        { id: 1, action: 'add', type: 'note', item_id: 'aa', data: { id: 'bb' } },
        { id: 1, action: 'add', type: 'hologram', item_id: 'aa', data: { id: 'aa' } },
        { id: 1, action: 'implode', type: 'note', item_id: 'dd', data: note('dd') },
        add('note', note('cc')),
      ),
    )
    expect([...after.note.keys()]).toEqual(['dd', 'cc'])
  })

  test('of an object that was gone when the log was read take it away: what a deleted space took along has no other (§6.4)', () => {
    for (const gone of [{ data: { missing: true } }, { missing: true }, { missing: true, data: note('aa') }]) {
      const { state: after, touched } = applyBatch(
        state({ note: [note('aa')] }),
        batch({ id: 1, action: 'edit', type: 'note', item_id: 'aa', ...gone }),
      )
      expect([after.note.size, touched.get('note:aa')]).toMatchObject([0, { syncId: '100' }])
    }
  })

  test('with a space goes what is in it, and what comes after is there again (§6.8)', () => {
    const before = state({
      space: [{ id: '01' }, { id: '02' }],
      board: [note('b1')],
      note: [note('n1'), note('n2', { space_id: '02' }), note('n3')],
    })
    const { state: after, touched } = applyBatch(
      before,
      batch(
        { id: 5, action: 'delete', type: 'space', item_id: '01', data: { id: '01' } },
        add('space', { id: '01' }),
        add('note', note('n3')),
      ),
    )
    expect([...after.note.keys()]).toEqual(['n2', 'n3'])
    expect([...after.space.keys()]).toEqual(['02', '01'])
    expect([...touched.keys()].sort()).toEqual(['board:b1', 'note:n1', 'note:n3', 'space:01'])
  })

  test('a space that was added twice is listed once without members, and keeps them (§9)', () => {
    const { state: after } = applyBatch(state(), batch(add('space', { id: '01', members: [{ id: '3' }] }), add('space', { id: '01' })))
    expect(after.space.get('01')).toMatchObject({ members: [{ id: '3' }] })
  })

  test('what a share expands to has no sequence number, and counts as of the end of the answer (§9)', () => {
    const { touched } = applyBatch(state(), batch({ action: 'add', type: 'note', item_id: 'aa', data: note('aa') }))
    expect(touched.get('note:aa')?.syncId).toBe('99')
  })

  test('a file is to be downloaded, and is no object; the deletion of one is nothing', () => {
    const { state: after, files } = applyBatch(
      state(),
      batch(add('file', note('aa')), { id: 2, action: 'delete', type: 'file', item_id: 'bb', data: {} }),
    )
    expect([after.note.size, [...files]]).toEqual([0, [['aa', '1']]])
  })

  test('a full sync says what there is, and so what there is no more (§6.5)', () => {
    const before = state({ note: [note('aa'), note('bb')], board: [note('cc')] })
    const { state: after, touched } = applyFullSync(before, batch(add('note', note('aa'), { id: 0 })))
    expect([after.note.size, after.board.size]).toEqual([1, 0])
    expect([...touched.keys()].sort()).toEqual(['board:cc', 'note:aa', 'note:bb'])
  })

  test('a user keeps what a record does not say', () => {
    const { state: after } = applyBatch(
      state({ user: [{ id: '7', body: 'b', name: 'n' }] }),
      batch(add('user', { id: 7, body: 'c' }, { item_id: 7 })),
    )
    expect(after.user.get('7')).toMatchObject({ body: 'c', name: 'n' })
  })

  test('what is stored comes back', async () => {
    const store = createMemoryTurtlStore()
    const stored = await store.transact((tx) => {
      tx.put('note', 'aa', note('aa'))
      return loadState(tx)
    })
    expect(stored).toEqual(state({ note: [note('aa')] }))
  })
})
