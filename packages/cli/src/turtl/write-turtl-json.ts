import { encodeBase64 } from '@holdfast/base'
import { exportAccount } from '@holdfast/turtl'
import { hasAttachment } from '@holdfast/turtl/markdown'
import type { WriteWorld, Written } from './export-account'

export const TURTL_EXPORT_FILE = 'turtl-export.json'

/** Turtl's own export (turtl §4.11), written as it comes: no more than one attachment is in memory. */
export async function writeTurtlJson({ folder, source, attachments, step }: WriteWorld): Promise<Written> {
  const { files: _, ...objects } = exportAccount(source.contents)
  const withAttachment = [...source.contents.notes.values()].filter(hasAttachment)
  let [count, bytes, done] = [0, 0, 0]

  async function* text(): AsyncGenerator<string, void, undefined> {
    yield JSON.stringify(objects).slice(0, -1)
    yield ',"files":['
    for (const note of withAttachment) {
      const content = await attachments.read(note)
      step(++done, withAttachment.length)
      if (!content) continue
      yield `${count === 0 ? '' : ','}${JSON.stringify({ id: note.id, body: null, data: encodeBase64(content) })}`
      count++
      bytes += content.length
    }
    yield ']}\n'
  }

  await folder.write(TURTL_EXPORT_FILE, text())
  return { attachments: count, attachmentBytes: bytes }
}
