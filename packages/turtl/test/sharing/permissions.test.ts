import { expect, test } from 'vitest'
import { mayDo, PERMISSIONS, type Permission, ROLES, roleIn } from '../../src/index'

/** The table of turtl §5.4, as it stands there. */
const TABLE: Readonly<Record<Permission, string>> = {
  'edit-space': 'owner admin',
  'edit-space-member': 'owner admin',
  'delete-space-member': 'owner admin',
  'add-space-invite': 'owner admin',
  'edit-space-invite': 'owner admin',
  'delete-space-invite': 'owner admin',
  'add-board': 'owner admin moderator',
  'edit-board': 'owner admin moderator',
  'delete-board': 'owner admin moderator',
  'add-note': 'owner admin moderator member',
  'edit-note': 'owner admin moderator member',
  'delete-note': 'owner admin moderator member',
  'set-space-owner': 'owner',
  'delete-space': 'owner',
}

test.each(Object.entries(TABLE))('%s is for %s alone (turtl §5.4)', (permission, roles) => {
  expect(ROLES.filter((role) => mayDo(role, permission as Permission)).join(' ')).toBe(roles)
})

test('the table is whole', () => {
  expect(Object.keys(TABLE).sort()).toEqual([...PERMISSIONS].sort())
})

test('the owner of a space passes every check, whatever the list of members says', () => {
  const member = { id: '1', user_id: '7', space_id: 's', username: 'a', role: 'guest', created: '' } as const
  expect(roleIn({ user_id: '7', members: [member] }, '7')).toBe('owner')
  expect(roleIn({ user_id: '8', members: [member] }, '7')).toBe('guest')
  expect(roleIn({ user_id: '8', members: [] }, '7')).toBeUndefined()
})
