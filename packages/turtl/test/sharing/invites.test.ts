import type { Engine } from '@holdfast/crypto'
import { fingerprintOf, makeInvitePassphrase, openInvite, type SealedInvite } from '@holdfast/keys'
import { createFaultyFetch, type Fault } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../../wire/test/every-engine'
import {
  acceptInvite,
  checkWireShape,
  declineInvite,
  editInvite,
  fetchRecipient,
  type InviteDraft,
  leaveSpace,
  makeInvite,
  resumeInvites,
  revokeInvite,
  sendInvite,
  setOwner,
} from '../../src/index'
import { type Person, share, useTown } from './people'

const code = (expected: string) => expect.objectContaining({ code: expected })
const town = useTown()

async function withSpace(engine: Engine) {
  const alice = await town.join(engine, 'alice')
  const { objects, changes } = await alice.account.saveSpaces([{ data: { title: 'Recipes', color: '#408080' } }])
  const spaceId = objects[0]?.id ?? ''
  await alice.send(changes)
  const { changes: inside } = await alice.account.saveNotes([{ space_id: spaceId, data: { type: 'text', title: 'Paella' } }])
  await alice.send(inside)
  return { alice: await alice.synced(), spaceId }
}

const keysFor = async (person: Person, spaceId: string) =>
  (await person.records()).filter(({ type, data }) => type === 'keychain' && data.item_id === spaceId).length
const invitesFor = async (person: Person) => (await person.records()).flatMap(({ type, data }) => (type === 'invite' ? [data] : []))

describeOnEveryEngine('an invite that is made (turtl §5.1, §5.2)', (engine) => {
  async function draftFor(more: Partial<InviteDraft> = {}) {
    const { alice, spaceId } = await withSpace(engine)
    const bob = await town.join(engine, 'bob')
    const recipient = await fetchRecipient(alice.client, 'Bob@Example.com')
    const draft: InviteDraft = { spaceId, to: 'Bob@Example.com', role: 'member', title: 'Come and see', ...more }
    return { alice, bob, spaceId, draft, publicKey: recipient?.publicKey ?? new Uint8Array() }
  }
  const passphrase = makeInvitePassphrase(engine.random)

  test('is refused when anybody could read it, unless that is named', async () => {
    const { alice, draft } = await draftFor()
    await expect(makeInvite(alice, draft)).rejects.toEqual(code('weak_invite'))
    const made = await makeInvite(alice, { ...draft, accept: ['open-to-anyone'] })
    expect(made).toMatchObject({ protection: 'none', weaknesses: ['open-to-anyone'] })
    expect(openInvite(engine, made.invite, null).expose()).toEqual(alice.account.keyOf(draft.spaceId)?.expose())
  })

  test('is refused with a passphrase that somebody thought of, unless that is named', async () => {
    const { alice, draft } = await draftFor({ passphrase: 'open sesame' })
    await expect(makeInvite(alice, draft)).rejects.toEqual(code('weak_invite'))
    await expect(makeInvite(alice, { ...draft, accept: ['open-to-anyone'] })).rejects.toEqual(code('weak_invite'))
    expect(await makeInvite(alice, { ...draft, accept: ['chosen-passphrase'] })).toMatchObject({
      protection: 'passphrase',
      weaknesses: ['chosen-passphrase'],
    })
  })

  test('is refused for a public key that nobody compared, whatever the passphrase, unless that is named', async () => {
    const { alice, draft, publicKey } = await draftFor()
    for (const [more, protection] of [
      [{}, 'public-key'],
      [{ passphrase }, 'public-key-and-passphrase'],
    ] as const) {
      const weak = { ...draft, ...more, recipient: { publicKey } }
      await expect(makeInvite(alice, weak)).rejects.toEqual(code('weak_invite'))
      expect(await makeInvite(alice, { ...weak, accept: ['unverified-public-key'] })).toMatchObject({
        protection,
        weaknesses: ['unverified-public-key'],
      })
    }
  })

  test('is sound with a made passphrase, with a compared public key, and with both', async () => {
    const { alice, bob, draft, publicKey } = await draftFor()
    const recipient = { publicKey, readOutFingerprint: ` ${fingerprintOf(publicKey).replaceAll(' ', '-')} ` }
    for (const [more, protection] of [
      [{ passphrase }, 'passphrase'],
      [{ recipient }, 'public-key'],
      [{ passphrase, recipient }, 'public-key-and-passphrase'],
      [{ passphrase: 'open sesame', recipient }, 'public-key-and-passphrase'],
    ] as const) {
      const made = await makeInvite(alice, { ...draft, ...more })
      expect(made).toMatchObject({ protection, weaknesses: [] })
      checkWireShape('invite', made.invite)
      expect(made.invite).toMatchObject({ to_user: 'bob@example.com', from_user_id: Number(alice.id), from_username: alice.username })
    }
    expect(bob.account.user.pubkey).toBeDefined()
  })

  test('never goes to a key whose fingerprint is another than the one read out', async () => {
    const { alice, draft, publicKey } = await draftFor()
    const mallory = engine.sealedBox.makeKeyPair().publicKey
    const recipient = { publicKey: mallory, readOutFingerprint: fingerprintOf(publicKey) }
    await expect(makeInvite(alice, { ...draft, recipient, accept: ['unverified-public-key'] })).rejects.toEqual(
      code('fingerprint_mismatch'),
    )
  })

  test('is refused without the permission, above the own role, and for who is in already', async () => {
    const { alice, bob, draft, spaceId } = await draftFor({ passphrase })
    const member = await share(alice, spaceId, bob, 'member')
    const carol = { ...draft, to: 'carol@example.com' }
    await expect(makeInvite(member, carol)).rejects.toEqual(code('permission_denied'))
    const admin = await share(alice, spaceId, await town.join(engine, 'dave'), 'admin')
    await expect(makeInvite(admin, { ...carol, role: 'owner' })).rejects.toEqual(code('role_above_own'))
    await expect(makeInvite(await alice.synced(), draft)).rejects.toEqual(code('already_member'))
    await expect(makeInvite(alice, { ...draft, spaceId: 'ff' })).rejects.toEqual(code('not_found'))
  })

  test('says nothing secret in a refusal', async () => {
    const { alice, draft } = await draftFor({ passphrase: 'open sesame' })
    const error: Error = await makeInvite(alice, draft).catch((thrown) => thrown)
    expect(error.message).not.toContain('sesame')
  })
})

describeOnEveryEngine('an invite on its way (turtl §5.3)', (engine) => {
  const passphrase = makeInvitePassphrase(engine.random)

  async function sent(more: Partial<InviteDraft> = {}, network?: Parameters<typeof town.join>[2]) {
    const { alice, spaceId } = await withSpace(engine)
    const bob = await town.join(engine, 'bob', network)
    const draft = { spaceId, to: bob.username, role: 'member', title: 'Come and see', passphrase, ...more } as const
    await sendInvite(alice, draft)
    const [invite = {}] = await invitesFor(bob)
    return { alice: await alice.synced(), bob, spaceId, draft, invite }
  }

  test('is accepted: the recipient is a member, and the key is in the own keychain', async () => {
    const { bob, spaceId, invite } = await sent()
    expect(await acceptInvite(bob, invite, passphrase)).toMatchObject({ kind: 'accepted', space: { data: { title: 'Recipes' } } })
    expect(bob.account.spaces.get(spaceId)?.members.map(({ username }) => username)).toContain('bob@example.com')
    const elsewhere = await bob.onAnotherDevice()
    expect([...elsewhere.account.notes.values()].map(({ data }) => data.title)).toEqual(['Paella'])
    expect(await invitesFor(bob)).toEqual([])
  })

  test('is accepted with the key pair when it is sealed to it', async () => {
    const { alice, spaceId } = await withSpace(engine)
    const bob = await town.join(engine, 'bob')
    const { publicKey = new Uint8Array() } = (await fetchRecipient(alice.client, bob.username)) ?? {}
    const recipient = { publicKey, readOutFingerprint: fingerprintOf(publicKey) }
    await sendInvite(alice, { spaceId, to: bob.username, role: 'guest', title: 'Look', passphrase, recipient })
    const [invite = {}] = await invitesFor(bob)
    expect(await acceptInvite(bob, invite, passphrase)).toMatchObject({ kind: 'accepted' })
  })

  test('with a wrong passphrase nothing is sent, and it can be tried again', async () => {
    const { bob, spaceId, invite } = await sent()
    await expect(acceptInvite(bob, invite, 'wrong')).rejects.toEqual(code('auth_failed'))
    await expect(acceptInvite(bob, invite, null)).rejects.toEqual(code('auth_failed'))
    expect(await keysFor(bob, spaceId)).toBe(0)
    expect(await acceptInvite(bob, invite, passphrase)).toMatchObject({ kind: 'accepted' })
  })

  test('the keychain entry is on the server before the server is asked to accept', async () => {
    const asked: string[] = []
    const { bob, invite } = await sent({}, (fetch) => (url, init) => {
      asked.push(`${init?.method} ${new URL(url).pathname.replace(/[0-9a-f]{80}/g, '*')}`)
      return fetch(url, init)
    })
    asked.length = 0
    await acceptInvite(bob, invite, passphrase)
    expect(asked).toEqual(['POST /sync', 'POST /spaces/*/invites/accepted/*'])
  })

  test.each(['drop-request', 'drop-answer', 'duplicate', 'truncate-answer'] as const)(
    'whatever request is broken off (%s), the one device goes on, and so does one that has lost everything',
    async (fault: Fault) => {
      for (const at of [0, 1]) {
        await town.reset()
        let armed = Number.POSITIVE_INFINITY
        let requests = 0
        const { bob, spaceId, invite } = await sent({}, (fetch) => {
          const faulty = createFaultyFetch(fetch, () => fault)
          return (url, init) => (requests++ === armed ? faulty : fetch)(url, init)
        })
        armed = requests + at
        const first = await acceptInvite(bob, invite, passphrase).catch((error) => error)
        if (fault !== 'duplicate') expect(first).toMatchObject({ retry: { safe: true } })
        const isMember = (await bob.records()).some(({ type, data }) => type === 'space' && data.id === spaceId)
        if (isMember) expect([...(await bob.onAnotherDevice()).account.spaces.keys()]).toContain(spaceId)
        const again = first.kind === 'accepted' ? [first] : await resumeInvites(bob)
        expect(again).toMatchObject([{ kind: 'accepted' }])
        expect(await keysFor(bob, spaceId)).toBe(1)
        expect(await resumeInvites(bob)).toEqual([])
        expect((await bob.synced()).account.notes.size).toBe(1)
      }
    },
  )

  test('one that was revoked meanwhile is refused, and leaves no key behind', async () => {
    const { alice, bob, spaceId, invite } = await sent()
    await revokeInvite(alice, spaceId, String(invite.id))
    expect(await acceptInvite(bob, invite, passphrase)).toMatchObject({ kind: 'refused', status: 404 })
    expect(await keysFor(bob, spaceId)).toBe(0)
    expect(await resumeInvites(bob)).toEqual([])
  })

  test('one that names a space of one’s own is refused: its key would take the place of the right one (§7.2)', async () => {
    const { alice, spaceId } = await withSpace(engine)
    const mallory = await town.join(engine, 'mallory')
    const { objects } = await mallory.account.saveSpaces([{ data: { title: 'Trap' } }])
    const forged = await makeInvite(mallory, { spaceId: objects[0]?.id ?? '', to: alice.username, role: 'member', title: '', passphrase })
    await expect(acceptInvite(alice, { ...forged.invite, space_id: spaceId }, passphrase)).rejects.toEqual(code('already_member'))
    expect(await keysFor(alice, spaceId)).toBe(1)
  })

  test('one with the key of something else makes a member who knows that it does not open', async () => {
    const { alice, spaceId } = await withSpace(engine)
    const bob = await town.join(engine, 'bob')
    const other = await alice.account.saveSpaces([{ data: { title: 'Other' } }])
    const { invite } = await makeInvite(alice, {
      spaceId: other.objects[0]?.id ?? '',
      to: bob.username,
      role: 'member',
      title: '',
      passphrase,
    })
    await alice.client.sendInvite(spaceId, { ...invite, space_id: spaceId })
    expect(await acceptInvite(bob, { ...invite, space_id: spaceId }, passphrase)).toEqual({ kind: 'wrong-key', spaceId })
    expect(await keysFor(bob, spaceId)).toBe(0)
    const synced = await bob.synced()
    expect(synced.account.unreadable.map(({ id }) => id)).toContain(spaceId)
  })

  test('is declined by the one it is for', async () => {
    const { alice, bob, spaceId, invite } = await sent()
    await declineInvite(bob, invite)
    expect(await invitesFor(bob)).toEqual([])
    expect((await alice.synced()).account.spaces.get(spaceId)?.invites).toEqual([])
  })

  test('is edited in its role alone', async () => {
    const { alice, bob, spaceId, invite } = await sent()
    await editInvite(alice, spaceId, String(invite.id), 'guest')
    const [edited = {}] = await invitesFor(bob)
    expect(edited).toEqual({ ...invite, role: 'guest' })
    await expect(editInvite(alice, spaceId, 'ff', 'guest')).rejects.toEqual(code('not_found'))
    await acceptInvite(bob, edited, passphrase)
    expect((await alice.synced()).account.spaces.get(spaceId)?.members.find(({ user_id }) => user_id === bob.id)?.role).toBe('guest')
  })

  test('a second one to the same address is an error, though the server answers with the first (§5.3)', async () => {
    const { alice, bob, spaceId, draft, invite } = await sent()
    await expect(sendInvite(alice, draft)).rejects.toEqual(code('already_invited'))
    const behind = await alice.onAnotherDevice()
    const space = behind.account.spaces.get(spaceId)
    ;(space as { invites: unknown }).invites = [] // as on a device that has not heard of the first
    await expect(sendInvite(behind, { ...draft, passphrase: makeInvitePassphrase(engine.random) })).rejects.toEqual(code('already_invited'))
    expect(openInvite(engine, (await invitesFor(bob))[0] as unknown as SealedInvite, passphrase).expose()).toEqual(
      openInvite(engine, invite as unknown as SealedInvite, passphrase).expose(),
    )
  })

  test('to an address without account waits for it', async () => {
    const { alice, spaceId } = await withSpace(engine)
    expect(await fetchRecipient(alice.client, 'bob@example.com')).toBeUndefined()
    await sendInvite(alice, { spaceId, to: 'bob@example.com', role: 'member', title: 'Come', passphrase })
    const bob = await town.join(engine, 'bob')
    const [invite = {}] = await invitesFor(bob)
    expect(await acceptInvite(bob, invite, passphrase)).toMatchObject({ kind: 'accepted' })
  })

  test('who left can be invited again; an owner cannot leave, and becomes an admin when somebody else owns', async () => {
    const { alice, spaceId } = await withSpace(engine)
    const bob = await share(alice, spaceId, await town.join(engine, 'bob'), 'admin')
    await expect(leaveSpace(alice, spaceId)).rejects.toEqual(code('is_owner'))
    await leaveSpace(bob, spaceId)
    expect((await bob.synced()).account.spaces.size).toBe(0)
    const back = await share(await alice.synced(), spaceId, await bob.synced(), 'member')
    expect(back.account.notes.size).toBe(1)
    await setOwner(await alice.synced(), spaceId, bob.id)
    const { members = [], user_id } = (await alice.synced()).account.spaces.get(spaceId) ?? {}
    expect(user_id).toBe(bob.id)
    expect(members.map(({ role }) => role).sort()).toEqual(['admin', 'owner'])
  })
})
