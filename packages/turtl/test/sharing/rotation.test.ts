import { encodeBase64, encodeUtf8 } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import { sealEnvelope } from '@holdfast/wire'
import { describe, expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../../wire/test/every-engine'
import { checkWireShape, encodeSyncRecord, type ModelKind, rotateSpace, sendInvite } from '../../src/index'
import { enrol, useTown } from './people'
import { Attacker, expectRotated, makeScene, rotate, sentSince, storedIn, TEXTS, textsOf } from './rotation-scene'

const code = (expected: string) => expect.objectContaining({ code: expected })
const town = useTown()
const wasm = await init({ backend: 'wasm' })

describeOnEveryEngine('a space that is rotated when a member is removed', (engine) => {
  test('nothing that is written later opens with any key the removed member ever held', async () => {
    const scene = await makeScene(town, engine)
    const { alice, bob, mallory, spaceId, attacker } = scene
    expect(attacker.opens(await storedIn(alice, spaceId))).toBe((await storedIn(alice, spaceId)).length) // they do read it before

    const rotated = await rotateSpace(alice, { spaceId, remove: [mallory.id] })
    expect(rotated).toMatchObject({ left: [], overlaps: [], damagedAttachments: [], isComplete: true })
    expect(rotated.toInvite.map(({ username, role }) => [username, role])).toEqual([[bob.username, 'moderator']])
    expect(rotated.rekeyed).toHaveLength(5)

    const owner = await alice.synced()
    const again = await enrol(owner, rotated.spaceId, bob, 'moderator')
    const added = await again.account.saveNotes([
      { space_id: rotated.spaceId, board_id: [...again.account.boards.keys()][0] ?? null, data: { type: 'text', text: 'written later' } },
    ])
    await again.send(added.changes)
    const edited = [...again.account.notes.values()].find(({ data }) => data.text === 'secret 1')
    await again.send((await again.account.saveNotes(edited ? [{ ...edited, data: { ...edited.data, text: 'edited later' } }] : [])).changes)

    const later = sentSince(scene)
    expect(later.length).toBeGreaterThan(20)
    expect(attacker.opens(later)).toBe(0)
    await expectRotated(scene, rotated.spaceId, ['secret 0', 'edited later', 'secret 2', 'secret 3', 'written later'])
    expect(new Attacker(engine).learn(again.account, 3).opens(later)).toBeGreaterThan(20) // the test would see what opens
  })

  test('with keys for boards alone, new notes are closed and later versions of the old ones are not', async () => {
    const scene = await makeScene(town, engine)
    const { alice, mallory, spaceId, attacker } = scene
    const { spaceId: to, rekeyed } = await rotateSpace(alice, { spaceId, remove: [mallory.id], rekey: 'boards' })
    expect(rekeyed).toHaveLength(1)
    expect(attacker.opens(sentSince(scene))).toBe(0)

    const owner = await alice.synced()
    const inBoard = [...owner.account.notes.values()].find(({ board_id }) => board_id !== null)
    const [boardId = null] = owner.account.boards.keys()
    await owner.send((await owner.account.saveNotes([{ space_id: to, board_id: boardId, data: { type: 'text', text: 'new' } }])).changes)
    expect(attacker.opens(sentSince(scene))).toBe(0)
    await owner.send((await owner.account.saveNotes(inBoard ? [{ ...inBoard, data: { ...inBoard.data, text: 'later' } }] : [])).changes)
    expect(attacker.opens(sentSince(scene))).toBeGreaterThan(0)

    await rotateSpace(await owner.synced(), { spaceId: to, remove: [] }) // and all keys at last
    scene.before = new Set(scene.heard)
    const last = await owner.synced()
    await last.send(
      (await last.account.saveNotes([...last.account.notes.values()].map((note) => ({ ...note, data: { ...note.data, text: 'last' } }))))
        .changes,
    )
    expect(attacker.opens(sentSince(scene))).toBe(0)
  })
})

describe('a rotation', () => {
  test('leaves what it cannot open where it is, and says so', async () => {
    const scene = await makeScene(town, wasm)
    const [note] = [...scene.alice.account.notes.values()].filter(({ data }) => data.text === 'secret 3')
    const damaged = { ...note, data: undefined, body: sealEnvelopeBase64(new Uint8Array(32).fill(99)) }
    await scene.alice.send([{ action: 'edit', type: 'note', item_id: note?.id ?? '', data: damaged }])
    const rotated = await rotate(scene.alice, scene)
    expect(rotated).toMatchObject({ left: [{ id: note?.id, code: 'unreadable' }], isComplete: true })
    expect(textsOf(await scene.alice.synced(), rotated.spaceId)).toEqual(TEXTS.slice(0, 3))
  })

  test('names an attachment that opens with no key, and leaves it as it is', async () => {
    const scene = await makeScene(town, wasm)
    const [note] = [...scene.alice.account.notes.values()].filter(({ has_file }) => has_file)
    await scene.alice.client.uploadAttachment(note?.id ?? '', new Uint8Array(60))
    const rotated = await rotate(scene.alice, scene)
    expect(rotated).toMatchObject({ damagedAttachments: [note?.id], isComplete: true })
    expect(await scene.alice.client.fetchAttachment(note?.id ?? '')).toEqual(new Uint8Array(60))
  })

  test('revokes open invites to the old space, which carry its key', async () => {
    const scene = await makeScene(town, wasm)
    const passphrase = 'zoo zoo zoo zoo zoo zoo zoo zone'
    await sendInvite(scene.alice, { spaceId: scene.spaceId, to: 'carol@example.com', role: 'guest', title: '', passphrase })
    expect(await rotate(scene.alice, scene)).toMatchObject({ revoked: ['carol@example.com'] })
    expect((await scene.alice.synced()).account.spaces.get(scene.spaceId)?.invites).toEqual([])
  })

  test('is the owner’s alone, and waits for changes that have not been sent', async () => {
    const { alice, bob, spaceId } = await makeScene(town, wasm)
    await expect(rotateSpace(bob, { spaceId, remove: [] })).rejects.toEqual(code('not_owner'))
    await expect(rotateSpace(alice, { spaceId: 'ff', remove: [] })).rejects.toEqual(code('not_found'))
    const { changes } = await alice.account.saveNotes([{ space_id: spaceId, data: { type: 'text' } }])
    const record = encodeSyncRecord('01', alice.id, changes[0] as never)
    await alice.store.transact((tx) => tx.put('queue', record.id, record))
    await expect(rotateSpace(alice, { spaceId, remove: [] })).rejects.toEqual(code('pending_changes'))
  })

  test('keeps every object of the exact shape, at each step (§9)', async () => {
    const sent: { readonly type: string; readonly action: string; readonly data: Record<string, unknown> }[] = []
    const scene = await makeScene(town, wasm, (fetch) => (url, init) => {
      if (url.endsWith('/sync') && typeof init?.body === 'string') sent.push(...JSON.parse(init.body))
      return fetch(url, init)
    })
    sent.length = 0
    await rotate(scene.alice, scene)
    expect(new Set(sent.map(({ type, action }) => `${type}/${action}`))).toEqual(
      new Set(['keychain/add', 'space/add', 'board/move-space', 'note/move-space', 'board/edit', 'note/edit', 'keychain/edit']),
    )
    for (const { type, data } of sent) checkWireShape(type as ModelKind, data)
  })

  test('goes to no space that somebody else calls the successor', async () => {
    const scene = await makeScene(town, wasm)
    const { mallory, spaceId } = scene
    const mark = { holdfast: { succeeds: spaceId } }
    const { objects, changes } = await mallory.account.saveSpaces([{ data: { title: 'Family', ...mark } as never, inKeychain: mark }])
    const trap = objects[0]?.id ?? ''
    await mallory.send(changes)
    await enrol(await mallory.synced(), trap, scene.alice, 'admin')
    await mallory.client.setOwner(trap, scene.alice.id)
    const alice = await scene.alice.synced()
    expect(alice.account.spaces.get(trap)?.user_id).toBe(alice.id)
    const rotated = await rotate(alice, scene)
    expect(rotated.spaceId).not.toBe(trap)
    await expectRotated(scene, rotated.spaceId, TEXTS)
    expect(textsOf(await alice.synced(), trap)).toEqual([])
  })

  test('turns the settings to the successor', async () => {
    const scene = await makeScene(town, wasm)
    const { alice, spaceId } = scene
    await alice.send([alice.account.saveSettings({ default_space: spaceId, [`spaces:${spaceId}:sort`]: 'title', other: 1 })])
    const { spaceId: to } = await rotate(alice, scene)
    expect((await alice.synced()).account.user.data.settings).toEqual({ default_space: to, [`spaces:${to}:sort`]: 'title', other: 1 })
  })

  test('can be repeated, space after space', async () => {
    const scene = await makeScene(town, wasm)
    const first = await rotate(scene.alice, scene)
    const second = await rotateSpace(scene.alice, { spaceId: first.spaceId, remove: [] })
    expect(second.spaceId).not.toBe(first.spaceId)
    await expectRotated(scene, second.spaceId, TEXTS)
    for (const { spaceId } of [scene, first])
      expect(await rotateSpace(scene.alice, { spaceId, remove: [] })).toMatchObject({
        spaceId: second.spaceId,
        moved: [],
        rekeyed: [],
      })
  })
})

const sealEnvelopeBase64 = (key: Uint8Array) => encodeBase64(sealEnvelope(wasm, key, encodeUtf8('{}')))
