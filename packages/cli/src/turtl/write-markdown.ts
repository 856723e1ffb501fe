import type { Note } from '@holdfast/turtl'
import { hasAttachment, type NotePlace, planMarkdown, renderNote, renderNoteWithAttachment } from '@holdfast/turtl/markdown'
import type { WriteWorld, Written } from './export-account'
import { REPORT_FILES } from './export-report'

/** Files that are written at once: enough for a disk to put their flushes together. */
const AT_ONCE = 32

/** A folder of Markdown notes: attachments first, one at a time, so that each note knows whether its own is there. */
export async function writeMarkdown({ folder, source, attachments, step }: WriteWorld): Promise<Written> {
  const { folders, notes } = planMarkdown(source.contents, REPORT_FILES)
  for (const { path } of folders) await folder.makeFolder(path)
  const withAttachment = notes.filter(({ note }) => hasAttachment(note))
  const total = withAttachment.length + notes.length
  const written = new Set<Note>()
  let bytes = 0
  let done = 0
  for (const { note, attachmentPath = '' } of withAttachment) {
    const content = await attachments.read(note)
    if (content) {
      await folder.write(attachmentPath, content)
      written.add(note)
      bytes += content.length
    }
    step(++done, total)
  }
  const render = (place: NotePlace) => (written.has(place.note) ? renderNoteWithAttachment(place) : renderNote(place))
  for (let at = 0; at < notes.length; at += AT_ONCE) {
    const batch = notes.slice(at, at + AT_ONCE)
    await Promise.all(batch.map((place) => folder.write(place.path, render(place))))
    done += batch.length
    step(done, total)
  }
  return { attachments: written.size, attachmentBytes: bytes, folders }
}
