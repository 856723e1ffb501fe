/**
 * What the server keeps of an object (turtl §4.4, §6.8): known fields of the right type; others are dropped. It never
 * looks inside `body` or `keys`, and converts nothing.
 */
import { isObject } from '@holdfast/base'
import type { Members } from './context'
import { Refusal } from './refusal'

interface Rule {
  readonly expected: string
  readonly isRequired?: true
  accepts(value: unknown): boolean
}

const id: Rule = { expected: 'an id of hex digits', accepts: (value) => typeof value === 'string' && /^[0-9a-f]+$/.test(value) }
const integer: Rule = { expected: 'an integer that is not zero', accepts: (value) => Boolean(Number.parseInt(String(value), 10)) }
const text: Rule = { expected: 'text', accepts: (value) => typeof value === 'string' }
const email: Rule = { expected: 'an e-mail address', accepts: (value) => typeof value === 'string' && value.includes('@') }
const flag: Rule = { expected: 'true or false', accepts: (value) => typeof value === 'boolean' }
const list: Rule = { expected: 'a list', accepts: Array.isArray }
const object: Rule = { expected: 'an object', accepts: isObject }
const required = (rule: Rule): Rule => ({ ...rule, isRequired: true })

const RULES = {
  user: { username: required(email), pubkey: text, name: text, body: required(text) },
  keychain: { id: required(id), type: required(text), item_id: required(id), user_id: integer, body: required(text) },
  space: { id: required(id), user_id: integer, body: required(text) },
  board: { id: required(id), space_id: required(id), user_id: integer, keys: list, body: required(text) },
  note: {
    id: required(id),
    space_id: required(id),
    board_id: id,
    user_id: integer,
    has_file: flag,
    file: object,
    mod: integer,
    keys: list,
    body: required(text),
  },
  'note.file': { size: integer, body: text },
  invite: {
    id: required(id),
    space_id: required(id),
    from_user_id: integer,
    to_user: required(email),
    role: required(text),
    is_passphrase_protected: flag,
    is_pubkey_protected: flag,
    title: text,
    body: required(text),
  },
} satisfies Record<string, Record<string, Rule>>

export type Kind = keyof typeof RULES

/** @throws {Refusal} 400: a required field is missing, or a field has another type. Null is no value, and stays. */
export function validate(kind: Kind, sent: unknown): Members {
  if (!isObject(sent)) throw new Refusal(400, `${kind}: expected an object`)
  const kept: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries<Rule>(RULES[kind])) {
    const value = sent[name]
    if (value !== undefined && value !== null && !rule.accepts(value)) throw new Refusal(400, `${kind}.${name}: expected ${rule.expected}`)
    if (rule.isRequired && (value === undefined || value === null)) throw new Refusal(400, `${kind}.${name} is missing`)
    if (value !== undefined) kept[name] = name === 'file' && value !== null ? validate('note.file', value) : value
  }
  return kept
}
