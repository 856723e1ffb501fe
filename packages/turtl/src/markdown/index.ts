export { safeFileName, safeName } from './file-name'
export { ATTACHMENTS, type FolderPlace, hasAttachment, type MarkdownPlan, type NotePlace, planMarkdown } from './plan-markdown'
export { holdsPassword, renderNote, renderNoteWithAttachment } from './render-note'
