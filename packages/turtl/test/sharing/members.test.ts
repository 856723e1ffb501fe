import { init } from '@holdfast/crypto'
import { expect, test } from 'vitest'
import { editMember, leaveSpace, removeMember, setOwner } from '../../src/index'
import { enrol, useTown } from './people'

const code = (expected: string) => expect.objectContaining({ code: expected })
const town = useTown()
const engine = await init({ backend: 'wasm' })

async function makeScene() {
  const alice = await town.join(engine, 'alice')
  const { objects, changes } = await alice.account.saveSpaces([{ data: { title: 'Shared' } }])
  const spaceId = objects[0]?.id ?? ''
  await alice.send(changes)
  const bob = await enrol(alice, spaceId, await town.join(engine, 'bob'), 'admin')
  const carol = await enrol(alice, spaceId, await town.join(engine, 'carol'), 'member')
  const roles = async () =>
    Object.fromEntries((await alice.synced()).account.spaces.get(spaceId)?.members.map(({ user_id, role }) => [user_id, role]) ?? [])
  return { alice: await alice.synced(), bob: await bob.synced(), carol: await carol.synced(), spaceId, roles }
}

test('an admin gives and takes roles up to the own one (§5.4)', async () => {
  const { alice, bob, carol, spaceId, roles } = await makeScene()
  await editMember(bob, spaceId, carol.id, 'moderator')
  expect(await roles()).toMatchObject({ [carol.id]: 'moderator' })
  await expect(editMember(bob, spaceId, carol.id, 'owner')).rejects.toEqual(code('role_above_own'))
  await expect(editMember(bob, spaceId, alice.id, 'guest')).rejects.toEqual(code('is_owner'))
  await expect(editMember(bob, spaceId, '999', 'guest')).rejects.toEqual(code('not_found'))
  await expect(editMember(bob, 'ff', carol.id, 'guest')).rejects.toEqual(code('not_found'))
})

test('a member may do none of it, and leave', async () => {
  const { bob, carol, spaceId, roles } = await makeScene()
  await expect(editMember(carol, spaceId, bob.id, 'guest')).rejects.toEqual(code('permission_denied'))
  await expect(removeMember(carol, spaceId, bob.id)).rejects.toEqual(code('permission_denied'))
  await expect(setOwner(carol, spaceId, carol.id)).rejects.toEqual(code('permission_denied'))
  await leaveSpace(carol, spaceId)
  expect(await roles()).not.toHaveProperty(carol.id)
})

test('who is removed loses access at the server, and keeps the key (§5.5)', async () => {
  const { alice, bob, carol, spaceId } = await makeScene()
  await removeMember(bob, spaceId, carol.id)
  await expect(removeMember(await bob.synced(), spaceId, carol.id)).rejects.toEqual(code('not_found'))
  expect((await carol.synced()).account.spaces.size).toBe(0)
  expect(carol.account.keyOf(spaceId)?.expose()).toEqual(alice.account.keyOf(spaceId)?.expose())
})

test('only a member can become the owner, and only by the owner', async () => {
  const { alice, bob, spaceId, roles } = await makeScene()
  await expect(setOwner(bob, spaceId, bob.id)).rejects.toEqual(code('permission_denied'))
  await expect(setOwner(alice, spaceId, '999')).rejects.toEqual(code('not_found'))
  await setOwner(alice, spaceId, bob.id)
  expect(await roles()).toMatchObject({ [alice.id]: 'admin', [bob.id]: 'owner' })
})
