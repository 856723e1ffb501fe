/**
 * One note as a Markdown file: front matter (YAML 1.2, every text in double quotes, so that readers of YAML 1.1 take
 * `no` and `12:30` for text as well), the text as it is, and below it what can be followed: address and attachment.
 * Everything the note holds is in the front matter or in the text; what nobody knows stands there under `turtl_other`.
 */
import { stringify } from 'yaml'
import { createdAt } from '../ids'
import type { NoteData } from '../models/note'
import { ATTACHMENTS, type NotePlace } from './plan-markdown'

/** Turtl keeps the index (turtl §4.4). */
const COLORS = ['none', 'blue', 'red', 'green', 'purple', 'pink', 'brown', 'black']
const KNOWN: readonly (keyof NoteData)[] = ['type', 'title', 'tags', 'url', 'username', 'password', 'text', 'embed', 'color', 'file']
/** Dates of JavaScript end there. */
const LAST_MS = 8.64e15

/**
 * The file of a note whose attachment, if it has one, is not there.
 *
 * @example
 * ```ts
 * const markdown = renderNote(place) // '---\ntitle: "Paella"\n…---\n\nSaffron first.\n'
 * ```
 */
export function renderNote(place: NotePlace): string {
  return render(place, undefined)
}

/** The file of a note whose attachment lies at `place.attachmentPath`: it links there. */
export function renderNoteWithAttachment(place: NotePlace): string {
  return render(place, place.attachmentPath)
}

function render({ note, space, board }: NotePlace, attachmentPath: string | undefined): string {
  const { data } = note
  const attachment =
    attachmentPath === undefined ? undefined : `${ATTACHMENTS}/${attachmentPath.slice(attachmentPath.lastIndexOf('/') + 1)}`
  const fields = {
    ...(holdsPassword(data) ? { warning: 'this file holds a password in the clear' } : {}),
    title: data.title,
    type: data.type,
    created: isoTime(createdAt(note.id)),
    modified: isoTime(note.mod === undefined ? undefined : note.mod * 1000),
    space,
    board,
    tags: data.tags,
    color: data.color === undefined ? undefined : (COLORS[data.color] ?? data.color),
    url: data.url,
    username: data.username,
    password: data.password,
    embed: data.embed,
    attachment,
    file: data.file,
    turtl_id: note.id,
    turtl_other: others(data),
  }
  const frontMatter = stringify(withoutAbsent(fields), {
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    aliasDuplicateObjects: false,
  })
  const parts = [data.text, linkTo(data.url), attachment && embed(attachment, data)].filter((part) => part !== undefined && part !== '')
  return `---\n${frontMatter}---\n${parts.map((part) => `\n${part}\n`).join('')}`
}

export const holdsPassword = ({ password }: NoteData) => password !== undefined && password !== ''

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined || Math.abs(ms) > LAST_MS ? undefined : new Date(ms).toISOString()
}

const linkTo = (url: string | undefined) => (url !== undefined && /^(https?|ftp|mailto):[^\s<>]+$/i.test(url) ? `<${url}>` : undefined)

function embed(path: string, { type, file }: NoteData): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const isImage = type === 'image' || file?.type?.startsWith('image/') === true
  return `${isImage ? '!' : ''}[${name.replace(/[[\]]/g, '\\$&')}](${path.split('/').map(encodeSegment).join('/')})`
}

const encodeSegment = (name: string) => encodeURIComponent(name).replace(/[()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)

function others(data: NoteData): object | undefined {
  const unknown = Object.entries(data).filter(([name]) => !(KNOWN as readonly string[]).includes(name))
  return unknown.length > 0 ? Object.fromEntries(unknown) : undefined
}

const withoutAbsent = (fields: object) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
